package cloud.lvs.backup.provider.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.fixture.FakePrograms;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** One cluster that stays as it is; the places are servers, and are emptied for the next test. */
class PostgresSourceContractTest extends SourceContract {
    private static final List<String> DATABASES = List.of("one", "other \"one\"");

    private static TestCluster origin;

    private static final Map<String, TestCluster> PLACES = new HashMap<>();
    private static final String PASSWORD = "s3cret:of\\the superuser";

    @TempDir
    Path temporary = Path.of("");

    @BeforeAll
    static void startOrigin() {
        origin = TestCluster.plan().password(PASSWORD).start();
        origin.execute("postgres", "CREATE ROLE somebody LOGIN PASSWORD 'x'");
        DATABASES.forEach(name -> SampleCluster.addSmall(origin, name));
    }

    @AfterAll
    static void stopServers() {
        origin.close();
        PLACES.values().forEach(TestCluster::close);
        PLACES.clear();
    }

    @Override
    protected Source newSource(ProviderContext context) {
        return new PostgresSourceProvider().create(config().build(), context);
    }

    private static PostgresConfigBuilder config() {
        return CaptureBench.config(origin)
                .password(new Secret(PASSWORD))
                .contents(PostgresConfig.Contents.FINGERPRINTS);
    }

    /** Its {@code pg_dump} says that all is well. */
    @Override
    protected Optional<Source> newSourceThatBreaksOff(ProviderContext context) throws IOException {
        Path programs = FakePrograms.lying(temporary, FakePrograms.REAL + " | head -c 2000; exit 0");
        return Optional.of(new PostgresSourceProvider()
                .create(config().binDirectory(programs).build(), context));
    }

    @Override
    protected Set<String> configuredSecrets() {
        return Set.of(PASSWORD);
    }

    @Override
    protected RestoreTarget.Place freshPlace() {
        TestCluster fresh = TestCluster.running();
        PLACES.put(fresh.url(), fresh);
        return new RestoreTarget.Place(fresh.url());
    }

    private TestCluster clusterAt(RestoreTarget.Place place) {
        TestCluster cluster = PLACES.get(place.location());
        if (cluster == null) {
            throw new IllegalStateException("no such place: " + place);
        }
        return cluster;
    }

    @Override
    protected boolean clearPlace(RestoreTarget.Place place) {
        TestCluster cluster = clusterAt(place);
        for (String name : DATABASES) {
            cluster.execute("postgres", "DROP DATABASE IF EXISTS " + SampleCluster.identifier(name));
        }
        cluster.execute(
                "postgres",
                "DROP ROLE IF EXISTS somebody",
                "UPDATE pg_database SET datacl = (SELECT datacl FROM pg_database WHERE datname = 'template0')"
                        + " WHERE datname = 'template1'");
        return true;
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
