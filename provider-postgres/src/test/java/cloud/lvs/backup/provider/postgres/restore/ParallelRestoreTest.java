package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several databases loaded at once. Each has a constraint that waits as long as there is a certain file beside the server's
 * data: while that gate is closed, every load stops at its rows.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class ParallelRestoreTest {
    private static final String GATE = "gate";
    private static final String AT_THE_GATE =
            "SELECT right(datname, 1) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname LIKE 'lvs_restore_%'"
                    + " ORDER BY datname";

    @TempDir
    Path scratch = Path.of("");

    private @Nullable InMemoryBackup backup;
    private final TestCluster target = TestCluster.plan()
            .setting("log_connections", "on")
            .setting("log_disconnections", "on")
            .start();

    /** The temporary names end in 1 and 2; the second is the larger one. */
    @BeforeAll
    void fill() throws Exception {
        try (TestCluster source = TestCluster.running()) {
            HandMadeBackup made = HandMadeBackup.of(source);
            for (String name : List.of("first", "second")) {
                source.execute("postgres", "CREATE DATABASE " + name);
                source.execute(
                        name,
                        "CREATE FUNCTION pass(n int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
                                + " WHILE (pg_stat_file('" + GATE + "', true)).size IS NOT NULL LOOP"
                                + " PERFORM pg_sleep(0.05); END LOOP; RETURN true; END $$",
                        "CREATE TABLE guarded (n int CHECK (public.pass(n)))",
                        "INSERT INTO guarded SELECT generate_series(1, " + (name.equals("first") ? 3 : 300) + ")",
                        "ALTER DATABASE " + name + " SET work_mem TO '5MB'");
                made.database(name, "custom");
            }
            backup = made.build();
        }
    }

    @AfterAll
    void stop() {
        target.close();
    }

    @BeforeEach
    void closeTheGate() throws Exception {
        Files.createFile(gate());
    }

    @AfterEach
    void tidyUp() throws Exception {
        openTheGate();
        target.execute("postgres", "DROP DATABASE IF EXISTS first", "DROP DATABASE IF EXISTS second");
    }

    private void openTheGate() throws Exception {
        Files.deleteIfExists(gate());
    }

    private Path gate() {
        return target.data().resolve(GATE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void loadsTwoDatabasesSideBySide(int jobs) throws Exception {
        Running restore = Running.of(restoring().parallelism(2).jobs(jobs));
        awaitAtTheGate(restore, "1", "2");

        openTheGate();

        RestoreReport report = restore.report();
        assertThat(target.query("first", "SELECT count(*) FROM guarded")).containsExactly("3");
        assertThat(target.query("second", "SELECT count(*) FROM guarded")).containsExactly("300");
        assertThat(target.query("second", "SHOW work_mem")).containsExactly("5MB");
        assertThat(report.steps())
                .satisfiesExactly(
                        step -> assertThat(step)
                                .matches("Restored database 'first', 1 tables and 3 rows, .* in .* s\\."),
                        step -> assertThat(step).matches("Restored database 'second', 1 tables and 300 rows, .* s\\."),
                        step -> assertThat(step).startsWith("Gave all databases their names"));
    }

    @Test
    void loadsOneAfterTheOtherIfToldSoTheLargestFirst() throws Exception {
        int before = target.logText().length();
        Running restore = Running.of(restoring().parallelism(1));
        awaitAtTheGate(restore, "2");

        openTheGate();

        restore.report();
        assertThat(sessionsSince(before))
                .containsSubsequence("disconnection 2", "connection 1")
                .doesNotContainSubsequence("connection 1", "connection 2");
    }

    @Test
    void oneThatFailsIsReportedAndTheOtherIsThere() throws Exception {
        Running restore = Running.of(restoring().parallelism(2));
        awaitAtTheGate(restore, "1", "2");

        target.query(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'lvs_restore_%_1'");
        while (target.databases().stream().anyMatch(name -> name.matches("lvs_restore_.*_1"))) {
            Thread.sleep(20);
        }
        openTheGate();

        RestoreReport report = restore.report();
        assertThat(report.items()).first().satisfies(failed -> {
            assertThat(failed.item()).isEqualTo("first");
            assertThat(failed.kind()).isEqualTo(Kind.FAILED);
            assertThat(failed.reason())
                    .contains("the restore of 'first'")
                    .contains("terminating connection due to administrator command");
        });
        assertThat(target.databases()).containsExactly("postgres", "second", "template1");
        assertThat(target.query("second", "SELECT count(*) FROM guarded")).containsExactly("300");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anInterruptStopsThemAll(int jobs) throws Exception {
        Running restore = Running.of(restoring().parallelism(2).jobs(jobs));
        awaitAtTheGate(restore, "1", "2");

        restore.thread().interrupt();

        assertThat(restore.failure()).isInstanceOf(InterruptedException.class);
        assertNothingIsLeft();
    }

    // Vocabulary

    private Restoring restoring() {
        return Restoring.of(Objects.requireNonNull(backup), target, scratch);
    }

    /** A restore under way. */
    private record Running(Thread thread, CompletableFuture<RestoreReport> outcome) {
        static Running of(Restoring restoring) {
            CompletableFuture<RestoreReport> outcome = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    outcome.complete(restoring.execute());
                } catch (Throwable e) {
                    outcome.completeExceptionally(e);
                }
            });
            thread.start();
            return new Running(thread, outcome);
        }

        RestoreReport report() throws Exception {
            return outcome.get();
        }

        Throwable failure() throws InterruptedException {
            try {
                throw new AssertionError("restored: " + outcome.get());
            } catch (ExecutionException e) {
                return Objects.requireNonNull(e.getCause());
            }
        }
    }

    /** Waits until the loads of these databases stand at the gate, and no others. */
    private void awaitAtTheGate(Running restore, String... numbers) throws Exception {
        while (!target.query("postgres", AT_THE_GATE).equals(List.of(numbers))) {
            if (restore.outcome().isDone()) {
                throw new AssertionError("never came to the gate: " + restore.report());
            }
            Thread.sleep(20);
        }
    }

    /** When sessions with the temporary databases came and went. */
    private List<String> sessionsSince(int before) {
        Pattern event =
                Pattern.compile("(connection|disconnection)(?: authorized)?: .* database=lvs_restore_\\w+_(\\d) ");
        return event.matcher(target.logText().substring(before))
                .results()
                .map(match -> match.group(1) + " " + match.group(2))
                .toList();
    }

    /** While the gate is still closed. */
    private void assertNothingIsLeft() throws Exception {
        CaptureBench left = new CaptureBench(target, scratch);
        assertThat(left.leftProcesses()).isEmpty();
        assertThat(left.leftSessions()).isEmpty();
        assertThat(target.databases()).containsExactly("postgres", "template1");
        assertThat(scratch).isEmptyDirectory();
    }
}
