package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads fields of an object of the API, which may be missing: Longhorn writes an empty text for "not yet", and 64-bit numbers as
 * texts.
 */
record JsonFields(JsonNode node) {
    /** The object below these names; empty if there is none. */
    JsonFields at(String... names) {
        JsonNode found = node;
        for (String name : names) {
            found = found.path(name);
        }
        return new JsonFields(found);
    }

    String text(String name) {
        return node.path(name).asText("");
    }

    boolean flag(String name) {
        return node.path(name).asBoolean(false);
    }

    /** A number, or a text that is one; else 0. */
    long number(String name) {
        return node.path(name).asLong(0);
    }

    /** A time of RFC 3339, or null if there is none. */
    @Nullable
    Instant instant(String name) {
        String text = text(name);
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    Map<String, String> texts(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        node.path(name)
                .properties()
                .forEach(field -> texts.put(field.getKey(), field.getValue().asText("")));
        return texts;
    }

    List<JsonFields> list(String name) {
        List<JsonFields> elements = new ArrayList<>();
        node.path(name).forEach(element -> elements.add(new JsonFields(element)));
        return elements;
    }

    List<String> textList(String name) {
        List<String> elements = new ArrayList<>();
        node.path(name).forEach(element -> elements.add(element.asText("")));
        return elements;
    }
}
