package cloud.lvs.backup.provider.k3s.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An object as the API server would answer it.
 *
 * @param json the whole of it
 * @param unknown what is not in it, since the schemas do not know it
 */
public record StoredObject(ObjectNode json, UnknownFields unknown) {
    public String apiVersion() {
        return json.path("apiVersion").asText();
    }

    public String kind() {
        return json.path("kind").asText();
    }

    /** The API group, e.g. {@code apps}; empty for the core group. */
    public String group() {
        String apiVersion = apiVersion();
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    public JsonNode metadata() {
        return json.path("metadata");
    }
}
