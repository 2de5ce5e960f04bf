package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What several mutating webhooks do. */
final class Mutations {
    private Mutations() {}

    /** Puts the finalizer on, or back on unless the object is being deleted. */
    static void finalizer(Review review) {
        ObjectNode metadata = (ObjectNode) review.object().get("metadata");
        if (metadata.hasNonNull("deletionTimestamp")) {
            return;
        }
        for (JsonNode finalizer : metadata.path("finalizers")) {
            if (finalizer.asText().equals(Cluster.FINALIZER)) {
                return;
            }
        }
        ArrayNode finalizers =
                metadata.get("finalizers") instanceof ArrayNode list ? list : metadata.putArray("finalizers");
        finalizers.add(Cluster.FINALIZER);
    }

    /** Whether a text is missing or empty. */
    static boolean blank(JsonNode node) {
        return node.asText().isEmpty() || node.isNull();
    }
}
