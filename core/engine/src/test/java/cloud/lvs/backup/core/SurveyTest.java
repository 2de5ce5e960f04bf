package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Operation;
import cloud.lvs.backup.core.catalog.KeyTemplate;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.JobSurvey;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Level;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listings tell of a job's backups, and what that costs. */
@Tag("today")
class SurveyTest {
    /** More than those whose manifests are read one by one. */
    private static final int MANY = 40;

    private record NoOptions() {}

    private final EngineFixture fixture = new EngineFixture();
    private final RefusingSink counting = new RefusingSink(fixture.store, key -> false);

    @TempDir
    Path directory;

    private JobSurvey survey(Job job) throws Exception {
        counting.requests.clear();
        return fixture.engine.survey(job, new NamedSink("main", counting));
    }

    private long payloadBytes() {
        return fixture.payload().stream()
                .mapToLong(key -> fixture.bytes(key).length)
                .sum();
    }

    @Test
    void countsNothingWhereThereIsNothing() throws Exception {
        assertThat(survey(fixture.job()))
                .isEqualTo(new JobSurvey(
                        "notes", new JobSurvey.Counts(0, 0, 0), null, null, null, Map.of(), null, OptionalLong.of(0)));
    }

    @Test
    void tellsOfEveryBackup() throws Exception {
        Job job = fixture.job();
        Instant first = fixture.clock.instant();
        BackupId oldest = fixture.runDaily(job);
        Instant second = fixture.clock.instant();
        fixture.runDaily(job);
        Instant third = fixture.clock.instant();
        fixture.script.failing.put("b", "cannot be read");
        fixture.runDaily(job);
        fixture.engine.hold(job, oldest, "audit");
        Instant proved = fixture.clock.instant();
        fixture.engine.verify(job, oldest, Level.CHECKSUM);
        fixture.clock.advance(Duration.ofHours(1));
        fixture.engine.drill(job, oldest, new NoOptions(), directory, Mode.EXECUTE);
        fixture.store.putForeign("2026/11/not-ours.gz", new byte[1000]);

        assertThat(survey(job))
                .isEqualTo(new JobSurvey(
                        "notes",
                        new JobSurvey.Counts(3, 1, 1),
                        first,
                        third,
                        second,
                        Map.of(Level.CHECKSUM, proved),
                        proved.plus(Duration.ofHours(1)),
                        OptionalLong.of(payloadBytes() - 1000)));
        assertThat(counting.requests).isEqualTo(Map.of("list", 1, "open", 2 + 3, "stat", 2));
    }

    @Test
    void listsTheSinkForTheBytesOfManyWhateverTheLayoutOfTheKeys() throws Exception {
        runMany(fixture.job());
        Job otherLayout = fixture.job(parts -> parts.keys(new KeyTemplate("!{run}/{artifact}{ext}")));
        runMany(otherLayout);
        fixture.store.putForeign("2026/11/not-ours.gz", new byte[1000]);

        assertThat(survey(otherLayout).storedBytes()).hasValue(payloadBytes() - 1000);
        assertThat(counting.requests).isEqualTo(Map.of("list", 2, "open", 2, "stat", 2));
    }

    private void runMany(Job job) {
        for (int i = 0; i < MANY; i++) {
            fixture.runDaily(job);
        }
    }

    @Test
    void readsTheManifestsOfThoseThatNoKeyNames() throws Exception {
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write("an old note".getBytes(StandardCharsets.UTF_8));
        }
        fixture.store.putForeign(fixture.legacy(2, "note", ".txt.gz"), gzip.toByteArray());
        Job job = fixture.job();
        fixture.engine.adopt(job, Mode.EXECUTE);
        runMany(job);

        assertThat(survey(job).storedBytes()).hasValue(payloadBytes());
        assertThat(counting.requests).isEqualTo(Map.of("list", 2, "open", 2 + 1, "stat", 2));
    }

    @Test
    void leavesTheBytesOutWhenAManifestIsDamaged() throws Exception {
        Job job = fixture.job();
        BackupId id = fixture.runDaily(job);
        fixture.store.putForeign(".lvs-backup/notes/" + id.directory() + "/committed-OK.json", new byte[] {'?'});

        assertThat(survey(job).storedBytes()).isEmpty();
        assertThat(survey(job).backups().all()).isEqualTo(1);
    }

    @Test
    void leavesOtherJobsInTheSameSinkOut() throws Exception {
        Job job = fixture.job();
        fixture.runDaily(job);
        Job other = Job.named("other", "notes", fixture.script::open, new NamedSink("main", fixture.store))
                .build();
        fixture.script.notes.remove("b");
        fixture.runDaily(other);

        assertThat(survey(job).storedBytes().orElseThrow()
                        + survey(other).storedBytes().orElseThrow())
                .isEqualTo(payloadBytes());
        assertThat(survey(other).backups().all()).isEqualTo(1);
    }

    @Test
    void tellsNothingRatherThanLessWhenAListingBreaksOff() {
        Job job = fixture.job();
        runMany(job);
        var breaking = new FaultySink(fixture.store, FaultPlan.of(Fault.failAt(Operation.LIST, 2, 3)));

        assertThatThrownBy(() -> fixture.engine.survey(job, new NamedSink("main", breaking)))
                .isInstanceOf(BackupException.class);
    }
}
