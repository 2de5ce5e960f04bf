package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;

/** Applies patches as the API server does: merge and JSON patches, and a server-side apply as a merge. */
final class Patch {
    private Patch() {}

    /** The object with the patch applied. */
    static ObjectNode apply(ObjectNode object, JsonNode patch, String contentType) {
        if (contentType.startsWith("application/json-patch+json")) {
            return (ObjectNode) JsonPatch.apply(patch, object.deepCopy());
        }
        ObjectNode merged = object.deepCopy();
        merge(merged, (ObjectNode) patch);
        return merged;
    }

    /** RFC 7396. */
    static void merge(ObjectNode object, ObjectNode patch) {
        patch.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isNull()) {
                object.remove(field.getKey());
            } else if (value instanceof ObjectNode fields) {
                if (object.get(field.getKey()) instanceof ObjectNode existing) {
                    merge(existing, fields);
                } else {
                    ObjectNode fresh = object.objectNode();
                    merge(fresh, fields);
                    object.set(field.getKey(), fresh);
                }
            } else {
                object.set(field.getKey(), value instanceof ArrayNode list ? list.deepCopy() : value);
            }
        });
    }
}
