package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Matches;
import cloud.lvs.backup.spi.Range;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.DateTimeException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the configuration record of a provider from plain values, for tests and for programs that embed the library, by the rules
 * of {@link cloud.lvs.backup.spi.SourceProvider}: what is not given has its {@link Default}, or is null if it is
 * {@code @Nullable}; {@link Range} and {@link Matches} hold.
 */
public final class ConfigurationRecord {
    private ConfigurationRecord() {}

    /**
     * The record of these values.
     *
     * @param type a public record, or one that this package may create
     * @param values by the names of components; each of the component's own type, or a text as in a configuration file, e.g.
     *     {@code Map.of("port", 5432, "lockWaitTimeout", "10m")}; for a component that is a record also such a map
     * @throws IllegalArgumentException if a name is unknown, a component without default is missing, or a value does not fit;
     *     also what the record's own constructor says
     */
    public static <C extends Record> C of(Class<C> type, Map<String, ?> values) {
        RecordComponent[] components = type.getRecordComponents();
        Set<String> known = new LinkedHashSet<>();
        Arrays.stream(components).map(RecordComponent::getName).forEach(known::add);
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        type.getSimpleName() + " has no '" + name + "'; it has " + String.join(", ", known));
            }
        }
        @Nullable Object[] arguments = new Object[components.length];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = value(type, components[i], values.get(components[i].getName()));
        }
        return create(type, arguments);
    }

    private static @Nullable Object value(Class<?> type, RecordComponent component, @Nullable Object given) {
        if (given == null) {
            Default otherwise = component.getAnnotation(Default.class);
            if (otherwise != null) {
                return ofDefault(component, otherwise.value());
            }
            if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                return null;
            }
            throw new IllegalArgumentException(type.getSimpleName() + " needs '" + component.getName() + "'");
        }
        if (component.getType().isRecord() && given instanceof Map<?, ?> nested) {
            return nested(component, nested);
        }
        Object value =
                given instanceof String text && component.getType() != String.class ? parse(component, text) : given;
        if (!wrapper(component.getType()).isInstance(value)) {
            throw new IllegalArgumentException("'" + component.getName() + "' expects a "
                    + component.getType().getSimpleName() + ", not a "
                    + given.getClass().getSimpleName());
        }
        requireLimits(component, value);
        return value;
    }

    @SuppressWarnings("unchecked") // names of components; another key is refused as unknown
    private static Object nested(RecordComponent component, Map<?, ?> values) {
        return of(component.getType().asSubclass(Record.class), (Map<String, ?>) values);
    }

    private static Object parse(RecordComponent component, String text) {
        try {
            return ScalarText.parse(component.getType(), text);
        } catch (IllegalArgumentException | DateTimeException e) {
            // Not the cause: it would show the text, which may be a secret in the wrong place.
            throw new IllegalArgumentException("'" + component.getName() + "' expects a "
                    + component.getType().getSimpleName() + ", and the text given is none");
        }
    }

    /** A default is YAML; of its lists and mappings only those of single values can be written in an annotation. */
    private static Object ofDefault(RecordComponent component, String text) {
        Class<?> type = component.getType();
        if (type == Map.class && text.equals("{}")) {
            return Map.of();
        }
        if (type.isRecord() && text.equals("{}")) {
            return of(type.asSubclass(Record.class), Map.of());
        }
        if (type == List.class && text.startsWith("[") && text.endsWith("]")) {
            String elements = text.substring(1, text.length() - 1).strip();
            return elements.isEmpty()
                    ? List.of()
                    : Arrays.stream(elements.split(","))
                            .map(element -> ScalarText.parse(elementType(component), element.strip()))
                            .toList();
        }
        return parse(component, text);
    }

    private static Class<?> elementType(RecordComponent component) {
        return component.getGenericType() instanceof ParameterizedType list
                        && list.getActualTypeArguments()[0] instanceof Class<?> element
                ? element
                : String.class;
    }

    private static void requireLimits(RecordComponent component, Object value) {
        Range range = component.getAnnotation(Range.class);
        if (range != null
                && (!range.min().isEmpty() && compare(component, value, range.min()) < 0
                        || !range.max().isEmpty() && compare(component, value, range.max()) > 0)) {
            throw new IllegalArgumentException("'" + component.getName() + "' expects "
                    + (range.min().isEmpty() ? "" : "at least " + range.min())
                    + (range.min().isEmpty() || range.max().isEmpty() ? "" : " and ")
                    + (range.max().isEmpty() ? "" : "at most " + range.max()));
        }
        Matches matches = component.getAnnotation(Matches.class);
        if (matches != null && !String.valueOf(value).strip().matches(matches.value())) {
            throw new IllegalArgumentException("'" + component.getName() + "' expects " + matches.expects());
        }
    }

    @SuppressWarnings("unchecked") // both are of the component's type
    private static int compare(RecordComponent component, Object value, String limit) {
        return ((Comparable<Object>) value).compareTo(ScalarText.parse(component.getType(), limit));
    }

    private static Class<?> wrapper(Class<?> type) {
        return java.lang.invoke.MethodType.methodType(type).wrap().returnType();
    }

    private static <C extends Record> C create(Class<C> type, @Nullable Object[] arguments) {
        try {
            Class<?>[] types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<C> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalArgumentException(type.getSimpleName() + " cannot be made of these values", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    "record " + type.getName() + " cannot be created; it has to be public", e);
        }
    }
}
