package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A backup of a volume, made here or found in the target.
 *
 * @param metadata with the labels {@link #VOLUME_LABEL} and, from 1.8 on, {@link #TARGET_LABEL}
 * @param requestedSnapshot what it was to be made of; empty if it was found in the target
 * @param requestedLabels what it was given ({@code spec.labels})
 * @param state empty, {@code Pending}, {@code InProgress}, {@code Completed}, {@code Error}, {@code Unknown}, {@code Deleting}
 * @param progress in per cent; 0 for what was found in the target
 * @param error why it failed
 * @param information what it waits for, or why it cannot be deleted
 * @param url what a volume is restored from
 * @param snapshot what it was made of
 * @param snapshotCreatedAt the moment that it shows, or null
 * @param createdAt when it was complete, or null
 * @param sizeBytes what its blocks hold
 * @param uploadedBytes what was sent to the target for it; 0 before 1.7
 * @param labels as they lie in the target
 * @param volume the volume's name
 * @param volumeSizeBytes the volume's size
 * @param compression of the blocks
 * @param mode {@code full} or {@code incremental}; empty if that is not known
 * @param lastSyncedAt when Longhorn last read it in the target, or null
 */
public record Backup(
        ObjectMetadata metadata,
        String requestedSnapshot,
        Map<String, String> requestedLabels,
        String state,
        long progress,
        String error,
        String information,
        String url,
        String snapshot,
        @Nullable Instant snapshotCreatedAt,
        @Nullable Instant createdAt,
        long sizeBytes,
        long uploadedBytes,
        Map<String, String> labels,
        String volume,
        long volumeSizeBytes,
        String compression,
        String mode,
        @Nullable Instant lastSyncedAt) {
    /** The label that says whose backup it is. */
    public static final String VOLUME_LABEL = "backup-volume";

    /** The label that says in which target it lies; from 1.8 on. */
    public static final String TARGET_LABEL = "backup-target";

    public Backup {
        requestedLabels = Map.copyOf(requestedLabels);
        labels = Map.copyOf(labels);
    }

    static Backup of(JsonNode object) {
        JsonFields spec = new JsonFields(object.path("spec"));
        JsonFields status = new JsonFields(object.path("status"));
        ObjectMetadata metadata = ObjectMetadata.of(object);
        String volume = status.text("volumeName");
        return new Backup(
                metadata,
                spec.text("snapshotName"),
                spec.texts("labels"),
                status.text("state"),
                status.number("progress"),
                status.text("error"),
                message(status.at("messages")),
                status.text("url"),
                status.text("snapshotName"),
                status.instant("snapshotCreatedAt"),
                status.instant("backupCreatedAt"),
                status.number("size"),
                status.number("newlyUploadDataSize") + status.number("reUploadedDataSize"),
                status.texts("labels"),
                volume.isEmpty() ? metadata.labels().getOrDefault(VOLUME_LABEL, "") : volume,
                status.number("volumeSize"),
                status.text("compressionMethod"),
                spec.text("snapshotName").isEmpty() ? "" : spec.text("backupMode"),
                status.instant("lastSyncedAt"));
    }

    private static String message(JsonFields messages) {
        String error = messages.text("error");
        return error.isEmpty() ? messages.text("info") : error;
    }

    public String name() {
        return metadata.name();
    }

    /** Whether it is in the target, with a URL to restore from: the state alone comes before the target was read back. */
    public boolean isComplete() {
        return state.equals("Completed") && lastSyncedAt != null && !url.isEmpty();
    }

    /** Whether it failed: Longhorn does not try again. Of {@code Unknown} it may yet come back. */
    public boolean isFailed() {
        return state.equals("Error");
    }

    /** Whether Longhorn is still at it. */
    public boolean isAtWork() {
        return !isFailed() && !state.equals("Completed");
    }

    /** A label as the target holds it, or as it was asked for; empty if there is none. */
    public String label(String key) {
        return labels.getOrDefault(key, requestedLabels.getOrDefault(key, ""));
    }
}
