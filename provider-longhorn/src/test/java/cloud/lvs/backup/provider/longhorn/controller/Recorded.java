package cloud.lvs.backup.provider.longhorn.controller;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Answers and objects as the recording keeps them: without what differs from run to run. */
final class Recorded {
    private Recorded() {}

    /** The answer without what differs; a generated name is taken from what was expected. */
    static JsonNode response(JsonNode body, JsonNode expected) {
        JsonNode kept = response(body);
        String name = expected.path("name").asText();
        int generated = name.indexOf('<');
        if (generated > 0 && kept.path("name").asText().startsWith(name.substring(0, generated))) {
            ((ObjectNode) kept).put("name", name);
        }
        return kept;
    }

    private static JsonNode response(JsonNode body) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        if (body.isTextual()) {
            return kept.set("raw", body);
        }
        String kind = body.path("kind").asText();
        if (kind.endsWith("List")) {
            return kept.put("kind", kind).put("items", body.path("items").size());
        }
        if (!kind.equals("Status")) {
            return kept.put("kind", kind)
                    .put("name", body.path("metadata").path("name").asText());
        }
        String message = body.path("message").asText();
        if (body.path("status").asText().equals("Success")) {
            kept.put("status", "Success");
        }
        for (String field : new String[] {"message", "reason", "details"}) {
            if (body.has(field)) {
                kept.set(field, body.get(field).deepCopy());
            }
        }
        for (JsonNode cause : kept.path("details").path("causes")) {
            if (message.contains(cause.path("message").asText())) {
                ((ObjectNode) cause).remove("message");
            }
        }
        if (!message.isEmpty()) {
            kept.put("message", message.replaceAll("in record \\([-0-9a-f]+\\)", "in record (<uid>)"));
        }
        if (kept.get("details") instanceof ObjectNode details) {
            details.remove("uid");
        }
        return kept;
    }

    static JsonNode object(JsonNode object, JsonNode expected, String version) {
        if (!(object instanceof ObjectNode)) {
            return object;
        }
        ObjectNode kept = object.deepCopy();
        kept.remove("apiVersion");
        if (!expected.has("kind")) {
            kept.remove("kind");
        }
        ObjectNode metadata = (ObjectNode) kept.get("metadata");
        metadata.remove(List.of(
                "managedFields",
                "resourceVersion",
                "uid",
                "creationTimestamp",
                "generation",
                "generateName",
                "deletionGracePeriodSeconds"));
        if (!expected.path("metadata").has("namespace")) {
            metadata.remove("namespace");
        }
        String name = expected.path("metadata").path("name").asText();
        if (name.contains("<")) {
            metadata.put("name", name);
        }
        if (expected.path("data").isTextual()) {
            kept.set("data", expected.get("data"));
            kept.remove("type");
        }
        if (metadata.has("deletionTimestamp")) {
            metadata.put("deletionTimestamp", "<time>");
        }
        for (JsonNode owner : metadata.path("ownerReferences")) {
            if (owner.has("uid")) {
                ((ObjectNode) owner).put("uid", "<uid>");
            }
        }
        if (!expected.has("status")) {
            kept.remove("status");
        }
        return Replay.parse(kept.toString().replace("v" + version, "<version>"));
    }

    static String difference(JsonNode expected, JsonNode actual) {
        List<String> found = new ArrayList<>();
        walk("", expected, actual, found);
        return String.join("; ", found);
    }

    private static void walk(String path, JsonNode expected, JsonNode actual, List<String> found) {
        if (expected instanceof ObjectNode && actual instanceof ObjectNode) {
            TreeSet<String> names = new TreeSet<>();
            expected.fieldNames().forEachRemaining(names::add);
            actual.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> walk(path + "." + name, expected.path(name), actual.path(name), found));
        } else if (!expected.equals(actual)) {
            found.add(path + " " + expected + " was " + actual);
        }
    }
}
