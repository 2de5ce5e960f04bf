package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.FaultySource;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A machine that makes backups with a key that may put, get and list, and nothing else; retention is run from elsewhere with
 * another key.
 */
@Timeout(300)
abstract class AppendOnlyContract {
    /** So that the latest of the days of a test is today; a store that has no clock of its own goes by it too. */
    final TestClock clock;

    private final Instant today;
    private final BackupEngine engine;
    private S3Sink writer;
    private S3Sink keeper;

    /** @param today at what time the store is */
    AppendOnlyContract(Instant today) {
        this.today = today;
        this.clock = new TestClock(today.minus(Duration.ofDays(3)));
        this.engine = new BackupEngine(clock, new Random(7), Map.of(), event -> {});
    }

    /** Makes an empty bucket. */
    abstract void newBucket();

    /** May put, get and list. */
    abstract S3Sink writer();

    /** May delete too. */
    abstract S3Sink keeper();

    /** Keys in the bucket, past the sink. */
    abstract List<String> keys();

    /** Unfinished uploads in the bucket, past the sink. */
    abstract int unfinishedUploads();

    @BeforeEach
    void open() {
        newBucket();
        writer = writer();
        keeper = keeper();
    }

    @AfterEach
    void close() {
        writer.close();
        keeper.close();
    }

    @Test
    void itsBackupsAreWhole() throws Exception {
        RunReport report = engine.run(job(writer, Content::new, 9), Mode.EXECUTE);

        assertThat(report.failures()).isEmpty();
        assertThat(report.outcome().isWhole()).isTrue();
        VerifyReport verified =
                engine.verify(job(keeper, Content::new, 9), Objects.requireNonNull(report.id()), Level.CHECKSUM);
        assertThat(verified.verification().passed()).isTrue();
    }

    @Test
    void saysOfEachRunWhatRetentionCouldNotDelete() throws Exception {
        BackupId first = runDaily(writer, 1);
        RunReport second = engine.run(job(writer, Content::new, 1), Mode.EXECUTE);

        assertThat(second.outcome().isWhole()).as("the backup itself").isTrue();
        assertThat(second.failures())
                .as("a line for each reason, not for each object")
                .hasSizeLessThan(3)
                .allSatisfy(failure -> {
                    assertThat(failure.target()).isEqualTo("sink bucket");
                    assertThat(failure.remedy()).contains("another key for retention");
                })
                .anySatisfy(failure -> assertThat(failure.problem()).contains(first.toString()))
                .anySatisfy(failure ->
                        assertThat(failure.problem()).contains("and 1 more: the store refuses to delete it"));
        assertThat(keys()).filteredOn(key -> key.contains(first.run().value())).hasSizeGreaterThan(6);
    }

    @Test
    void anotherKeyFinishesWhatItBegan() throws Exception {
        BackupId first = runDaily(writer, 1);
        BackupId second = runDaily(writer, 1);

        PruneReport report =
                engine.prune(job(keeper, Content::new, 1), Mode.EXECUTE).get(0);

        assertThat(report.deleted()).containsExactly(first);
        assertThat(report.leftovers()).isEmpty();
        assertThat(keys())
                .noneMatch(key -> key.contains(first.run().value()))
                .anyMatch(key -> key.contains(second.run().value()));
        assertThat(engine.list(job(keeper, Content::new, 1)))
                .extracting(BackupSummary::id)
                .containsExactly(second);
    }

    @Test
    void aFailedRunSaysWhatStaysAndAnotherKeySweepsIt() throws Exception {
        RunReport failed = engine.run(
                job(writer, () -> FaultySource.atByte(2, 8 << 20, FaultySource.Effect.FAIL, new Content()), 9),
                Mode.EXECUTE);
        assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failed.warnings()).anyMatch(warning -> warning.contains("stays"));
        String run = Objects.requireNonNull(failed.id()).run().value();
        assertThat(keys()).anyMatch(key -> key.contains(run));
        // The grace period runs by the store's clock.
        clock.set(today.plus(Duration.ofDays(2)).plus(Duration.ofHours(1)));

        PruneReport report =
                engine.prune(job(keeper, Content::new, 9), Mode.EXECUTE).get(0);

        assertThat(report.swept())
                .singleElement()
                .satisfies(swept -> assertThat(swept).contains(run));
        assertThat(keys()).noneMatch(key -> key.contains(run));
        assertThat(unfinishedUploads()).isZero();
    }

    private BackupId runDaily(S3Sink sink, int keep) {
        RunReport report = engine.run(job(sink, Content::new, keep), Mode.EXECUTE);
        assertThat(report.outcome().isWhole()).as("%s", report.failures()).isTrue();
        clock.advance(Duration.ofDays(1));
        return Objects.requireNonNull(report.id());
    }

    private static Job job(S3Sink sink, Supplier<Source> source, int keep) {
        return Job.named("job", "content", source, new NamedSink("bucket", sink))
                .retention(keepLast(keep))
                .build();
    }

    private static RetentionPolicy keepLast(int count) {
        return (newestFirst, now) -> {
            List<Decision> decisions = new ArrayList<>();
            for (BackupSummary backup : newestFirst) {
                decisions.add(new Decision(backup, decisions.size() < count ? Verdict.KEEP : Verdict.DROP, "keepLast"));
            }
            return new RetentionPlan(decisions);
        };
    }

    /** A small artifact and one that is sent in parts. */
    private static final class Content implements Source {
        @Override
        public List<Finding> preflight(RunContext run) {
            return List.of();
        }

        @Override
        public List<Item> inventory(RunContext run) {
            return List.of(Item.selected("all", null));
        }

        @Override
        public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
            out.write(new Artifact("all", "small", "small", ".db", 0, Sensitivity.ORDINARY, ""), body -> {
                body.write(1);
                return Map.of();
            });
            out.write(new Artifact("all", "large", "large", ".db", 1, Sensitivity.ORDINARY, ""), body -> {
                body.write(TestObjects.random(TestObjects.LARGE));
                return Map.of();
            });
            return new CaptureReport(List.of(ItemResult.done("all", Map.of())), Map.of());
        }

        @Override
        public Verification verify(BackupReader backup, Level level, RunContext run) {
            return new Verification(List.of());
        }

        @Override
        public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run) {
            throw new AssertionError("not part of these tests");
        }

        @Override
        public void close() {}
    }
}
