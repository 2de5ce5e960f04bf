package cloud.lvs.backup.provider.k3s.objects;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Writes objects as YAML that every parser reads as the same: those of YAML 1.1, kubectl's among them, take {@code N}, {@code 010},
 * {@code 1:30} and {@code 1e3} for no texts. So a text stands plain only where none takes it for anything else, as a block where
 * it has lines that survive that, and in JSON's quotes otherwise; libraries either quote all or normalise the ends of lines.
 */
final class YamlWriter {
    private static final Set<String> NOT_TEXT = Set.of("y", "yes", "n", "no", "true", "false", "on", "off", "null");
    private static final String INDENT = "  ";

    private final Appendable out;

    YamlWriter(Appendable out) {
        this.out = out;
    }

    /** A whole document. */
    void document(JsonNode object) throws IOException {
        value(object, 0);
    }

    /** After a key, or at the beginning; ends the line. */
    private void value(JsonNode node, int level) throws IOException {
        if (node.isObject() && !node.isEmpty()) {
            mapping(node, level, level);
        } else if (node.isArray() && !node.isEmpty()) {
            sequence(node, level);
        } else {
            scalar(node, level);
            out.append('\n');
        }
    }

    private void mapping(JsonNode node, int level, int firstLevel) throws IOException {
        int before = firstLevel;
        for (Iterator<Map.Entry<String, JsonNode>> fields = node.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            indent(before);
            before = level;
            String key = field.getKey();
            // A longer one is no simple key.
            out.append(isPlain(key) && key.length() <= 128 ? key : quoted(key)).append(':');
            JsonNode value = field.getValue();
            out.append(value.isContainerNode() && !value.isEmpty() ? '\n' : ' ');
            // A list stands as far left as its key, as kubectl writes it.
            value(value, value.isArray() ? level : level + 1);
        }
    }

    private void sequence(JsonNode node, int level) throws IOException {
        for (JsonNode element : node) {
            indent(level);
            out.append("- ");
            if (element.isObject() && !element.isEmpty()) {
                mapping(element, level + 1, 0);
            } else if (element.isArray() && !element.isEmpty()) {
                // Rare: in the flow style, which is JSON.
                flow(element);
                out.append('\n');
            } else {
                scalar(element, level + 1);
                out.append('\n');
            }
        }
    }

    private void flow(JsonNode node) throws IOException {
        if (node.isArray()) {
            String separator = "[";
            for (JsonNode element : node) {
                out.append(separator);
                flow(element);
                separator = ", ";
            }
            out.append(node.isEmpty() ? "[]" : "]");
        } else if (node.isObject()) {
            String separator = "{";
            for (Iterator<Map.Entry<String, JsonNode>> fields = node.fields(); fields.hasNext(); ) {
                Map.Entry<String, JsonNode> field = fields.next();
                out.append(separator).append(quoted(field.getKey())).append(": ");
                flow(field.getValue());
                separator = ", ";
            }
            out.append(node.isEmpty() ? "{}" : "}");
        } else {
            out.append(node.isTextual() ? quoted(node.textValue()) : node.asText());
        }
    }

    private void scalar(JsonNode node, int level) throws IOException {
        if (!node.isTextual()) {
            out.append(node.isObject() ? "{}" : node.isArray() ? "[]" : node.asText());
            return;
        }
        String text = node.textValue();
        if (isPlain(text)) {
            out.append(text);
        } else if (isBlock(text)) {
            block(text, level);
        } else {
            out.append(quoted(text));
        }
    }

    /** Without the end of its last line, which the caller writes. */
    private void block(String text, int level) throws IOException {
        boolean ends = text.endsWith("\n");
        out.append(ends ? text.endsWith("\n\n") ? "|+" : "|" : "|-");
        String[] lines = (ends ? text.substring(0, text.length() - 1) : text).split("\n", -1);
        for (String line : lines) {
            out.append('\n');
            if (!line.isEmpty()) {
                indent(level);
                out.append(line);
            }
        }
    }

    private void indent(int level) throws IOException {
        for (int i = 0; i < level; i++) {
            out.append(INDENT);
        }
    }

    /** A letter or slash, then letters, digits, {@code _./@-} and, between them, colons: looked at in each text, so no regex. */
    private static boolean isPlain(String text) {
        int length = text.length();
        if (length == 0 || !(isLetter(text.charAt(0)) || text.charAt(0) == '/') || text.charAt(length - 1) == ':') {
            return false;
        }
        for (int i = 1; i < length; i++) {
            char c = text.charAt(i);
            boolean plain =
                    isLetter(c) || (c >= '0' && c <= '9') || (c >= '-' && c <= '/') || c == '_' || c == '@' || c == ':';
            if (!plain) {
                return false;
            }
        }
        return length > 5 || !NOT_TEXT.contains(text.toLowerCase(Locale.ROOT));
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /**
     * Whether it has lines, of which the first tells the indentation, none ends with space, and no character is there that a
     * parser would change.
     */
    private static boolean isBlock(String text) {
        int length = text.length();
        if (length == 0 || text.charAt(0) <= ' ' || text.indexOf('\n') < 0) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean ends = i + 1 == length || text.charAt(i + 1) == '\n';
            if ((c == ' ' || c == '\t') && ends) {
                return false;
            }
            if (c != '\n' && c != '\t' && isEscaped(text, i)) {
                return false;
            }
        }
        return true;
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 16).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (isEscaped(text, i)) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    /** Control characters, other ends of lines, marks of byte order, halves of pairs, and what is no character. */
    private static boolean isEscaped(String text, int index) {
        char c = text.charAt(index);
        if (c < 0x7f) {
            return c < 0x20;
        }
        if (Character.isSurrogate(c)) {
            return Character.isHighSurrogate(c)
                    ? index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1))
                    : index == 0 || !Character.isHighSurrogate(text.charAt(index - 1));
        }
        return c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff || c >= 0xfffe;
    }
}
