package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that is killed with SIGKILL while it uploads, and those that come after it. */
@Timeout(300)
class KillTest {
    private final Instant now = TestClock.machine().instant();

    @TempDir
    private Path directory = Path.of("");

    /** When it is killed: by how much of the large file has been written, and what can be seen of it. */
    private enum Moment {
        BEFORE_THE_FIRST_PART(1, 0),
        AMONG_THE_PARTS(6 << 20, 1),
        BEFORE_THE_LAST_PART(KilledProcess.LARGE, 1);

        private final int bytes;
        private final int uploads;

        Moment(int bytes, int uploads) {
            this.bytes = bytes;
            this.uploads = uploads;
        }
    }

    private record NoOptions() {}

    @ParameterizedTest
    @EnumSource(Moment.class)
    void aKilledProcessHarmsNothing(Moment moment) throws Exception {
        String bucket = ProxyStore.newBucket();
        TestClock clock = new TestClock(now.minus(Duration.ofDays(1)));
        BackupEngine engine = KilledProcess.engine(clock, 7);
        try (S3Sink sink = KilledProcess.sink(ProxyStore.endpoint(), bucket)) {
            Job job = KilledProcess.job(sink, 1, bytes -> {});
            RunReport earlier = engine.run(job, Mode.EXECUTE);
            assertThat(earlier.failures()).isEmpty();

            kill(moment, bucket);

            clock.set(now);
            assertThat(engine.list(job)).extracting(BackupSummary::id).containsExactly(earlier.id());
            assertRestores(engine, job);
            clock.advance(KilledProcess.LOCK_TTL.plusMinutes(30));
            RunReport next = engine.run(job, Mode.EXECUTE);
            assertThat(next.failures()).isEmpty();
            clock.advance(KilledProcess.GRACE.plusHours(1));
            for (PruneReport report : engine.prune(job, Mode.EXECUTE)) {
                assertThat(report.swept()).hasSize(1);
                assertThat(report.leftovers()).isEmpty();
            }
            assertThat(engine.list(job)).extracting(BackupSummary::id).containsExactly(next.id());
            assertRestores(engine, job);
            String run = Objects.requireNonNull(next.id()).run().value();
            assertThat(keys(bucket)).allMatch(key -> key.contains(run) || key.contains("/lock/"));
            assertThat(ProxyStore.uploads(bucket)).isZero();
        }
    }

    private void kill(Moment moment, String bucket) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledProcess.class.getName(),
                        ProxyStore.endpoint(),
                        bucket,
                        String.valueOf(moment.bytes))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out = process.inputReader()) {
            StringBuilder said = new StringBuilder();
            String line = out.readLine();
            while (line != null && !line.equals(KilledProcess.READY)) {
                said.append(line).append('\n');
                line = out.readLine();
            }
            assertThat(line).as("what it said: " + said).isNotNull();
            while (ProxyStore.uploads(bucket) < moment.uploads) {
                // Its part is on the way.
                Thread.sleep(20);
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("128 + SIGKILL").isEqualTo(137);
    }

    private void assertRestores(BackupEngine engine, Job job) throws IOException, InterruptedException {
        BackupSummary newest = engine.list(job).get(0);
        assertThat(engine.verify(job, newest.id(), Level.CONTENT).verification().passed())
                .isTrue();
        Path place = Files.createDirectory(directory.resolve(newest.id().toString()));
        engine.restore(
                job,
                newest.id(),
                new RestoreRequest(
                        new RestoreTarget.Place(place.toString()),
                        List.of(),
                        new NoOptions(),
                        Consent.NOT_GIVEN,
                        RestoreRequest.Mode.EXECUTE));
        assertThat(Files.size(place.resolve("large"))).isEqualTo(KilledProcess.LARGE);
        assertThat(Files.size(place.resolve("small"))).isEqualTo(100);
    }

    private static List<String> keys(String bucket) {
        return ProxyStore.client().listObjectsV2(request -> request.bucket(bucket)).contents().stream()
                .map(object -> object.key())
                .toList();
    }
}
