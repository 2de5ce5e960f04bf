package cloud.lvs.backup.provider.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** One cluster that stays as it is; every place is a server of its own. */
class PostgresSourceContractTest extends SourceContract {
    private static final List<String> DATABASES = List.of("one", "other \"one\"");

    private static TestCluster origin;

    private final Map<String, TestCluster> places = new HashMap<>();

    @BeforeAll
    static void startOrigin() {
        origin = TestCluster.running();
        origin.execute("postgres", "CREATE ROLE somebody LOGIN PASSWORD 'x'");
        DATABASES.forEach(name -> SampleCluster.addSmall(origin, name));
    }

    @AfterAll
    static void stopOrigin() {
        origin.close();
    }

    @AfterEach
    void stopPlaces() {
        places.values().forEach(TestCluster::close);
        places.clear();
    }

    @Override
    protected Source newSource(ProviderContext context) {
        return new PostgresSourceProvider()
                .create(
                        CaptureBench.config(origin)
                                .contents(PostgresConfig.Contents.FINGERPRINTS)
                                .build(),
                        context);
    }

    @Override
    protected RestoreTarget.Place freshPlace() {
        TestCluster fresh = TestCluster.running();
        places.put(fresh.url(), fresh);
        return new RestoreTarget.Place(fresh.url());
    }

    private TestCluster clusterAt(RestoreTarget.Place place) {
        TestCluster cluster = places.get(place.location());
        if (cluster == null) {
            throw new IllegalStateException("no such place: " + place);
        }
        return cluster;
    }

    @Override
    protected boolean holdsNothing(RestoreTarget.Place place) {
        TestCluster cluster = clusterAt(place);
        return cluster.databases().equals(List.of("postgres", "template1"))
                && cluster.query("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'somebody'")
                        .isEmpty();
    }

    @Override
    protected void assertRestored(RestoreTarget.Place place) {
        TestCluster cluster = clusterAt(place);
        for (String name : DATABASES) {
            assertThat(ClusterState.database(cluster, name))
                    .containsExactlyInAnyOrderElementsOf(ClusterState.database(origin, name));
        }
        assertThat(cluster.query("postgres", "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'somebody'"))
                .containsExactly("t");
    }

    @Override
    protected Record restoreOptions() {
        return PostgresRestoreOptions.DEFAULTS;
    }
}
