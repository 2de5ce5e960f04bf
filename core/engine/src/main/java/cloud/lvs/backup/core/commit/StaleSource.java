package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.DurationText;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * A source that nobody has written to for longer than the job's backups may be old. What was captured is then not what is in
 * use, such as an abandoned copy, or nothing is in use: the backup does not count, so that those of before are kept and the age
 * of the newest that counts tells.
 */
public final class StaleSource {
    private StaleSource() {}

    /** What to tell of a capture; empty if its source is fresh, does not say, or the job has no limit. */
    static Optional<Failure> failure(Job job, String stage, CaptureReport report, Instant now) {
        Optional<Instant> written = lastWritten(report);
        if (written.isEmpty() || job.rpo().isEmpty()) {
            return Optional.empty();
        }
        Duration rpo = job.rpo().get();
        Duration age = Duration.between(written.get(), now);
        if (age.compareTo(rpo) <= 0) {
            return Optional.empty();
        }
        return Optional.of(new Failure(
                Kind.SOURCE,
                job.name(),
                stage,
                "source of job " + job.name(),
                "was last written " + DurationText.inWords(age) + " ago, at " + written.get()
                        + ", which is longer than rpo (" + DurationText.inWords(rpo)
                        + "): the backup is partial and does not count",
                "check that the job reads what is in use, and that it runs"));
    }

    private static Optional<Instant> lastWritten(CaptureReport report) {
        String text = report.source().get(CaptureReport.LAST_WRITTEN);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
