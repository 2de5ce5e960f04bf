package cloud.lvs.backup.spi;

import java.time.Instant;

/**
 * A backup as the journal's keys alone tell it.
 *
 * @param id the backup
 * @param outcome how it ended; {@link Outcome#PARTIAL} also for a shard whose group is not complete
 * @param hold whether someone keeps it from being pruned
 */
public record BackupSummary(BackupId id, Outcome outcome, Hold hold) {
    /** Whether a backup may be pruned. */
    public enum Hold {
        NONE,
        HELD
    }

    /** When the run began: the time retention counts by. */
    public Instant timestamp() {
        return id.timestamp();
    }
}
