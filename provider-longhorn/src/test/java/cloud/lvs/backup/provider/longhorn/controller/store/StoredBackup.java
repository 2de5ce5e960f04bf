package cloud.lvs.backup.provider.longhorn.controller.store;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One backup in the store.
 *
 * @param created when it was finished; empty for one in progress or aborted
 * @param blocks how many blocks of 2 MiB it maps
 */
public record StoredBackup(
        String name,
        String snapshotName,
        String snapshotCreatedAt,
        Optional<Instant> created,
        int blocks,
        Map<String, String> labels,
        String mode) {
    /** Bytes of a block. */
    public static final long BLOCK_BYTES = 2_097_152;

    /** Copies the labels. */
    public StoredBackup {
        labels = Map.copyOf(labels);
    }

    /** Logical bytes. */
    public long sizeBytes() {
        return blocks * BLOCK_BYTES;
    }
}
