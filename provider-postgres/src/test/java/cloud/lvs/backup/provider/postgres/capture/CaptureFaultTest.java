package cloud.lvs.backup.provider.postgres.capture;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfigBuilder;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.fixture.FakePrograms;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of a run when something breaks. The cluster has a large database {@code big} and a small one; two large rows
 * of {@code big} are never in any buffer at once.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CaptureFaultTest {
    private static final long BIG_BYTES = 40_000_000;

    private TestCluster cluster;

    @TempDir
    Path temporary = Path.of("");

    private CaptureBench bench;

    @BeforeAll
    void startCluster() {
        cluster = TestCluster.running();
        cluster.execute("postgres", "CREATE DATABASE big", "CREATE DATABASE small");
        cluster.execute(
                "big",
                "CREATE TABLE rows AS SELECT i, repeat(md5(i::text), 30) AS text FROM generate_series(1, 42000) i");
        cluster.execute("small", "CREATE TABLE rows AS SELECT generate_series(1, 10) i");
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void makeScratch() throws Exception {
        bench = new CaptureBench(cluster, Files.createDirectories(temporary.resolve("scratch")));
    }

    @AfterEach
    void leavesNothingBehind() {
        assertThat(bench.leftSessions()).as("sessions").isEmpty();
        assertThat(bench.leftProcesses()).as("processes").isEmpty();
        assertThat(temporary.resolve("scratch")).isEmptyDirectory();
    }

    private PostgresConfigBuilder config() {
        return CaptureBench.config(cluster).include("big", "small").parallelism(1);
    }

    /** The large database failed for this reason, the rest was kept. */
    private void assertOnlyBigFailed(RunReport report, String reason) {
        assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.PARTIAL);
        assertThat(item(report.items(), "big").status()).isEqualTo(ItemResult.Status.FAILED);
        assertThat(item(report.items(), "big").reason())
                .startsWith("database 'big': ")
                .contains(reason);
        assertThat(item(report.items(), "small").status()).isEqualTo(ItemResult.Status.DONE);
        assertThat(report.artifacts()).extracting(each -> each.role()).containsExactly("pg-globals", "pg-database");
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.SOURCE));
    }

    // The server

    @ParameterizedTest
    @ValueSource(ints = {10, 50, 90})
    void aTerminatedBackendCostsItsDatabaseAlone(int percent) {
        RunReport report = bench.engineRun(
                config().build(),
                "big",
                BIG_BYTES * percent / 100,
                () -> cluster.query(
                        "postgres",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'big' AND query LIKE"
                                + " 'COPY%'"));

        assertOnlyBigFailed(report, "Dumping the contents of table \"rows\" failed");
    }

    @Test
    void aBackendTerminatedInAScriptIsNoticedThoughTheScriptLooksComplete() {
        RunReport report = bench.engineRun(
                config().format(PostgresConfig.Format.PLAIN).build(),
                "big",
                BIG_BYTES / 2,
                () -> cluster.query(
                        "postgres",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'big' AND query LIKE"
                                + " 'COPY%'"));

        assertOnlyBigFailed(report, "Dumping the contents of table \"rows\" failed");
    }

    @ParameterizedTest
    @EnumSource(TestCluster.StopMode.class)
    void aRestartOfTheServerCostsTheDatabaseAtWork(TestCluster.StopMode mode) {
        RunReport report = bench.engineRun(config().build(), "big", BIG_BYTES / 2, () -> cluster.restart(mode));

        assertOnlyBigFailed(report, "pg_dump failed with exit code 1");
    }

    @Test
    void aServerThatDoesNotComeBackFailsTheRun() {
        RunReport report = bench.engineRun(
                config().build(), "big", BIG_BYTES / 2, () -> cluster.stop(TestCluster.StopMode.IMMEDIATE));
        cluster.start();

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures()).extracting(failure -> failure.target()).contains("item big", "item small");
    }

    @Test
    void aLockHeldForEverIsWaitedForTwiceThenGivenUp() throws Exception {
        try (Connection holder = cluster.connect("big");
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE rows IN ACCESS EXCLUSIVE MODE");

            RunReport report = bench.engineRun(
                    config().lockWaitTimeout(Duration.ofSeconds(2)).build());

            assertOnlyBigFailed(report, "canceling statement due to statement timeout");
            assertThat(item(report.items(), "big").reason()).contains("LOCK TABLE");
            assertThat(item(report.items(), "big").remedy())
                    .isEqualTo("end who holds that lock (pg_locks, pg_blocking_pids), or raise lockWaitTimeout");
        }
    }

    @Test
    void aLockReleasedInTimeForTheSecondTryHarmsNothing() throws Exception {
        int before = timeouts();
        try (Connection holder = cluster.connect("big");
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE rows IN ACCESS EXCLUSIVE MODE");
            Thread releasing = new Thread(() -> {
                awaitTimeout(before);
                rollBack(holder);
            });
            releasing.start();

            RunReport report = bench.engineRun(
                    config().lockWaitTimeout(Duration.ofSeconds(5)).build());
            releasing.join();

            assertThat(report.failures()).isEmpty();
            assertThat(item(report.items(), "big").status()).isEqualTo(ItemResult.Status.DONE);
        }
    }

    private int timeouts() {
        return cluster.logText().split("canceling statement due to statement timeout", -1).length;
    }

    private void awaitTimeout(int before) {
        try {
            while (timeouts() == before) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void rollBack(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    // What others do meanwhile

    @Test
    void aDatabaseDroppedMeanwhileIsSkippedAndTold() {
        cluster.execute("postgres", "CREATE DATABASE doomed");

        RunReport report = bench.engineRun(
                config().include("big", "small", "doomed").build(),
                "cluster",
                1,
                () -> cluster.execute("postgres", "DROP DATABASE doomed"));

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(item(report.items(), "doomed").status()).isEqualTo(ItemResult.Status.SKIPPED);
        assertThat(item(report.items(), "doomed").reason()).isEqualTo("was dropped while the run was at work");
        assertThat(report.warnings())
                .contains("database 'doomed' was dropped while the run was at work, and is not in it");
    }

    @Test
    void aDatabaseDroppedByForceWhileItIsDumpedIsSkippedAndTold() {
        cluster.execute("postgres", "CREATE DATABASE doomed TEMPLATE big");

        RunReport report = bench.engineRun(
                config().include("doomed", "small").build(),
                "doomed",
                BIG_BYTES / 2,
                () -> cluster.execute("postgres", "DROP DATABASE doomed WITH (FORCE)"));

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(item(report.items(), "doomed").status()).isEqualTo(ItemResult.Status.SKIPPED);
    }

    @Test
    void whatIsCreatedMeanwhileIsTold() {
        RunReport report = bench.engineRun(
                config().include("*").exclude("postgres", "template1").build(),
                "big",
                BIG_BYTES / 2,
                () -> cluster.execute("postgres", "CREATE DATABASE newborn", "CREATE ROLE newcomer"));
        cluster.execute("postgres", "DROP DATABASE newborn", "DROP ROLE newcomer");

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(item(report.items(), "newborn").status()).isEqualTo(ItemResult.Status.SKIPPED);
        assertThat(report.warnings())
                .contains("database 'newborn' was created while the run was at work; the next run holds it")
                .anyMatch(warning -> warning.contains("new: [role newcomer]"));
    }

    @Test
    void databasesThatCannotBeReachedMakeTheRunPartialAndSayWhatToDo() {
        cluster.execute("postgres", "CREATE DATABASE closed", "ALTER DATABASE closed ALLOW_CONNECTIONS false");
        cluster.execute(
                "postgres", "CREATE DATABASE torn", "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'torn'");
        try {
            RunReport report =
                    bench.engineRun(config().include("small", "closed", "torn").build());

            assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
            assertThat(item(report.items(), "closed").reason())
                    .isEqualTo(
                            "does not accept connections; ALTER DATABASE \"closed\" ALLOW_CONNECTIONS true; or name it"
                                    + " in exclude");
            assertThat(item(report.items(), "torn").reason()).contains("DROP DATABASE was interrupted");
            assertThat(item(report.items(), "small").status()).isEqualTo(ItemResult.Status.DONE);
        } finally {
            cluster.execute(
                    "postgres",
                    "DROP DATABASE closed",
                    "UPDATE pg_database SET datconnlimit = -1 WHERE datname = 'torn'",
                    "DROP DATABASE torn");
        }
    }

    // The programs

    private RunReport runWith(String fakePgDump, PostgresConfigBuilder config) throws Exception {
        return bench.engineRun(
                config.binDirectory(FakePrograms.lying(temporary, fakePgDump)).build());
    }

    @ParameterizedTest
    @EnumSource(PostgresConfig.Format.class)
    void halfADumpIsNotTakenForAWholeThoughItReportsSuccess(PostgresConfig.Format format) throws Exception {
        RunReport report = runWith(
                "case \"$*\" in *\"'big'\"*) " + FakePrograms.REAL + " | head -c 20000000; exit 0;; esac; exec "
                        + FakePrograms.REAL,
                config().format(format));

        assertOnlyBigFailed(report, "pg_dump reported success, but what it wrote ");
    }

    @Test
    void aWholeDumpIsNotTakenWhenItReportsFailure() throws Exception {
        RunReport report = runWith(
                "case \"$*\" in *\"'big'\"*) " + FakePrograms.REAL + "; exit 3;; esac; exec " + FakePrograms.REAL,
                config());

        assertOnlyBigFailed(report, "pg_dump failed with exit code 3: it said nothing");
    }

    @Test
    void anErrorOnStandardErrorCountsThoughItReportsSuccess() throws Exception {
        RunReport report = runWith(
                "case \"$*\" in *\"'big'\"*) echo 'pg_dump: error: could not do it' >&2;; esac; exec "
                        + FakePrograms.REAL,
                config());

        assertOnlyBigFailed(report, "could not do it");
    }

    @Test
    void aServerWithoutRoomForASortIsTold() throws Exception {
        String said = "could not write to file \"base/pgsql_tmp/pgsql_tmp1.0\": No space left on device";

        RunReport report = runWith(
                "case \"$*\" in *\"'big'\"*) printf PGDMP; echo 'pg_dump: error: query failed: ERROR:  " + said
                        + "' >&2; exit 1;; esac; exec " + FakePrograms.REAL,
                config());

        assertOnlyBigFailed(report, said);
        assertThat(item(report.items(), "big").remedy()).isEqualTo("free space on the server's disk");
    }

    @Test
    void aDumpWhoseSnapshotIsGoneSaysWhoHeldIt() throws Exception {
        String endHolder = "/usr/lib/postgresql/15/bin/psql -X -q -o /dev/null -U postgres -d postgres -c \"SELECT"
                + " pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'big' AND state = 'idle in"
                + " transaction'\"";

        RunReport report =
                runWith("case \"$*\" in *\"'big'\"*) " + endHolder + ";; esac; exec " + FakePrograms.REAL, config());

        assertOnlyBigFailed(report, "invalid snapshot identifier");
        assertThat(item(report.items(), "big").remedy())
                .startsWith("see the server's log for who ended the session that held the snapshot; on a standby set"
                        + " hot_standby_feedback = on");
    }

    @Test
    void aHangingDumpIsEndedWhenItsTimeIsUp() throws Exception {
        RunReport report = runWith(
                "case \"$*\" in *\"'big'\"*) sleep 1000;; esac; exec " + FakePrograms.REAL,
                config().timeout(Duration.ofSeconds(15)));

        assertOnlyBigFailed(report, "pg_dump did not end within 15 s and was stopped");
    }

    @Test
    void aFloodOnStandardErrorBlocksNothing() throws Exception {
        RunReport report = runWith(
                "case \"$*\" in *\"'big'\"*) yes 'something to say' | head -c 20000000 >&2;; esac; exec "
                        + FakePrograms.REAL,
                config());

        assertThat(report.failures()).isEmpty();
        assertThat(item(report.items(), "big").status()).isEqualTo(ItemResult.Status.DONE);
    }

    @Test
    void aProcessLeftBehindThatKeepsTheOutputOpenIsFoundAndEnded() throws Exception {
        RunReport report = runWith(
                "case \"$*\" in *\"'big'\"*) (trap '' TERM; sleep 1000; sleep 1000) & " + FakePrograms.REAL
                        + "; sleep 1; exit 0;; esac; exec " + FakePrograms.REAL,
                config());

        assertThat(report.failures()).isEmpty();
        assertThat(item(report.items(), "big").status()).isEqualTo(ItemResult.Status.DONE);
    }

    // All in one script

    @Test
    void aTerminatedBackendCostsTheWholeScript() {
        RunReport report = bench.engineRun(
                CaptureBench.config(cluster)
                        .layout(PostgresConfig.Layout.CLUSTER)
                        .build(),
                "cluster",
                BIG_BYTES / 2,
                () -> cluster.query(
                        "postgres",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'big' AND query LIKE"
                                + " 'COPY%'"));

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.artifacts()).isEmpty();
        assertThat(item(report.items(), "cluster").reason())
                .startsWith(
                        "cluster: pg_dumpall failed with exit code 1: Dumping the contents of table \"rows\" failed");
    }

    @Test
    void anInterruptEndsPgDumpallWithItsShellAndItsPgDump() throws Exception {
        List<RunReport> reports = new CopyOnWriteArrayList<>();
        try (Connection holder = cluster.connect("big");
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE rows IN ACCESS EXCLUSIVE MODE");
            PostgresConfig config = CaptureBench.config(cluster)
                    .layout(PostgresConfig.Layout.CLUSTER)
                    .build();
            Thread running = new Thread(() -> reports.add(bench.engineRun(config)));
            running.start();
            awaitAtWork(true);

            running.interrupt();
            running.join();
        }

        assertThat(reports).extracting(RunReport::outcome).containsExactly(Outcome.FAILED);
    }

    // The sink, and the operator

    @Test
    void aSinkThatFailsEndsTheRunAtOnce() {
        FaultySink failing = new FaultySink(
                bench.sink,
                FaultPlan.of(new Fault(FaultySink.Operation.CREATE, "pg-big", 1, Fault.Effect.FAIL_AT, 100_000)));

        RunReport report = bench.engineRun(config().build(), failing);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures())
                .first()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.SINK));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptEndsTheRunEvenWhileADumpWaits(boolean behindALock) throws Exception {
        List<RunReport> reports = new CopyOnWriteArrayList<>();
        try (Connection holder = cluster.connect("big");
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            if (behindALock) {
                statement.execute("LOCK TABLE rows IN ACCESS EXCLUSIVE MODE");
            }
            PostgresConfig config = behindALock
                    ? config().build()
                    : config().binDirectory(FakePrograms.lying(
                                    temporary,
                                    "case \"$*\" in *\"'big'\"*) trap '' TERM; (trap '' TERM; sleep 1000) & printf PGDMP;"
                                            + " wait; sleep 1000;; esac; exec " + FakePrograms.REAL))
                            .build();
            Thread running = new Thread(() -> reports.add(bench.engineRun(config)));
            running.start();
            awaitAtWork(behindALock);

            running.interrupt();
            running.join();
        }

        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(report.failures())
                    .first()
                    .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.CANCELLED));
        });
    }

    private void awaitAtWork(boolean behindALock) throws InterruptedException {
        String query = behindALock
                ? "SELECT pid FROM pg_stat_activity WHERE datname = 'big' AND wait_event_type = 'Lock'"
                : "SELECT pid FROM pg_stat_activity WHERE datname = 'big' AND application_name LIKE 'lvs-backup/%'"
                        + " AND state = 'idle in transaction'";
        while (cluster.query("postgres", query).isEmpty()) {
            Thread.sleep(20);
        }
    }

    @Test
    void earlierBackupsStayWhenARunBreaks() throws Exception {
        RunReport good = bench.engineRun(config().build());
        RunReport broken = runWith("exit 1", config());

        assertThat(broken.outcome()).isEqualTo(Outcome.FAILED);
        for (var artifact : good.artifacts()) {
            assertThat(bench.sink.stat(artifact.key())).isPresent();
        }
    }
}
