package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * One request as a webhook sees it.
 *
 * @param object the object as it would be stored, changed by a mutating webhook; for DELETE as it is stored
 * @param before the object as it is stored, for UPDATE
 */
public record Review(Operation operation, ObjectKey key, ObjectNode object, Optional<ObjectNode> before) {
    /** What is to be done with the object. */
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE
    }

    /** The object's spec, or a missing node. */
    public JsonNode spec() {
        return object.path("spec");
    }

    /** A label of the object, empty text where it is not there. */
    public String label(String name) {
        return object.path("metadata").path("labels").path(name).asText();
    }

    /**
     * Sets a field below {@code /spec} by a JSON patch as Longhorn writes it.
     *
     * @throws Refusal with code 500 when the object has no spec, as the API server answers
     */
    public void replace(String field, JsonNode value) {
        if (!(object.get("spec") instanceof ObjectNode spec)) {
            throw Refusal.internalError(
                    "replace operation does not apply: doc is missing path: /spec/" + field + ": missing value");
        }
        spec.set(field, value);
    }

    /** The same for a text. */
    public void replace(String field, String value) {
        replace(field, object.textNode(value));
    }

    /** Sets a label. */
    public void setLabel(String name, String value) {
        ObjectNode metadata = (ObjectNode) object.get("metadata");
        metadata.withObjectProperty("labels").put(name, value);
    }
}
