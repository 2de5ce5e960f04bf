package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A source that says when it was last written, in a job whose backups may be 26 hours old. */
@Tag("today")
class StaleSourceTest {
    private final EngineFixture fixture = new EngineFixture();
    private final Job job = fixture.job(parts -> parts.rpo(Duration.ofHours(26)).retention(EngineFixture.keepLast(1)));

    @Test
    void aBackupOfWhatNobodyWritesDoesNotCount() throws Exception {
        lastWritten(Duration.ofHours(2));
        BackupId good = fixture.runDaily(job);

        for (int day = 1; day <= 3; day++) {
            RunReport report = fixture.run(job);
            fixture.clock.advance(Duration.ofDays(1));

            // Written 2 hours before the first run.
            boolean stale = 24 * day + 2 > 26;
            assertThat(report.outcome()).isEqualTo(stale ? Outcome.PARTIAL : Outcome.OK);
            if (stale) {
                assertThat(report.failures()).singleElement().satisfies(failure -> {
                    assertThat(failure.target()).isEqualTo("source of job notes");
                    assertThat(failure.problem()).contains("was last written", "longer than rpo (26 h)");
                    assertThat(failure.remedy()).isNotBlank();
                });
            } else {
                good = report.id();
            }
        }

        assertThat(fixture.engine.resolve(job, "latest")).isEqualTo(good);
        assertThat(fixture.engine.list(job)).extracting(BackupSummary::id).contains(good);
    }

    @Test
    void aSourceOfLateCounts() {
        lastWritten(Duration.ofHours(2));

        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void withoutALimitNothingIsStale() {
        lastWritten(Duration.ofDays(400));

        assertThat(fixture.run(fixture.job()).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void whatIsNoInstantSaysNothing() {
        fixture.script.source.put(CaptureReport.LAST_WRITTEN, "yesterday");

        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void theNextRunIsToldOfTheNewestAlsoWhereThatIsPartial() throws Exception {
        lastWritten(Duration.ofHours(2));
        BackupId first = fixture.runDaily(job);
        lastWritten(Duration.ofDays(20));
        BackupId partial = fixture.runDaily(job);
        fixture.run(job);

        assertThat(fixture.script.newest).containsExactly(Optional.empty(), Optional.of(first), Optional.of(partial));
    }

    private void lastWritten(Duration ago) {
        Instant written = fixture.clock.instant().minus(ago);
        fixture.script.source.put(CaptureReport.LAST_WRITTEN, written.toString());
    }
}
