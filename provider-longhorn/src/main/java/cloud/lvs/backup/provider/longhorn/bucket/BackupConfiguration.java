package cloud.lvs.backup.provider.longhorn.bucket;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code backup_NAME.cfg} of a backup target, without its list of blocks.
 *
 * @param name the backup's
 * @param volume the volume's
 * @param snapshotName of the snapshot that was backed up; empty while in progress
 * @param snapshotCreatedAt the moment that the backup shows, or null while in progress
 * @param createdTime when it was complete, or null as long as it is not: nothing else tells that
 * @param sizeBytes what the blocks hold when they are decoded
 * @param labels as the backup was given them
 * @param mode {@code full} or {@code incremental}, as far as the configuration says
 * @param blockSizeBytes of every block, once decoded
 * @param compression what Longhorn compressed the blocks with
 * @param blockCount how many blocks the backup maps
 */
public record BackupConfiguration(
        String name,
        String volume,
        String snapshotName,
        @Nullable Instant snapshotCreatedAt,
        @Nullable Instant createdTime,
        long sizeBytes,
        Map<String, String> labels,
        String mode,
        int blockSizeBytes,
        CompressionMethod compression,
        int blockCount) {
    public BackupConfiguration {
        labels = Map.copyOf(labels);
    }

    /** Whether the backup is complete; whether its blocks are there, too, is another question. */
    public boolean isComplete() {
        return createdTime != null;
    }

    /** In what it contradicts itself or its place; empty if in nothing. */
    List<String> contradictions(String expectedVolume, String expectedName) {
        List<String> found = new ArrayList<>();
        if (!volume.equals(expectedVolume) || !name.equals(expectedName)) {
            found.add("it says that it is backup " + name + " of volume " + volume);
        }
        if (sizeBytes != (long) blockCount * blockSizeBytes) {
            found.add("Size is " + sizeBytes + ", but " + blockCount + " blocks of " + blockSizeBytes + " bytes are "
                    + (long) blockCount * blockSizeBytes);
        }
        return found;
    }
}
