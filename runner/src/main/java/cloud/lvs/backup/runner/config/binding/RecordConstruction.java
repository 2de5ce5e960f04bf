package cloud.lvs.backup.runner.config.binding;

import cloud.lvs.backup.runner.config.yaml.KeyPaths;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.config.yaml.ProblemCollector;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes one record of bound values and tells what its compact constructor refuses. A constructor tells one mistake and knows
 * nothing of what could not be bound; so that all are told in one go, it is called again with the default in place of what is
 * wrong, as long as what it says is about keys that were given and are not known to be wrong yet.
 */
final class RecordConstruction {
    private static final int SHORTEST_TO_MASK = 4;

    private final ValueType.Keys valueType;
    private final Node.Mapping mapping;
    private final String path;
    private final Function<ValueType.Key, Object> defaults;
    private final ProblemCollector problems;
    private final int problemsBefore;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Set<String> wrong = new LinkedHashSet<>();

    /** Whether the constructor can be called at all. */
    private boolean possible = true;

    /**
     * @param defaults gives the value of a key that has a default
     * @param problems those told so far are of other records
     */
    RecordConstruction(
            ValueType.Keys valueType,
            Node.Mapping mapping,
            String path,
            Function<ValueType.Key, Object> defaults,
            ProblemCollector problems) {
        this.valueType = valueType;
        this.mapping = mapping;
        this.path = path;
        this.defaults = defaults;
        this.problems = problems;
        this.problemsBefore = problems.count();
    }

    void set(ValueType.Key key, Object value) {
        values.put(key.name(), value);
    }

    /** Something unknown was given, perhaps for one of these. */
    void doubt(Set<String> keys) {
        wrong.addAll(keys);
    }

    /** The key has no value that could be used, which has been told. */
    void standIn(ValueType.Key key) {
        wrong.add(key.name());
        if (key.defaultText() != null) {
            values.put(key.name(), defaults.apply(key));
        } else {
            values.remove(key.name());
            possible &= !key.mustBeGiven();
        }
    }

    /** The record, or null if there was a mistake, which has been told. */
    @Nullable
    Object make() {
        while (possible) {
            try {
                Object made = construct();
                return wrong.isEmpty() && problems.count() == problemsBefore ? made : null;
            } catch (InvocationTargetException e) {
                if (e.getTargetException() instanceof LinkageError broken) {
                    throw broken;
                }
                if (!tell(e.getTargetException())) {
                    return null;
                }
            }
        }
        return null;
    }

    private Object construct() throws InvocationTargetException {
        RecordComponent[] components = valueType.type().getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        @Nullable Object[] arguments = new Object[components.length];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = values.get(components[i].getName());
        }
        try {
            Constructor<? extends Record> constructor = valueType.type().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw e;
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "record " + valueType.type().getName() + " cannot be created; it has to be public", e);
        }
    }

    /** @return whether it makes sense to ask the constructor once more */
    private boolean tell(Throwable refusal) {
        boolean isRefusal = refusal instanceof IllegalArgumentException && refusal.getMessage() != null;
        String message = isRefusal ? String.valueOf(refusal.getMessage()) : defect(refusal);
        ValueType.Key named = isRefusal ? named(message) : null;
        if (!wrong.isEmpty() && (named == null || wrong.stream().anyMatch(key -> mentions(message, key)))) {
            // Perhaps only a consequence of a default that stands in for something else.
            return false;
        }
        String shown = withoutValues(message, valueType, mapping);
        Node.Entry entry = named == null ? null : mapping.entries().get(named.name());
        if (named == null || entry == null) {
            problems.add(mapping.location(), path, shown);
            return false;
        }
        problems.add(entry.value().location(), KeyPaths.child(path, named.name()), shown);
        standIn(named);
        return true;
    }

    /** What a constructor throws that does not refuse: it is wrong, and its author wants to know where. */
    private String defect(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        CodeSource jar = valueType.type().getProtectionDomain().getCodeSource();
        return "what is given here makes the check of its provider fail: record "
                + valueType.type().getName() + " throws " + thrown.getClass().getSimpleName()
                + (thrown.getMessage() == null ? "" : " (" + thrown.getMessage() + ")")
                + (trace.length == 0 ? "" : " at " + trace[0])
                + "; look at these keys, and report it to the provider's author"
                + (jar == null || jar.getLocation() == null
                        ? ""
                        : " (" + jar.getLocation().getPath() + ")");
    }

    /** The first key given that the message is about. */
    private ValueType.@Nullable Key named(String message) {
        ValueType.Key named = null;
        int first = Integer.MAX_VALUE;
        for (ValueType.Key key : valueType.keys()) {
            Matcher mention = mention(key.name()).matcher(message);
            if (mapping.entries().containsKey(key.name()) && mention.find() && mention.start() < first) {
                named = key;
                first = mention.start();
            }
        }
        return named;
    }

    private static boolean mentions(String message, String key) {
        return mention(key).matcher(message).find();
    }

    private static Pattern mention(String key) {
        return Pattern.compile("\\b" + Pattern.quote(key) + "\\b");
    }

    /** The message of a foreign constructor without the free texts that it was given: they might be secrets. */
    private static String withoutValues(String message, ValueType valueType, Node node) {
        String result = message;
        if (node instanceof Node.Mapping mapping && valueType instanceof ValueType.Keys keys) {
            for (ValueType.Key key : keys.keys()) {
                Node.Entry entry = mapping.entries().get(key.name());
                result = entry == null ? result : withoutValues(result, key.valueType(), entry.value());
            }
        } else if (node instanceof Node.Mapping mapping && valueType instanceof ValueType.MapOf map) {
            for (Node.Entry entry : mapping.entries().values()) {
                result = withoutValues(result, map.value(), entry.value());
            }
        } else if (node instanceof Node.Sequence sequence && valueType instanceof ValueType.ListOf list) {
            for (Node element : sequence.elements()) {
                result = withoutValues(result, list.element(), element);
            }
        } else if (node instanceof Node.Scalar scalar
                && ValueTypes.isFreeText(valueType)
                && scalar.text().length() >= SHORTEST_TO_MASK) {
            result = result.replace(scalar.text(), "***");
        }
        return result;
    }
}
