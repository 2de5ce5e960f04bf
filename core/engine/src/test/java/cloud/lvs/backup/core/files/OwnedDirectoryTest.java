package cloud.lvs.backup.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.files.OwnedDirectory.Leftover;
import cloud.lvs.backup.core.job.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnedDirectoryTest {
    private static final String SECRET = "pgpass";

    @TempDir
    Path scratch;

    /** Another process: makes a directory with a secret in it, says where, and waits to be killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            OwnedDirectory own = OwnedDirectory.below(Path.of(arguments[0]));
            Path below = Files.createDirectories(own.path().resolve("postgres-1"));
            Files.writeString(below.resolve(SECRET), "*:*:*:*:secret");
            System.out.println(own.path());
            Thread.sleep(TimeUnit.HOURS.toMillis(1));
            own.close();
        }
    }

    private Process holder() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        scratch.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Path directoryOf(Process holder) throws IOException {
        return Path.of(String.valueOf(holder.inputReader().readLine()));
    }

    @Test
    void removesWhatAKilledProcessLeftAndNothingOfALivingOne() throws Exception {
        Process doomed = holder();
        Process living = holder();
        try (OwnedDirectory own = OwnedDirectory.below(scratch)) {
            Path left = directoryOf(doomed);
            Path used = directoryOf(living);
            Files.createSymbolicLink(left.resolve("link"), used);
            assertThat(own.sweep(Mode.EXECUTE)).isEmpty();

            doomed.destroyForcibly().waitFor();

            assertThat(own.sweep(Mode.DRY_RUN)).extracting(Leftover::path).containsExactly(left);
            assertThat(left.resolve("postgres-1").resolve(SECRET)).exists();
            assertThat(own.sweep(Mode.EXECUTE))
                    .singleElement()
                    .satisfies(leftover -> assertThat(leftover.owner()).startsWith("process " + doomed.pid() + " on "))
                    .extracting(Leftover::path, Leftover::problem)
                    .isEqualTo(tuple(left, "").toList());
            assertThat(left).doesNotExist();
            assertThat(used.resolve("postgres-1").resolve(SECRET)).exists();
            assertThat(own.path()).exists();
        } finally {
            doomed.destroyForcibly().waitFor();
            living.destroyForcibly().waitFor();
        }
    }

    @Test
    void isNotSweptByAnotherOneOfThisProcess() throws Exception {
        try (OwnedDirectory first = OwnedDirectory.below(scratch);
                OwnedDirectory second = OwnedDirectory.below(scratch)) {
            assertThat(second.sweep(Mode.EXECUTE)).isEmpty();
            Process other = holder();
            try {
                // Another process would find it free if looking at it had given up the lock.
                directoryOf(other);
                assertThat(sweptByAnotherProcess()).isEmpty();
            } finally {
                other.destroyForcibly().waitFor();
            }
            assertThat(first.path()).exists();
        }
    }

    private List<String> sweptByAnotherProcess() throws IOException, InterruptedException {
        Process sweeper = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sweeper.class.getName(),
                        scratch.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> swept = sweeper.inputReader().lines().toList();
        assertThat(sweeper.waitFor()).isZero();
        return swept;
    }

    /** Another process: sweeps, and says what it removed. */
    static final class Sweeper {
        private Sweeper() {}

        public static void main(String[] arguments) throws IOException {
            try (OwnedDirectory own = OwnedDirectory.below(Path.of(arguments[0]))) {
                own.sweep(Mode.EXECUTE).forEach(System.out::println);
            }
        }
    }

    @Test
    void goesAwayWithEverythingInIt() throws Exception {
        OwnedDirectory own = OwnedDirectory.below(scratch);
        Files.writeString(Files.createDirectories(own.path().resolve("a/b")).resolve("c"), "left by a source");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own.path())))
                .isEqualTo("rwx--x--x");

        Thread.currentThread().interrupt();
        own.close();

        assertThat(Thread.interrupted()).isTrue();
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void leavesWhatHasNoOwnerAndNamesWhatAnEarlierVersionLeft() throws Exception {
        Path old = aged(Files.createDirectories(scratch.resolve("postgres-501810271013532174")));
        Path older = aged(Files.createDirectories(scratch.resolve("k3s-9738416809685747581")));
        Files.createDirectories(scratch.resolve("postgres-1234"));
        aged(Files.createDirectories(scratch.resolve("postgres-data")));
        Path unfinished = Files.createDirectories(scratch.resolve("lvs-scratch-0a1b2c3d"));
        Path neverFinished = aged(Files.createDirectories(scratch.resolve("lvs-scratch-1a1b2c3d")));

        try (OwnedDirectory own = OwnedDirectory.below(scratch)) {
            assertThat(own.sweep(Mode.EXECUTE)).isEmpty();
            assertThat(own.unowned()).containsExactly(older, old);
            assertThat(unfinished).exists();
            assertThat(neverFinished).doesNotExist();
        }
    }

    private static Path aged(Path path) throws IOException {
        return Files.setLastModifiedTime(
                path, FileTime.from(TestTime.machine().instant().minus(Duration.ofDays(2))));
    }
}
