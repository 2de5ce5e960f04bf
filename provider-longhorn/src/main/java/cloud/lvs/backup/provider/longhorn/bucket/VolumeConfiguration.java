package cloud.lvs.backup.provider.longhorn.bucket;

import java.util.Map;

/**
 * {@code volume.cfg} of a backup target.
 *
 * @param name the volume's
 * @param sizeBytes the volume's size as its newest backup saw it; an image of any of its backups has this size
 * @param createdTime RFC 3339, as stored; may be empty
 * @param lastBackupName the newest backup; empty if there is none
 * @param storageClassName of the claim; may be empty
 * @param backingImageName the image that the volume stands on; empty if it stands on none
 * @param dataEngine {@code v1} or {@code v2}
 * @param labels those of the newest backup
 */
public record VolumeConfiguration(
        String name,
        long sizeBytes,
        String createdTime,
        String lastBackupName,
        String storageClassName,
        String backingImageName,
        String dataEngine,
        Map<String, String> labels) {
    public VolumeConfiguration {
        labels = Map.copyOf(labels);
    }
}
