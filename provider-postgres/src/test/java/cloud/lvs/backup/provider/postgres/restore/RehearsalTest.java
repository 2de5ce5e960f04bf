package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class RehearsalTest {
    private final TestCluster source = TestCluster.running();

    @TempDir
    Path temporary = Path.of("");

    private InMemoryBackup backup;
    private Set<Path> before = Set.of();

    @BeforeAll
    void fill() throws Exception {
        SampleCluster.fillSmall(source);
        SampleCluster.addSmall(source, "two\nlines");
        backup = HandMadeBackup.whole(source);
    }

    @AfterAll
    void stop() {
        source.close();
    }

    @BeforeEach
    void lookAround() throws Exception {
        before = serversOnThisMachine();
    }

    @AfterEach
    void leavesNoServerBehind() throws Exception {
        Thread.interrupted();
        assertThat(serversOnThisMachine()).isEqualTo(before);
    }

    @Test
    void restoresEverythingToAServerOfItsOwnAndComparesEveryRow() throws Exception {
        TestRunContext run = new TestRunContext();

        RestoreReport report =
                Restoring.of(backup, rehearsal(), scratch()).in(run).execute();

        assertThat(report.checks()).isNotEmpty().allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(report.checks())
                .extracting(Check::name)
                .contains("roles", "database app", "rows app", "contents app", "rows two\nlines");
        assertThat(report.items())
                .extracting(ItemResult::item)
                .containsExactlyInAnyOrder("cluster", "app", "two\nlines", "postgres", "template1");
        assertThat(run.phases()).containsSubsequence("fetch", "initdb", "globals", "databases", "publish", "checks");
        assertThat(run.warnings()).isEmpty();
    }

    @Test
    void rehearsesWhatACronJobLeft() throws Exception {
        try (TestCluster legacy = TestCluster.running()) {
            SampleCluster.fillSmall(legacy);
            InMemoryBackup script = HandMadeBackup.of(legacy).script().build();

            RestoreReport report = Restoring.of(script, rehearsal(), scratch()).execute();

            assertThat(report.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
            assertThat(report.checks()).extracting(Check::name).contains("rows app");
            assertThat(report.items()).extracting(ItemResult::item).containsExactly("cluster");
        }
    }

    @Test
    void failsOverRowsThatTheManifestNotesOtherwise() throws Exception {
        InMemoryBackup other = HandMadeBackup.noting(backup, "app", "table \"sales\".\"purchase\"", "99");

        RestoreReport report = Restoring.of(other, rehearsal(), scratch()).execute();

        assertThat(report.checks())
                .filteredOn(check -> check.status() == Check.Status.FAILED)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.name()).isEqualTo("contents app");
                    assertThat(check.detail()).contains("table \"sales\".\"purchase\" is 100, was 99");
                });
    }

    @Test
    void failsWhereTheRestoreWouldFail() throws Exception {
        InMemoryBackup plain =
                HandMadeBackup.of(source).globals().database("app", "plain").build();
        StoredArtifact dump = HandMadeBackup.artifact(plain, "app", "pg-database");
        InMemoryBackup wrong = plain.holding(
                dump,
                HandMadeBackup.text(plain, dump)
                        .replace(
                                "ALTER TABLE ONLY sales.purchase\n    ADD CONSTRAINT",
                                "SELECT 1 / 0; ALTER TABLE ONLY" + " sales.purchase\n    ADD CONSTRAINT")
                        .getBytes(StandardCharsets.UTF_8));

        RestoreReport report = Restoring.of(wrong, rehearsal(), scratch()).execute();

        assertThat(report.checks())
                .filteredOn(check -> check.status() == Check.Status.FAILED)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.name()).isEqualTo("restore app");
                    assertThat(check.detail()).endsWith(": ERROR: division by zero: SELECT 1 / 0;");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"initdb", "globals", "databases", "publish", "checks"})
    void stopsWhenAskedToAndCleansUp(String phase) throws Exception {
        Thread rehearsing = Thread.currentThread();

        Throwable thrown = catchThrowable(() -> Restoring.of(backup, rehearsal(), scratch())
                .in(interruptingAt(phase, rehearsing, new TestRunContext()))
                .execute());

        assertThat(thrown).isInstanceOf(InterruptedException.class);
    }

    @Test
    void rehearsesOnAServerThatIsGivenAndLeavesItAsItWas() throws Exception {
        try (TestCluster given = TestCluster.running()) {
            ClusterState asBefore = ClusterState.of(given);

            RestoreReport report = Restoring.of(backup, rehearsal(), scratch())
                    .drillOn(given.url())
                    .execute();

            assertThat(report.checks()).isNotEmpty().allMatch(check -> check.status() == Check.Status.PASSED);
            assertThat(ClusterState.of(given)).isEqualTo(asBefore);
        }
    }

    @Test
    void neverRehearsesWhereSomethingIs() throws Exception {
        try (TestCluster used = TestCluster.running()) {
            used.execute("postgres", "CREATE TABLE precious AS SELECT 1 AS one");

            BackupException refused = catchThrowableOfType(
                    BackupException.class,
                    () -> Restoring.of(backup, rehearsal(), scratch())
                            .drillOn(used.url())
                            .execute());

            assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refused).hasMessageContaining("is not empty: it has database 'postgres'");
            assertThat(used.query("postgres", "SELECT one FROM precious")).containsExactly("1");
        }
        assertThat(catchThrowableOfType(
                        BackupException.class,
                        () -> Restoring.of(backup, rehearsal(), scratch())
                                .drillOn(source.url())
                                .execute()))
                .isNotNull();
        assertThat(source.databases()).contains("app");
    }

    // Vocabulary

    private RestoreTarget rehearsal() throws Exception {
        return new RestoreTarget.Scratch(Files.createTempDirectory(temporary, "drill"));
    }

    private Path scratch() throws Exception {
        return Files.createTempDirectory(temporary, "scratch");
    }

    /** Interrupts a thread when the work comes to a phase. */
    static RunContext interruptingAt(String phase, Thread thread, TestRunContext run) {
        return (RunContext) Proxy.newProxyInstance(
                RunContext.class.getClassLoader(), new Class<?>[] {RunContext.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("phase") && arguments[0].equals(phase)) {
                        thread.interrupt();
                    }
                    try {
                        return method.invoke(run, arguments);
                    } catch (java.lang.reflect.InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** The directories of servers that drills make, wherever they may be. */
    private Set<Path> serversOnThisMachine() throws Exception {
        Set<Path> found = new TreeSet<>();
        for (Path place : List.of(Path.of("/tmp"), temporary)) {
            try (Stream<Path> entries = Files.walk(place, place.equals(temporary) ? 3 : 1)) {
                found.addAll(
                        entries.filter(entry -> entry.getFileName().toString().startsWith("lvs-drill-"))
                                .filter(entry -> !entry.equals(source.socketDirectory()))
                                .collect(Collectors.toSet()));
            }
        }
        return found;
    }
}
