package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Sink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 100,000 backups in a bucket, listed and judged by a process with the heap that the launcher gives. */
@Tag("today")
@Timeout(300)
class LongJournalTest {
    private static final int BACKUPS = 100_000;
    private static final int PAGES = 2 * BACKUPS / 1000;
    private static final int DROPPED = 7;

    /** The manifest of a backup and its sum. */
    private static final int LOOK = 2;

    private LongJournal journal;

    @BeforeEach
    void start() throws Exception {
        journal = new LongJournal(BACKUPS);
    }

    @AfterEach
    void stop() {
        journal.close();
    }

    @Test
    void listReadsEveryPageOnceAndNothingElse() throws Exception {
        assertThat(run("list")).isEqualTo(BACKUPS + " backups");

        assertThat(journal.requests()).isEqualTo(Map.of("list", PAGES));
    }

    @Test
    void aPrunePlanReadsEveryPageOnceTheNewestAndTheManifestsOfWhatItWouldDrop() throws Exception {
        assertThat(run("prune")).isEqualTo(BACKUPS + " decisions, " + DROPPED + " to drop");

        assertThat(journal.requests()).isEqualTo(Map.of("list", PAGES, "GET", LOOK + DROPPED));
    }

    private String run(String verb) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Command.class.getName(),
                        journal.endpoint(),
                        verb,
                        LongJournal.NOW.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines().reduce((first, last) -> last).orElse("");
    }

    /** The process. */
    static final class Command {
        private Command() {}

        public static void main(String[] arguments) throws Exception {
            S3SinkConfig config = S3SinkConfig.builder("bucket")
                    .endpoint(arguments[0])
                    .allowPlainHttp()
                    .keys(new Secret("id"), new Secret("secret"))
                    .build();
            TestClock clock = new TestClock(Instant.parse(arguments[2]));
            try (Sink sink = new S3SinkProvider(name -> null)
                    .create(config, new TestProviderContext(Path.of("target"), clock))) {
                Job job = Job.named(
                                LongJournal.JOB,
                                "notes",
                                () -> {
                                    throw new IllegalStateException("the source is not asked");
                                },
                                new NamedSink("main", sink))
                        .retention((newestFirst, now) -> keepAllButTheOldest(newestFirst, now))
                        .build();
                BackupEngine engine = new BackupEngine(clock, new Random(7), Map.of(), event -> {});
                if (arguments[1].equals("list")) {
                    System.out.println(engine.list(job).size() + " backups");
                } else {
                    List<Decision> decisions =
                            engine.prune(job, Mode.DRY_RUN).get(0).decisions();
                    long dropped = decisions.stream()
                            .filter(decision -> decision.verdict() == Verdict.DROP)
                            .count();
                    System.out.println(decisions.size() + " decisions, " + dropped + " to drop");
                }
            }
        }

        /** By age alone, so that whether others count changes nothing. */
        private static RetentionPlan keepAllButTheOldest(List<BackupSummary> newestFirst, Instant now) {
            Instant oldestKept = now.minus(Duration.ofHours(BACKUPS - DROPPED)).minus(Duration.ofMinutes(30));
            List<Decision> decisions = new ArrayList<>();
            for (BackupSummary backup : newestFirst) {
                boolean kept = backup.timestamp().isAfter(oldestKept);
                decisions.add(new Decision(backup, kept ? Verdict.KEEP : Verdict.DROP, "all but the oldest"));
            }
            return new RetentionPlan(decisions);
        }
    }
}
