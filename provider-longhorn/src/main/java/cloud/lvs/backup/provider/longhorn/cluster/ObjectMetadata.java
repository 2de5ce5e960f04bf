package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every object of the API has.
 *
 * @param namespace empty for what belongs to the whole cluster
 * @param name unique in its namespace
 * @param uid of this object alone: one made again under its name has another
 * @param labels what it is selected by
 * @param annotations what others noted at it
 * @param createdAt by the API server's clock, or null
 * @param deletedAt when its deletion was asked for, or null
 */
public record ObjectMetadata(
        String namespace,
        String name,
        String uid,
        Map<String, String> labels,
        Map<String, String> annotations,
        @Nullable Instant createdAt,
        @Nullable Instant deletedAt) {
    public ObjectMetadata {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** The metadata of an object. */
    public static ObjectMetadata of(JsonNode object) {
        JsonFields fields = new JsonFields(object.path("metadata"));
        return new ObjectMetadata(
                fields.text("namespace"),
                fields.text("name"),
                fields.text("uid"),
                fields.texts("labels"),
                fields.texts("annotations"),
                fields.instant("creationTimestamp"),
                fields.instant("deletionTimestamp"));
    }

    /** Whether it goes as soon as nothing holds it back. */
    public boolean isBeingDeleted() {
        return deletedAt != null;
    }
}
