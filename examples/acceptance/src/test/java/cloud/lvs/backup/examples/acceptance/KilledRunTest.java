package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that dies by SIGKILL: the next one goes through at once, and no secret of the dead one stays. */
class KilledRunTest {
    @TempDir
    Path directory;

    private Path scratch;
    private Program program;

    @BeforeEach
    void makeScratch() throws IOException {
        scratch = Files.createDirectory(directory.resolve("scratch"));
        program = Program.launcher(Checkout.distribution(), directory).with("TMPDIR", scratch.toString());
    }

    @Test
    void leavesNoCopyOfTheDatastore() throws Exception {
        K3sWorkspace workspace = K3sWorkspace.sized(directory, 20_000_000);
        // Slow on purpose, so that half-way is easy to hit.
        workspace.configure("compression: {type: zstd, level: 19, workers: 1}");

        killWhenThereIs("state.db", "run");

        // All of it, SQLite's own library too, lies where the next run can tell whose it was.
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left)
                    .isNotEmpty()
                    .allSatisfy(
                            entry -> assertThat(entry.getFileName().toString()).startsWith("lvs-scratch-"));
        }

        workspace.configure();
        program.run("-c", "lvs.yaml", "run").expect(0);
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void leavesNoPassword() throws Exception {
        try (TestCluster cluster =
                        TestCluster.plan().password("the superuser's").start();
                Connection busy = cluster.connect("postgres");
                Statement statement = busy.createStatement()) {
            configure(cluster);
            statement.execute("CREATE TABLE kept (id int)");
            busy.setAutoCommit(false);
            // pg_dump waits for it.
            statement.execute("LOCK TABLE kept IN ACCESS EXCLUSIVE MODE");

            killWhenThereIs("pgpass", "run");

            busy.rollback();
            Program.Result next = program.run("-c", "lvs.yaml", "run").expect(0);
            assertThat(next.err())
                    .contains("ended without cleaning up, was removed")
                    .doesNotContain("superuser's");
            assertThat(scratch).isEmptyDirectory();
        }
    }

    /** As root the server of a drill runs as another user, who has to come to the directory: so it lies where all may pass. */
    @Test
    void leavesNoServerOfADrill() throws Exception {
        Path passable = Files.createTempDirectory(Path.of("/tmp"), "lvs-killed-");
        try (TestCluster cluster =
                TestCluster.plan().password("the superuser's").start()) {
            Files.setPosixFilePermissions(passable, PosixFilePermissions.fromString("rwx--x--x"));
            scratch = Files.createDirectory(passable.resolve("scratch"));
            Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwx--x--x"));
            program.with("TMPDIR", scratch.toString());
            configure(cluster);
            program.run("-c", "lvs.yaml", "run").expect(0);

            killWhenThereIs("PG_VERSION", "drill");

            // A server that lost its files ends within a minute; what it writes until then goes with the next try.
            long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
            do {
                program.run("-c", "lvs.yaml", "doctor").expect(0);
            } while (!isEmpty(scratch) && System.nanoTime() < deadline);
            assertThat(scratch).isEmptyDirectory();
        } finally {
            Program.shell(directory).run("rm -rf " + passable).expect(0);
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private void configure(TestCluster cluster) throws IOException {
        Files.writeString(directory.resolve("password"), "the superuser's\n");
        Files.writeString(directory.resolve("lvs.yaml"), """
                version: 1
                sinks: {disk: {type: directory, path: backups}}
                jobs:
                  postgres:
                    source: {type: postgres, host: 127.0.0.1, port: %d, user: postgres, passwordFile: ./password}
                    sink: disk
                """.formatted(cluster.port()));
    }

    private void killWhenThereIs(String file, String command) throws IOException, InterruptedException {
        Program.Running run = program.start("-c", "lvs.yaml", command);
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!thereIs(file)) {
            assertThat(run.process().isAlive() && System.nanoTime() < deadline)
                    .as("%s comes while the run is at work; %s", file, Files.readString(run.err()))
                    .isTrue();
            Thread.sleep(20);
        }
        run.process().destroyForcibly().waitFor();
        assertThat(thereIs(file)).as(file + " is left by the killed run").isTrue();
    }

    private boolean thereIs(String name) {
        try (Stream<Path> files = Files.walk(scratch)) {
            return files.anyMatch(file -> file.endsWith(name));
        } catch (IOException | UncheckedIOException e) {
            // Something went away while it was looked for.
            return false;
        }
    }
}
