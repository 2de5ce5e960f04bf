package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.Level;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a sink holds of a job.
 *
 * @param job the job's name
 * @param backups how many there are
 * @param oldest when the oldest was captured, of those that are not dated in the future, or null if there is none
 * @param newest when the newest was captured, of the same, or null
 * @param newestWhole when the newest that counts was captured, or null
 * @param verified when one of them was last proved at a level, by the store's clock
 * @param drilled when one of them was last drilled with success, by the store's clock, or null
 * @param storedBytes what their artifacts take; empty if that would cost too many requests, or a
 *     manifest is damaged or cannot be read now
 */
public record JobSurvey(
        String job,
        Counts backups,
        @Nullable Instant oldest,
        @Nullable Instant newest,
        @Nullable Instant newestWhole,
        Map<Level, Instant> verified,
        @Nullable Instant drilled,
        OptionalLong storedBytes) {
    /**
     * Numbers of backups.
     *
     * @param all how many there are
     * @param partial how many of them are partial
     * @param held how many of them are held
     */
    public record Counts(long all, long partial, long held) {}

    public JobSurvey {
        verified = Map.copyOf(verified);
    }
}
