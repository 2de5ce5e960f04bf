package cloud.lvs.backup.runner.config.binding;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON Schemas of single values. Each passes what the binder takes: what YAML knows as a number or a truth value may also be
 * quoted, a text may look like either, and an interpolation may stand for anything. A pattern is heeded for texts, a minimum for
 * numbers, so that no branches are needed and an editor tells the very rule that is broken.
 */
public final class ScalarSchemas {
    public static final String INTERPOLATION = "\\$\\{";
    static final String DECIMAL = "[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?";

    /** A name or path may be a number or truth value to YAML. */
    public static final Map<String, Object> TEXT = Map.of("type", List.of("string", "number", "boolean"));

    static final Map<String, Object> BOOLEAN =
            typed("boolean", ValueType.Choice.anyCase("true") + "|" + ValueType.Choice.anyCase("false"));
    static final Map<String, Object> WHOLE_NUMBER = typed("integer", "[+-]?(?:0|[1-9][0-9]*)");
    /** One that an {@code int} holds. */
    static final Map<String, Object> INTEGER =
            with(WHOLE_NUMBER, Map.of("minimum", Integer.MIN_VALUE, "maximum", Integer.MAX_VALUE));

    static final Map<String, Object> NUMBER = typed("number", DECIMAL);
    static final Map<String, Object> SIZE = size();

    private ScalarSchemas() {}

    /** Of a text that looks so. */
    static Map<String, Object> text(String pattern) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "string");
        schema.put("pattern", whole(pattern));
        return schema;
    }

    /** As {@code schema}, and besides with these keywords. */
    public static Map<String, Object> with(Map<String, Object> schema, Map<String, Object> more) {
        Map<String, Object> both = new LinkedHashMap<>(schema);
        both.putAll(more);
        return both;
    }

    /** The pattern of an interpolation, or of a text that is {@code pattern} from end to end. */
    public static String whole(String pattern) {
        return "^\\s*(?:" + pattern + ")\\s*$|" + INTERPOLATION;
    }

    private static Map<String, Object> typed(String type, String pattern) {
        Map<String, Object> schema = text(pattern);
        schema.put("type", List.of(type, "string"));
        return schema;
    }

    private static Map<String, Object> size() {
        Map<String, Object> schema = typed("number", "[0-9]+(?:\\.[0-9]+)?\\s*(?:[kKmMgGtT][iI]?[bB]|[bB])?");
        schema.put("minimum", 0);
        return schema;
    }
}
