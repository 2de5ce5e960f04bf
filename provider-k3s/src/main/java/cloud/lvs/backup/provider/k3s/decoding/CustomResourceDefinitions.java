package cloud.lvs.backup.provider.k3s.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * CustomResourceDefinitions, which the API server stores as {@code v1beta1} and answers as {@code v1} (Kubernetes,
 * {@code apiextensions-apiserver/pkg/apis/apiextensions}, {@code conversion.go} of both versions).
 */
final class CustomResourceDefinitions {
    private static final String GROUP = "apiextensions.k8s.io";

    private CustomResourceDefinitions() {}

    /** A definition as {@code v1}; anything else as it is. */
    static ObjectNode asServed(ObjectNode stored) {
        boolean old = stored.path("apiVersion").asText().equals(GROUP + "/v1beta1")
                && stored.path("kind").asText().equals("CustomResourceDefinition");
        if (old && stored.get("spec") instanceof ObjectNode spec) {
            stored.put("apiVersion", GROUP + "/v1");
            convert(spec);
        }
        return stored;
    }

    private static void convert(ObjectNode spec) {
        if (!(spec.get("versions") instanceof ArrayNode versions) || versions.isEmpty()) {
            ObjectNode only = spec.putArray("versions").addObject();
            only.put("name", spec.path("version").asText());
            only.put("served", true).put("storage", true);
        }
        for (JsonNode each : spec.path("versions")) {
            if (each instanceof ObjectNode version) {
                inherit(spec, "validation", version, "schema");
                for (String field : List.of("subresources", "additionalPrinterColumns", "selectableFields")) {
                    inherit(spec, field, version, field);
                }
                for (JsonNode column : version.path("additionalPrinterColumns")) {
                    rename(column, "JSONPath", "jsonPath");
                }
            }
        }
        spec.remove(List.of("version", "validation", "subresources", "additionalPrinterColumns", "selectableFields"));
        // Absent means true there, and false is not written here.
        if (!spec.path("preserveUnknownFields").asBoolean(true)) {
            spec.remove("preserveUnknownFields");
        } else {
            spec.put("preserveUnknownFields", true);
        }
        conversion(spec);
    }

    private static void inherit(ObjectNode spec, String field, ObjectNode version, String name) {
        JsonNode common = spec.get(field);
        if (common != null && !common.isNull() && version.path(name).isMissingNode()) {
            version.set(name, common.deepCopy());
        }
    }

    private static void conversion(ObjectNode spec) {
        if (!(spec.get("conversion") instanceof ObjectNode conversion)) {
            spec.putObject("conversion").put("strategy", "None");
            return;
        }
        JsonNode client = conversion.remove("webhookClientConfig");
        JsonNode versions = conversion.remove("conversionReviewVersions");
        if (client != null || versions != null) {
            ObjectNode webhook = conversion.putObject("webhook");
            if (client != null) {
                webhook.set("clientConfig", client);
            }
            webhook.set("conversionReviewVersions", versions);
        }
    }

    private static void rename(JsonNode holder, String from, String to) {
        if (holder instanceof ObjectNode object && object.has(from)) {
            object.set(to, object.remove(from));
        }
    }
}
