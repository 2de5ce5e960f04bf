package cloud.lvs.backup.provider.postgres.capture;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfigBuilder;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.fixture.FullExtent;
import cloud.lvs.backup.provider.postgres.fixture.HookedSource;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of a run on a standby when its primary does something that a dump is in the way of. The standby waits for
 * nobody; of its two databases, two large rows of {@code big} are never in any buffer at once.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StandbyConflictTest {
    private static final long BIG_BYTES = 40_000_000;
    private static final String REMEDY =
            "on the standby set hot_standby_feedback = on or raise max_standby_streaming_delay, or back up the primary";

    private TestCluster primary;
    private TestCluster standby;

    @TempDir
    Path temporary = Path.of("");

    private CaptureBench bench;

    @BeforeAll
    void startBoth() {
        // Its own clean-up would be in the way of the tests'.
        primary = TestCluster.plan().setting("autovacuum", "off").start();
        primary.execute("postgres", "CREATE DATABASE big", "CREATE DATABASE small");
        primary.execute(
                "big",
                "CREATE TABLE rows AS SELECT i, repeat(md5(i::text), 30) AS text FROM generate_series(1, 42000) i");
        primary.execute("small", "CREATE TABLE rows AS SELECT generate_series(1, 10) i");
        standby = TestCluster.plan()
                .standbyOf(primary)
                .setting("wal_receiver_status_interval", "1s")
                .setting("log_recovery_conflict_waits", "on")
                .setting("deadlock_timeout", "50ms")
                .start();
        set("max_standby_streaming_delay", "0");
    }

    @AfterAll
    void stopBoth() {
        standby.close();
        primary.close();
    }

    @BeforeEach
    void makeScratch() throws Exception {
        bench = new CaptureBench(standby, Files.createDirectories(temporary.resolve("scratch")));
    }

    @AfterEach
    void leavesNothingBehind() {
        assertThat(bench.leftSessions()).as("sessions").isEmpty();
        assertThat(bench.leftProcesses()).as("processes").isEmpty();
        assertThat(temporary.resolve("scratch")).isEmptyDirectory();
    }

    private PostgresConfigBuilder config() {
        return CaptureBench.config(standby).include("big", "small").parallelism(1);
    }

    @Test
    void aDumpThatNeedsRowsThePrimaryCleansUpCostsItsDatabaseAloneAndTheNextRunSucceeds() {
        RunReport earlier = bench.engineRun(config().build());

        RunReport cancelled = bench.engineRun(config().build(), "big", BIG_BYTES / 2, this::cleanUpRowsOfADump);
        RunReport next = bench.engineRun(config().build());

        assertOnlyBigFailed(
                cancelled,
                "pg_dump failed with exit code 1: Dumping the contents of table \"rows\" failed: PQgetResult() failed."
                        + " Error message from server: ERROR: canceling statement due to conflict with recovery DETAIL:"
                        + " User query might have needed to see row versions that must be removed. Command was: COPY"
                        + " public.rows (i, text) TO stdout");
        assertThat(item(cancelled.items(), "big").remedy()).isEqualTo(REMEDY);
        assertThat(next.artifacts()).hasSize(3);
        assertThat(item(next.items(), "big").status()).isEqualTo(ItemResult.Status.DONE);
        assertStored(earlier);
    }

    @Test
    @FullExtent
    void aLockOfThePrimaryCancelsTheDumpAndIsWaitedForTwiceByTheNextRun() throws Exception {
        RunReport cancelled;
        RunReport waiting;
        try (Connection holder = primary.connect("big")) {
            cancelled = bench.engineRun(config().build(), "big", BIG_BYTES / 2, () -> lockRows(holder));
            waiting = bench.engineRun(
                    config().lockWaitTimeout(Duration.ofSeconds(2)).build());
        }

        assertOnlyBigFailed(
                cancelled,
                "canceling statement due to conflict with recovery DETAIL: User was holding a relation lock for too long."
                        + " Command was: COPY public.rows (i, text) TO stdout");
        assertThat(item(cancelled.items(), "big").remedy()).isEqualTo(REMEDY);
        assertOnlyBigFailed(waiting, "canceling statement due to statement timeout");
        assertThat(item(waiting.items(), "big").reason())
                .contains("waited for table public.rows (AccessShareLock), held by a session on the primary");
        assertThat(item(waiting.items(), "big").remedy()).startsWith("end who holds that lock");
    }

    @Test
    @FullExtent
    void aLockOfThePrimaryThatIsReleasedInTimeForTheSecondTryHarmsNothing() throws Exception {
        int before = timeouts();
        try (Connection holder = primary.connect("big")) {
            lockRows(holder);
            Thread releasing = new Thread(() -> {
                await(() -> timeouts() > before);
                rollBack(holder);
                sendOn();
            });
            releasing.start();

            RunReport report = bench.engineRun(
                    config().lockWaitTimeout(Duration.ofSeconds(5)).build());
            releasing.join();

            assertThat(report.failures()).isEmpty();
            assertThat(item(report.items(), "big").status()).isEqualTo(ItemResult.Status.DONE);
        }
    }

    @Test
    void rowsThatCannotBeCountedAfterTheDumpCostTheCountsAlone() {
        RunReport report = bench.engineRun(
                config().contents(PostgresConfig.Contents.COUNTS).build(),
                "big",
                HookedSource.ALL_BYTES,
                () -> cleanUpRowsUntil("terminating connection due to conflict with recovery"));

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(item(report.items(), "big").status()).isEqualTo(ItemResult.Status.DONE);
        assertThat(report.warnings())
                .anyMatch(warning -> warning.startsWith("database 'big': its counts could not be read: "));
    }

    @Test
    @FullExtent
    void aDatabaseDroppedOnThePrimaryIsSkippedAndTold() {
        primary.execute("postgres", "CREATE DATABASE doomed TEMPLATE big");
        await(() -> standby.databases().contains("doomed"));

        RunReport report = bench.engineRun(config().include("doomed", "small").build(), "doomed", BIG_BYTES / 2, () -> {
            primary.execute("postgres", "DROP DATABASE doomed");
            await(() -> !standby.databases().contains("doomed"));
        });

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(item(report.items(), "doomed").reason()).isEqualTo("was dropped while the run was at work");
        assertThat(item(report.items(), "small").status()).isEqualTo(ItemResult.Status.DONE);
    }

    // What is told beforehand

    @Test
    void itsSettingsAreTold() throws Exception {
        assertThat(onStandby())
                .singleElement()
                .isEqualTo(new Finding(
                        Severity.WARNING,
                        target(),
                        "is a standby (hot_standby_feedback off, max_standby_streaming_delay 0): unlogged tables have no"
                                + " rows there, and a dump that takes longer than that delay may be cancelled",
                        "set hot_standby_feedback = on, or max_standby_streaming_delay = -1, on it"));
        set("hot_standby_feedback", "on");
        try {
            assertThat(onStandby())
                    .singleElement()
                    .isEqualTo(new Finding(
                            Severity.INFO,
                            target(),
                            "is a standby (hot_standby_feedback on, max_standby_streaming_delay 0): unlogged tables have"
                                    + " no rows there",
                            ""));
        } finally {
            set("hot_standby_feedback", "off");
        }
    }

    private String target() {
        return "PostgreSQL server " + standby.socketDirectory() + "/.s.PGSQL." + standby.port();
    }

    private List<Finding> onStandby() throws Exception {
        try (Source source = bench.source(config().build())) {
            return source.preflight(bench.run).stream()
                    .filter(finding -> finding.problem().contains("standby"))
                    .toList();
        }
    }

    // What the remedies are worth

    @Test
    @FullExtent
    void feedbackKeepsTheRowsThatADumpNeeds() {
        set("hot_standby_feedback", "on");
        try {
            RunReport report = bench.engineRun(config().build(), "big", BIG_BYTES / 2, () -> {
                await(() -> !primary.query(
                                "postgres", "SELECT 1 FROM pg_stat_replication WHERE backend_xmin IS NOT NULL")
                        .isEmpty());
                cleanUpRows();
                awaitReplay();
            });

            assertThat(report.failures()).isEmpty();
        } finally {
            set("hot_standby_feedback", "off");
        }
    }

    @Test
    @FullExtent
    void aStandbyThatMayFallBehindWaitsForTheDump() {
        set("max_standby_streaming_delay", "-1");
        try {
            RunReport report = bench.engineRun(
                    config().build(), "big", BIG_BYTES / 2, () -> cleanUpRowsUntil("recovery conflict on snapshot"));

            assertThat(report.failures()).isEmpty();
            awaitReplay();
        } finally {
            set("max_standby_streaming_delay", "0");
        }
    }

    // Vocabulary

    /** The large database failed for this reason, the rest was kept. */
    private static void assertOnlyBigFailed(RunReport report, String reason) {
        assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.PARTIAL);
        assertThat(item(report.items(), "big").status()).isEqualTo(ItemResult.Status.FAILED);
        assertThat(item(report.items(), "big").reason()).contains(reason);
        assertThat(item(report.items(), "small").status()).isEqualTo(ItemResult.Status.DONE);
        assertThat(report.artifacts()).extracting(each -> each.role()).containsExactly("pg-globals", "pg-database");
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.SOURCE));
    }

    private void assertStored(RunReport report) {
        assertThat(report.artifacts())
                .isNotEmpty()
                .allSatisfy(each -> assertThat(bench.sink.stat(each.key())).isPresent());
    }

    /** Removes rows for good that a dump still sees. */
    private void cleanUpRows() {
        primary.execute("big", "DELETE FROM rows WHERE i IN (SELECT i FROM rows LIMIT 20)", "VACUUM rows");
        sendOn();
    }

    /** Locks the table on the primary, and returns when the standby has that lock, or wants it. */
    private void lockRows(Connection holder) {
        try (Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE rows IN ACCESS EXCLUSIVE MODE");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        sendOn();
        await(() -> !standby.query("big", "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock'")
                .isEmpty());
    }

    /** Writes the log out, so that the standby gets it. */
    private void sendOn() {
        primary.execute("postgres", "CHECKPOINT");
    }

    private static void rollBack(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Removes rows that a dump still sees, and returns when the standby has cancelled it, or is about to: a backend that
     * cannot send is cancelled when it can.
     */
    private void cleanUpRowsOfADump() {
        cleanUpRowsUntil("(?:canceling statement due to conflict with recovery|recovery conflict on snapshot)");
    }

    private void cleanUpRowsUntil(String message) {
        int before = logged(message);
        cleanUpRows();
        await(() -> logged(message) > before);
    }

    private int logged(String message) {
        return (int)
                Pattern.compile(message).matcher(standby.logText()).results().count();
    }

    private int timeouts() {
        return logged("canceling statement due to statement timeout");
    }

    private void awaitReplay() {
        String written =
                primary.query("postgres", "SELECT pg_current_wal_flush_lsn()").get(0);
        await(() -> standby.query("postgres", "SELECT pg_last_wal_replay_lsn() >= '" + written + "'")
                .equals(List.of("t")));
    }

    private void set(String name, String value) {
        standby.execute("postgres", "ALTER SYSTEM SET " + name + " = '" + value + "'", "SELECT pg_reload_conf()");
        await(() -> standby.query("postgres", "SHOW " + name).equals(List.of(value)));
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain");
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
