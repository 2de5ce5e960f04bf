package cloud.lvs.backup.provider.postgres.capture;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfigBuilder;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No lock of somebody else holds a run up for longer than {@code lockWaitTimeout}, and the message says whose it is. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LockWaitTest {
    private final TestCluster cluster = TestCluster.running();

    @TempDir
    Path temporary = Path.of("");

    @BeforeAll
    void fill() {
        cluster.execute("postgres", "CREATE DATABASE shop", "CREATE DATABASE other");
        cluster.execute("other", "CREATE TABLE t AS SELECT 1 AS one");
        cluster.execute(
                "shop",
                "CREATE TABLE t AS SELECT generate_series(1, 100) AS one",
                "CREATE MATERIALIZED VIEW mv AS SELECT one FROM t",
                "CREATE VIEW v AS SELECT one FROM t",
                "CREATE SEQUENCE s");
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource({
        "materialized view public.mv, REFRESH MATERIALIZED VIEW mv",
        "view public.v, CREATE OR REPLACE VIEW v AS SELECT one FROM t WHERE one > 1",
        "sequence public.s, DROP SEQUENCE s",
        "table public.t, LOCK TABLE t IN ACCESS EXCLUSIVE MODE"
    })
    void givesUpAWaitForAnyKindOfRelationAndNamesWhoHoldsIt(String relation, String statement) throws Exception {
        assertGivesUp(config(), relation, statement);
    }

    @Test
    void givesUpItsOwnQuestionsOfALargeDatabaseToo() throws Exception {
        assertGivesUp(
                config().splitTables(new PostgresConfig.SplitTables(new ByteSize(0), 2)),
                "table public.t",
                "LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    }

    private PostgresConfigBuilder config() {
        return CaptureBench.config(cluster)
                .include("shop", "other")
                .parallelism(2)
                .lockWaitTimeout(Duration.ofSeconds(4));
    }

    private void assertGivesUp(PostgresConfigBuilder config, String relation, String statement) throws Exception {
        CaptureBench bench = new CaptureBench(cluster, Files.createTempDirectory(temporary, "scratch"));
        try (Connection holder = cluster.connect("shop");
                Statement locking = holder.createStatement()) {
            locking.execute("SET application_name = 'nightly'");
            holder.setAutoCommit(false);
            locking.execute(statement);

            RunReport report = bench.engineRun(config.build());

            assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.PARTIAL);
            assertThat(item(report.items(), "shop").status()).isEqualTo(ItemResult.Status.FAILED);
            assertThat(item(report.items(), "shop").reason())
                    .contains("waited for " + relation + " (AccessShareLock), held by session ")
                    .contains("of role postgres, nightly, idle in transaction");
            assertThat(item(report.items(), "shop").remedy())
                    .isEqualTo("end who holds that lock (pg_locks, pg_blocking_pids), or raise lockWaitTimeout");
            assertThat(item(report.items(), "other").status()).isEqualTo(ItemResult.Status.DONE);
        }
        assertThat(bench.leftSessions()).isEmpty();
    }
}
