package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a target holds of one volume. Never deleted: that would erase every backup of the volume.
 *
 * @param metadata its name depends on Longhorn's version: it is found by its labels
 * @param volume the volume's name
 * @param target the target's name
 * @param lastBackup the newest backup; empty if there is none
 * @param storageClass of the claim; may be empty
 * @param sizeBytes of the volume
 * @param labels of the newest backup
 * @param lastSyncedAt when Longhorn last read it in the target, or null
 */
public record BackupVolume(
        ObjectMetadata metadata,
        String volume,
        String target,
        String lastBackup,
        String storageClass,
        long sizeBytes,
        Map<String, String> labels,
        @Nullable Instant lastSyncedAt) {
    public BackupVolume {
        labels = Map.copyOf(labels);
    }

    static BackupVolume of(JsonNode object) {
        JsonFields spec = new JsonFields(object.path("spec"));
        JsonFields status = new JsonFields(object.path("status"));
        ObjectMetadata metadata = ObjectMetadata.of(object);
        String volume = spec.text("volumeName");
        String labelled = metadata.labels().getOrDefault(Backup.VOLUME_LABEL, metadata.name());
        String target = spec.text("backupTargetName");
        return new BackupVolume(
                metadata,
                volume.isEmpty() ? labelled : volume,
                target.isEmpty() ? "default" : target,
                status.text("lastBackupName"),
                status.text("storageClassName"),
                status.number("size"),
                status.texts("labels"),
                status.instant("lastSyncedAt"));
    }
}
