package cloud.lvs.backup.provider.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.postgres.testing.TestCluster.StopMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TestClusterTest {
    @Test
    void holdsWhatTheSamplePutsIn() {
        try (TestCluster cluster = TestCluster.running()) {
            SampleCluster.fill(cluster);

            assertThat(new TreeSet<>(cluster.databases())).isEqualTo(SampleCluster.databases());
            ClusterState state = ClusterState.of(cluster);
            assertThat(state.globals()).anyMatch(line -> line.contains(SampleCluster.ODD_ROLE));
            assertThat(state.databases().get(SampleCluster.APP))
                    .contains("sequence|public|invoice_number|1000|7|3|1014")
                    .anyMatch(line -> line.startsWith("rows|sales.purchase|500|"));
            assertThat(ClusterState.of(cluster)).isEqualTo(state);

            cluster.execute(SampleCluster.APP, "UPDATE sales.purchase SET note = note || '.' WHERE id = 7");
            assertThat(ClusterState.of(cluster)).isNotEqualTo(state);
        }
    }

    @Test
    void keepsItsContentsOverARestartAndGoesAwayWhenClosed() {
        Path data;
        try (TestCluster cluster = TestCluster.running()) {
            data = cluster.data();
            cluster.execute("postgres", "CREATE TABLE kept AS SELECT 1 AS one");
            cluster.execute("postgres", "CHECKPOINT");
            int port = cluster.port();

            cluster.restart(StopMode.IMMEDIATE);

            assertThat(cluster.port()).isEqualTo(port);
            assertThat(cluster.query("postgres", "SELECT one FROM kept")).containsExactly("1");
            assertThat(data).exists();
        }
        assertThat(Files.exists(data.getParent())).isFalse();
    }

    @Test
    void demandsThePasswordItWasGiven() throws Exception {
        try (TestCluster cluster = TestCluster.plan().password("pass:word").start()) {
            assertThat(cluster.query("postgres", "SHOW password_encryption")).containsExactly("scram-sha-256");
            assertThatThrownBy(() -> cluster.connect("postgres", TestCluster.SUPERUSER, "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void runsANewerVersionToo() {
        try (TestCluster cluster =
                TestCluster.plan().binaries(PostgresBinaries.newer()).start()) {
            assertThat(cluster.query("postgres", "SELECT current_setting('server_version_num')::int / 10000"))
                    .containsExactly("18");
        }
    }
}
