package cloud.lvs.backup.spi;

import java.time.Instant;
import java.util.List;

/**
 * Decides which backups to keep. Pure: no clock, no I/O, the same answer to the same question. Thread-safe.
 *
 * <p>The engine asks only about whole backups that are not in the future, and never drops one that is held or the last.
 */
@FunctionalInterface
public interface RetentionPolicy {
    /**
     * @param newestFirst whole backups, newest first; may be empty
     * @param now the time of the question
     * @return every backup of the question, in the same order, with the rule that keeps or drops it
     */
    RetentionPlan decide(List<BackupSummary> newestFirst, Instant now);
}
