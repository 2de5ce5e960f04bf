package cloud.lvs.backup.provider.longhorn.controller.api;

import cloud.lvs.backup.provider.longhorn.controller.api.Webhook.Denial;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an object into Go's types as a webhook does first of all, and fails in Go's words. */
final class GoTypes {
    private static final String[][] TIME = {
        {"\\d{4}", "2006"},
        {"-", "-"},
        {"\\d\\d", "01"},
        {"-", "-"},
        {"\\d\\d", "02"},
        {"T", "T"},
        {"\\d\\d", "15"},
        {":", ":"},
        {"\\d\\d", "04"},
        {":", ":"},
        {"\\d\\d(\\.\\d+)?", "05"},
        {"Z|[+-]\\d\\d:\\d\\d", "Z07:00"}
    };

    private GoTypes() {}

    static void read(ResourceType type, ObjectNode object, Schema schema) {
        JsonNode spec = object.path("spec");
        JsonNode fields = schema.root().path("properties").path("spec").path("properties");
        spec.properties().forEach(field -> {
            JsonNode known = fields.path(field.getKey());
            String place = type.kind() + "Spec.spec." + field.getKey();
            if (type.equals(ResourceType.BACKUP_TARGETS) && field.getKey().equals("pollInterval")) {
                duration(field.getValue(), place);
            } else if (!known.isMissingNode() && !field.getValue().isNull()) {
                value(field.getValue(), known, place);
            }
        });
    }

    private static void value(JsonNode value, JsonNode schema, String place) {
        String type = schema.path("type").asText();
        String format = schema.path("format").asText();
        if (type.equals("string") && format.equals("int64")) {
            number(value, place);
        } else if (type.equals("string") && !value.isTextual()) {
            throw mismatch(word(value), place, "string");
        } else if (format.equals("date-time")) {
            time(value.asText());
        } else if (type.equals("integer") && !value.isIntegralNumber()) {
            throw mismatch(word(value), place, "int");
        } else if (type.equals("boolean") && !value.isBoolean()) {
            throw mismatch(word(value), place, "bool");
        } else if (type.equals("object") && schema.has("additionalProperties")) {
            value.forEach(one -> value(one, schema.path("additionalProperties"), place));
        }
    }

    private static void number(JsonNode value, String place) {
        if (!value.isTextual()) {
            throw Denial.internal(
                    "json: invalid use of ,string struct tag, trying to unmarshal unquoted value into int64");
        }
        if (!value.asText().matches("-?\\d+")) {
            throw mismatch("number " + value.asText(), place, "int64");
        }
    }

    private static void duration(JsonNode value, String place) {
        if (!value.isTextual()) {
            throw mismatch(word(value), place, "string");
        }
        String text = value.asText();
        if (text.matches("[+-]?\\d+") && !text.equals("0")) {
            throw Denial.internal("time: missing unit in duration \"" + text + "\"");
        }
        if (!text.equals("0") && !text.matches("[+-]?([\\d.]+(h|m|s|ms|us|ns))+")) {
            throw Denial.internal("time: invalid duration \"" + text + "\"");
        }
    }

    private static void time(String text) {
        int at = 0;
        for (String[] part : TIME) {
            Matcher match = Pattern.compile(part[0]).matcher(text).region(at, text.length());
            if (!match.lookingAt()) {
                throw Denial.internal("parsing time \"" + text + "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \""
                        + text.substring(at) + "\" as \"" + part[1] + "\"");
            }
            at = match.end();
        }
    }

    private static Denial mismatch(String is, String place, String wanted) {
        return Denial.internal(
                "json: cannot unmarshal " + is + " into Go struct field " + place + " of type " + wanted);
    }

    private static String word(JsonNode value) {
        if (value.isNumber()) {
            return "number";
        }
        if (value.isTextual()) {
            return "string";
        }
        return value.isBoolean() ? "bool" : value.isArray() ? "array" : "object";
    }
}
