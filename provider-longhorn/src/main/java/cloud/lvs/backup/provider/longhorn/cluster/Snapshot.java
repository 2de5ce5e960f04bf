package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * A snapshot of a volume.
 *
 * @param metadata its name is the snapshot's in the volume, too
 * @param volume the volume's name
 * @param labels what it was given ({@code spec.labels})
 * @param ready whether it can be backed up
 * @param error why it is not ready; may be of the past
 * @param markRemoved whether Longhorn removes it as soon as it can
 * @param createdAt when it was taken, as Longhorn writes it; may be empty
 */
public record Snapshot(
        ObjectMetadata metadata,
        String volume,
        Map<String, String> labels,
        boolean ready,
        String error,
        boolean markRemoved,
        String createdAt) {
    public Snapshot {
        labels = Map.copyOf(labels);
    }

    static Snapshot of(JsonNode object) {
        JsonFields spec = new JsonFields(object.path("spec"));
        JsonFields status = new JsonFields(object.path("status"));
        return new Snapshot(
                ObjectMetadata.of(object),
                spec.text("volume"),
                spec.texts("labels"),
                status.flag("readyToUse"),
                status.text("error"),
                status.flag("markRemoved"),
                status.text("creationTime"));
    }

    public String name() {
        return metadata.name();
    }
}
