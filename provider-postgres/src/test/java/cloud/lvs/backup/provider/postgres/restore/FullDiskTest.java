package cloud.lvs.backup.provider.postgres.restore;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.fixture.FullExtent;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.fixture.SmallDisk;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RestoreReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a run, and of a restore, when the disk of the server is full: a small one, where one may be mounted. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@FullExtent
class FullDiskTest {
    private TestCluster source;
    private InMemoryBackup archives;
    private InMemoryBackup scripts;

    @TempDir
    Path temporary = Path.of("");

    private Path scratch;
    private TestRunContext run = new TestRunContext();

    @BeforeAll
    void fill() throws Exception {
        source = TestCluster.running();
        source.execute("postgres", "CREATE DATABASE big", "CREATE DATABASE small");
        source.execute(
                "big",
                "CREATE TABLE rows AS SELECT i, repeat(md5(i::text), 30) AS text FROM generate_series(1, 24000) i");
        source.execute("small", "CREATE TABLE rows AS SELECT generate_series(1, 10) i");
        archives = HandMadeBackup.of(source)
                .globals()
                .database("small", "custom")
                .database("big", "custom")
                .build();
        scripts = HandMadeBackup.of(source)
                .globals()
                .database("small", "plain")
                .database("big", "plain")
                .build();
    }

    @AfterAll
    void stop() {
        source.close();
    }

    @BeforeEach
    void makeScratch() throws Exception {
        scratch = Files.createDirectories(temporary.resolve("scratch"));
        run = new TestRunContext();
    }

    @AfterEach
    void leavesNothingInTheScratchDirectory() {
        assertThat(scratch).isEmptyDirectory();
    }

    // Restore

    @Test
    void aRestoreThatFillsTheDiskNamesItsDatabaseAndGivesTheRoomBack() throws Exception {
        try (TestCluster target = TestCluster.running()) {
            target.stop(TestCluster.StopMode.FAST);
            // Room for the databases there are, and some of the rows.
            try (SmallDisk disk = SmallDisk.under(target.data().resolve("base"), 42)) {
                target.start();
                Set<Path> before = directories(disk.at());
                for (InMemoryBackup backup : List.of(archives, scripts)) {
                    RestoreReport report = Restoring.of(backup, target, scratch)
                            .parallelism(1)
                            .in(run)
                            .execute();

                    ItemResult failed = item(report.items(), "big");
                    assertThat(failed.kind()).isEqualTo(Kind.FAILED);
                    assertThat(failed.reason())
                            .startsWith("the restore of 'big': ")
                            .containsPattern(
                                    "ERROR:  could not extend file \"base/\\d+/\\d+\": No space left on device");
                    assertThat(failed.remedy()).isEqualTo("free some space where the target keeps its data");
                    assertThat(target.query("small", "SELECT count(*) FROM rows"))
                            .as("there is room for the other")
                            .containsExactly("10");
                    target.execute("postgres", "DROP DATABASE small");
                    assertThat(target.databases()).containsExactly("postgres", "template1");
                    assertThat(directories(disk.at())).isEqualTo(before);
                }
            }
        }
        assertThat(run.warnings()).isEmpty();
    }

    @Test
    void aServerThatDiesOfAFullLogIsToldAndWhatItMayHoldIsNamed() throws Exception {
        try (TestCluster target =
                TestCluster.plan().setting("max_wal_size", "1GB").start()) {
            target.stop(TestCluster.StopMode.FAST);
            try (SmallDisk disk = SmallDisk.under(target.data().resolve("pg_wal"), 20)) {
                target.start();
                BackupException failed = catchThrowableOfType(
                        BackupException.class,
                        () -> Restoring.of(archives, target, scratch)
                                .parallelism(1)
                                .in(run)
                                .execute());

                assertThat(target.logText()).containsPattern("PANIC: .* No space left on device");
                assertThat(failed.kind()).isEqualTo(Kind.FAILED);
                assertThat(failed.target()).isEqualTo("the restore of 'big'");
                assertThat(failed.problem()).containsAnyOf("server closed the connection", "terminating connection");
                assertThat(failed.remedy()).isEqualTo("see the server's log for why it broke off, then restore again");
                assertThat(run.warnings())
                        .singleElement()
                        .asString()
                        .startsWith("databases may be left on PostgreSQL server ")
                        .contains("DROP DATABASE IF EXISTS \"lvs_restore_"
                                + run.run().value());
                assertThat(disk.at()).isNotEmptyDirectory();
            }
        }
    }

    private static Set<Path> directories(Path parent) {
        try (Stream<Path> all = Files.list(parent)) {
            return all.collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Capture

    @Test
    void aRunFailsWhileTheDiskIsFullAndSucceedsWhenItIsFreed() throws Exception {
        source.stop(TestCluster.StopMode.FAST);
        try (SmallDisk disk = SmallDisk.under(source.data(), 200)) {
            source.start();
            CaptureBench bench = new CaptureBench(source, scratch);
            PostgresConfig config = CaptureBench.config(source)
                    .include("big", "small")
                    .parallelism(1)
                    .build();
            RunReport earlier = bench.engineRun(config);
            disk.fill();

            RunReport full = bench.engineRun(config);
            disk.free();
            RunReport filledMeanwhile = bench.engineRun(config, "big", 4_000_000, disk::fill);
            disk.free();

            assertThat(full.outcome()).isEqualTo(Outcome.FAILED);
            for (String database : List.of("big", "small")) {
                assertThat(item(full.items(), database).reason())
                        .matches("database '" + database
                                + "': ERROR: could not write to file \"pg_snapshots/.*\": No space left on device");
                assertThat(item(full.items(), database).remedy()).isEqualTo("free space on the server's disk");
            }
            assertThat(full.artifacts()).isEmpty();
            assertThat(earlier.artifacts())
                    .isNotEmpty()
                    .allSatisfy(each -> assertThat(bench.sink.stat(each.key())).isPresent());
            assertThat(item(filledMeanwhile.items(), "big").status())
                    .as("a dump that is under way needs no disk")
                    .isEqualTo(ItemResult.Status.DONE);
            assertThat(bench.leftSessions()).isEmpty();
        }
    }
}
