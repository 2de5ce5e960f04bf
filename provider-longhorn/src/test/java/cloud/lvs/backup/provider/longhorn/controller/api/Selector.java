package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which objects a list or watch asks for: its label and field selectors. */
final class Selector {
    private static final Pattern SET = Pattern.compile("\\s*(\\S+)\\s+(in|notin)\\s+\\(([^)]*)\\)\\s*");
    private static final Pattern EQUALITY = Pattern.compile("\\s*([^=!\\s]+)\\s*(==|=|!=)\\s*(\\S*)\\s*");

    private Selector() {}

    static Predicate<ObjectNode> of(Optional<String> labels, Optional<String> fields) {
        List<Predicate<ObjectNode>> all = new ArrayList<>();
        labels.ifPresent(text -> requirements(text)
                .forEach(one -> all.add(requirement(
                        one,
                        (object, key) -> object.path("metadata").path("labels").path(key)))));
        fields.ifPresent(text -> requirements(text)
                .forEach(one -> all.add(requirement(one, (object, key) -> {
                    JsonNode node = object;
                    for (String step : key.split("\\.")) {
                        node = node.path(step);
                    }
                    return node;
                }))));
        return object -> all.stream().allMatch(one -> one.test(object));
    }

    private static List<String> requirements(String text) {
        return Arrays.stream(text.split(",(?![^(]*\\))")).toList();
    }

    private static Predicate<ObjectNode> requirement(String text, Reader reader) {
        Matcher set = SET.matcher(text);
        if (set.matches()) {
            List<String> values =
                    Arrays.stream(set.group(3).split(",")).map(String::strip).toList();
            return set.group(2).equals("in")
                    ? object -> present(reader, object, set.group(1))
                            && values.contains(reader.read(object, set.group(1)).asText())
                    : object ->
                            !values.contains(reader.read(object, set.group(1)).asText());
        }
        Matcher equality = EQUALITY.matcher(text);
        if (equality.matches()) {
            String value = equality.group(3);
            String key = equality.group(1);
            return equality.group(2).equals("!=")
                    ? object -> !reader.read(object, key).asText().equals(value)
                    : object -> present(reader, object, key)
                            && reader.read(object, key).asText().equals(value);
        }
        String key = text.strip();
        return key.startsWith("!")
                ? object -> !present(reader, object, key.substring(1))
                : object -> present(reader, object, key);
    }

    private static boolean present(Reader reader, ObjectNode object, String key) {
        return reader.read(object, key).isValueNode();
    }

    /** How a key is looked up in an object. */
    private interface Reader {
        JsonNode read(ObjectNode object, String key);
    }
}
