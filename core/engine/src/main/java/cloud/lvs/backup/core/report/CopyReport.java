package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.BackupId;
import org.jspecify.annotations.Nullable;

/**
 * What became of a copy.
 *
 * @param sink the sink copied to
 * @param origin the backup copied
 * @param id the copy there; null for a dry run
 * @param state what was done
 * @param storedBytes how much was, or would be, copied
 */
public record CopyReport(
        String sink, BackupId origin, @Nullable BackupId id, State state, long storedBytes) {
    /** What was done. */
    public enum State {
        COPIED,
        /** A live copy of this backup was there already. */
        PRESENT,
        PLANNED
    }
}
