package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** The schema of one custom kind: what it prunes, and what it refuses. */
final class Schema {
    private final JsonNode root;

    Schema(JsonNode root) {
        this.root = root;
    }

    /** Drops what the schema does not know; the paths of what was dropped. */
    List<String> prune(ObjectNode object) {
        List<String> dropped = new ArrayList<>();
        for (String part : new String[] {"spec", "status"}) {
            JsonNode schema = root.path("properties").path(part);
            if (object.get(part) instanceof ObjectNode fields && !schema.isMissingNode()) {
                prune(fields, schema, part, dropped);
            }
        }
        return dropped;
    }

    private static void prune(ObjectNode object, JsonNode schema, String path, List<String> dropped) {
        if (schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            return;
        }
        JsonNode properties = schema.path("properties");
        JsonNode additional = schema.path("additionalProperties");
        List<String> unknown = new ArrayList<>();
        object.properties().forEach(field -> {
            JsonNode known = properties.has(field.getKey()) ? properties.get(field.getKey()) : additional;
            String place = path + "." + field.getKey();
            if (known.isMissingNode()) {
                unknown.add(field.getKey());
                dropped.add(place);
            } else if (field.getValue() instanceof ObjectNode inner) {
                prune(inner, known, place, dropped);
            } else if (field.getValue().isArray()) {
                field.getValue().forEach(item -> {
                    if (item instanceof ObjectNode inner) {
                        prune(inner, known.path("items"), place, dropped);
                    }
                });
            }
        });
        object.remove(unknown);
    }

    /** Tells what is wrong with the values. */
    void check(ObjectNode object, Optional<ObjectNode> before, Problems problems) {
        for (JsonNode name : root.path("required")) {
            if (!object.has(name.asText())) {
                problems.required(name.asText());
            }
        }
        for (String part : new String[] {"spec", "status"}) {
            if (object.has(part)) {
                check(object.get(part), root.path("properties").path(part), part, problems);
            }
        }
        rules(object, before, problems);
    }

    private static void check(JsonNode value, JsonNode schema, String path, Problems problems) {
        if (value.isNull()) {
            return;
        }
        String type = schema.path("type").asText();
        if (!type.isEmpty() && !type.equals(typeOf(value, type))) {
            String is = typeOf(value, type);
            problems.wrongType(
                    path, "\"" + is + "\": " + path + " in body must be of type " + type + ": \"" + is + "\"");
            return;
        }
        if (schema.path("format").asText().equals("date-time") && !isTime(value.asText())) {
            problems.wrongType(
                    path,
                    "\"" + value.asText() + "\": " + path + " in body must be of type date-time: \"" + value.asText()
                            + "\"");
        }
        choice(value, schema, path, problems);
        for (JsonNode name : schema.path("required")) {
            if (!value.has(name.asText())) {
                problems.required(path + "." + name.asText());
            }
        }
        JsonNode properties = schema.path("properties");
        value.properties().forEach(field -> {
            JsonNode inner = properties.has(field.getKey())
                    ? properties.get(field.getKey())
                    : schema.path("additionalProperties");
            check(field.getValue(), inner, path + "." + field.getKey(), problems);
        });
        if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                check(value.get(i), schema.path("items"), path + "[" + i + "]", problems);
            }
        }
    }

    private static void choice(JsonNode value, JsonNode schema, String path, Problems problems) {
        if (!schema.has("enum")) {
            return;
        }
        StringJoiner supported = new StringJoiner(", ");
        for (JsonNode one : schema.get("enum")) {
            if (one.equals(value)) {
                return;
            }
            supported.add("\"" + one.asText() + "\"");
        }
        problems.unsupported(path, "\"" + value.asText() + "\": supported values: " + supported);
    }

    private void rules(ObjectNode object, Optional<ObjectNode> before, Problems problems) {
        List<String> fixed = new ArrayList<>();
        root.path("properties").path("spec").path("properties").properties().forEach(field -> {
            for (JsonNode rule : field.getValue().path("x-kubernetes-validations")) {
                if (rule.path("rule").asText().equals("self == oldSelf")) {
                    fixed.add(field.getKey());
                }
            }
        });
        if (fixed.isEmpty()) {
            return;
        }
        if (!problems.isEmpty()) {
            problems.invalid(
                    "<nil>",
                    "null: some validation rules were not checked because the object was invalid; correct the existing"
                            + " errors to complete validation");
            return;
        }
        for (String field : fixed) {
            JsonNode was = before.map(old -> old.path("spec").path(field)).orElse(object.path("none"));
            JsonNode is = object.path("spec").path(field);
            if (!was.isMissingNode() && !is.isMissingNode() && !was.equals(is)) {
                String name = Character.toUpperCase(field.charAt(0)) + field.substring(1);
                problems.invalid("spec." + field, is + ": " + name + " is immutable");
            }
        }
    }

    private static boolean isTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static String typeOf(JsonNode value, String wanted) {
        if (value.isObject()) {
            return "object";
        }
        if (value.isArray()) {
            return "array";
        }
        if (value.isTextual()) {
            return "string";
        }
        if (value.isBoolean()) {
            return "boolean";
        }
        return value.isIntegralNumber() && wanted.equals("integer")
                ? "integer"
                : wanted.equals("number") ? "number" : "integer";
    }

    JsonNode root() {
        return root;
    }
}
