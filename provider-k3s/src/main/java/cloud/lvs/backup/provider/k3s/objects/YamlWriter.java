package cloud.lvs.backup.provider.k3s.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/**
 * Writes objects as YAML that every parser reads as the same: those of YAML 1.1, kubectl's among them, take {@code N}, {@code 010},
 * {@code 1:30} and {@code 1e3} for no texts. So a text stands plain only where none takes it for anything else, as a block where
 * it has lines that survive that, and in quotes otherwise. By SnakeYAML itself, since Jackson's generator writes every text with
 * lines as a block, which changes some. For one thread.
 */
final class YamlWriter {
    private final ObjectMapper json = new ObjectMapper();
    private final Yaml yaml;

    YamlWriter() {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(FlowStyle.BLOCK);
        options.setSplitLines(false);
        this.yaml = new Yaml(new Texts(options), options);
    }

    /** A whole document. */
    String document(JsonNode object) throws IOException {
        StringWriter document = new StringWriter();
        yaml.dump(json.treeToValue(object, Object.class), document);
        return document.toString();
    }

    /** Chooses how texts are written. */
    private static final class Texts extends Representer {
        private static final Set<String> NOT_TEXT = Set.of("y", "yes", "n", "no", "true", "false", "on", "off", "null");

        Texts(DumperOptions options) {
            super(options);
            representers.put(String.class, text -> representScalar(Tag.STR, (String) text, style((String) text)));
        }

        private static ScalarStyle style(String text) {
            if (isPlain(text)) {
                return ScalarStyle.PLAIN;
            }
            return isBlock(text) ? ScalarStyle.LITERAL : ScalarStyle.DOUBLE_QUOTED;
        }

        /** A letter or slash, then letters, digits, {@code _./@-} and, between them, colons: looked at in each text, so no regex. */
        private static boolean isPlain(String text) {
            int length = text.length();
            if (length == 0 || !(isLetter(text.charAt(0)) || text.charAt(0) == '/') || text.charAt(length - 1) == ':') {
                return false;
            }
            for (int i = 1; i < length; i++) {
                char c = text.charAt(i);
                boolean plain = isLetter(c)
                        || (c >= '0' && c <= '9')
                        || (c >= '-' && c <= '/')
                        || c == '_'
                        || c == '@'
                        || c == ':';
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
}
