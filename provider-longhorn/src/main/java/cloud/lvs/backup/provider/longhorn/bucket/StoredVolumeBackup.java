package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.StoredObject;
import org.jspecify.annotations.Nullable;

/**
 * A backup as a backup target lists it.
 *
 * @param volume the volume's name
 * @param name the backup's name
 * @param state how far it came
 * @param configuration what is known of it, or null if it cannot be read
 * @param reason why it is not complete; empty if it is
 * @param object where its configuration lies
 */
public record StoredVolumeBackup(
        String volume,
        String name,
        State state,
        @Nullable BackupConfiguration configuration,
        String reason,
        StoredObject object) {
    /** How far a backup came. */
    public enum State {
        /** Longhorn finished it. Whether its blocks are still there is for a verification to say. */
        COMPLETE,
        /** Longhorn is at it, or gave it up half-way: the target does not tell which. */
        IN_PROGRESS,
        /** Its configuration cannot be read. */
        FAILED
    }
}
