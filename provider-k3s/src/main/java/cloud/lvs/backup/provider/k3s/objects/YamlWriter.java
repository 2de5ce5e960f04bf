package cloud.lvs.backup.provider.k3s.objects;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes objects as YAML that every parser reads as the same: those of YAML 1.1, kubectl's among them, take {@code N}, {@code 010},
 * {@code 1:30} and {@code 1e3} for no texts. So a text stands plain only where none takes it for anything else, as a block where
 * it has lines that survive that, and in JSON's quotes otherwise; libraries either quote all or normalise the ends of lines.
 */
final class YamlWriter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./@-]*(:[A-Za-z0-9_./@-]+)*");
    private static final Set<String> NOT_TEXT = Set.of("y", "yes", "n", "no", "true", "false", "on", "off", "null");
    private static final Pattern SPACE_AT_END_OF_LINE = Pattern.compile("[ \\t](\n|$)");
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

    private static boolean isPlain(String text) {
        return !text.isEmpty()
                && PLAIN.matcher(text).matches()
                && !(text.length() <= 5 && NOT_TEXT.contains(text.toLowerCase(Locale.ROOT)));
    }

    /** Whether it has lines, of which the first tells the indentation, and no character that a parser would change. */
    private static boolean isBlock(String text) {
        return text.indexOf('\n') > 0
                && text.charAt(0) > ' '
                && !SPACE_AT_END_OF_LINE.matcher(text).find()
                && text.codePoints().allMatch(point -> point == '\n' || point == '\t' || !isEscaped(point));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(point -> {
            switch (point) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (isEscaped(point)) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", point));
                    } else {
                        quoted.appendCodePoint(point);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    /** Control characters, other ends of lines, marks of byte order, halves of pairs, and what is no character. */
    private static boolean isEscaped(int point) {
        return point < 0x20
                || (point >= 0x7f && point < 0xa0)
                || point == 0x2028
                || point == 0x2029
                || (point >= 0xd800 && point < 0xe000)
                || point == 0xfeff
                || point == 0xfffe
                || point == 0xffff;
    }
}
