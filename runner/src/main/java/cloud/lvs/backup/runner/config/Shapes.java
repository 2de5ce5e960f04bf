package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.core.catalog.KeyTemplate;
import cloud.lvs.backup.runner.plugin.ProviderKind;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.Secret;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the shape of values off Java types; the rules are those of {@link cloud.lvs.backup.spi.SourceProvider}. */
final class Shapes {
    private static final Set<String> FREE_TEXTS = Set.of("text", "URI");
    private static final Shape TEXT = new Shape.Scalar("text", "expects a text", ScalarSchemas.TEXT, text -> text);
    private static final Shape LINK = new Shape.Scalar("URI", "expects a URI", ScalarSchemas.TEXT, URI::create);
    private static final Shape BOOLEAN =
            new Shape.Scalar("true \\| false", "expects true or false", ScalarSchemas.BOOLEAN, Shapes::parseBoolean);
    private static final Shape.Plugged SOURCE = new Shape.Plugged(ProviderKind.SOURCE, null);

    private static final Map<Class<?>, Shape> SCALARS = Map.ofEntries(
            Map.entry(String.class, TEXT),
            Map.entry(boolean.class, BOOLEAN),
            Map.entry(Boolean.class, BOOLEAN),
            Map.entry(int.class, number(ScalarSchemas.INTEGER, Integer::valueOf)),
            Map.entry(Integer.class, number(ScalarSchemas.INTEGER, Integer::valueOf)),
            Map.entry(long.class, number(ScalarSchemas.WHOLE_NUMBER, Long::valueOf)),
            Map.entry(Long.class, number(ScalarSchemas.WHOLE_NUMBER, Long::valueOf)),
            Map.entry(double.class, decimal()),
            Map.entry(Double.class, decimal()),
            Map.entry(Path.class, new Shape.PathShape()),
            Map.entry(Secret.class, new Shape.Hidden()),
            Map.entry(URI.class, LINK),
            Map.entry(
                    Duration.class,
                    new Shape.Scalar(
                            "duration",
                            Durations.EXPECTATION,
                            ScalarSchemas.text(Durations.PATTERN),
                            Durations::parse)),
            Map.entry(
                    ByteSize.class,
                    new Shape.Scalar(
                            "size", "expects a size such as 64MiB, 5GB or 4096", ScalarSchemas.SIZE, ByteSize::parse)),
            Map.entry(
                    Percent.class,
                    new Shape.Scalar(
                            "percentage",
                            "expects a percentage between 0% and 100%, such as 50%",
                            ScalarSchemas.text(Percent.PATTERN),
                            Percent::parse)),
            Map.entry(
                    Schedule.class,
                    new Shape.Scalar(
                            "cron fields",
                            Schedule.EXPECTATION,
                            ScalarSchemas.text(Schedule.PATTERN),
                            Schedule::parse)),
            Map.entry(
                    KeyTemplate.class,
                    new Shape.Scalar(
                            "key template",
                            "expects a key template with {artifact}, {run} and, at its end, {ext}; besides these {yyyy},"
                                    + " {MM}, {dd}, {job} and {timestamp} are known",
                            ScalarSchemas.TEXT,
                            KeyTemplate::new)),
            Map.entry(
                    ZoneId.class,
                    new Shape.Scalar(
                            "time zone",
                            "expects a time zone such as UTC or Europe/Berlin",
                            ScalarSchemas.TEXT,
                            ZoneId::of)));

    private Shapes() {}

    /**
     * The shape of a record.
     *
     * @throws IllegalArgumentException if a component has a type that a configuration cannot have
     */
    static Shape.Keys of(Class<? extends Record> type) {
        return keys(type, Set.of());
    }

    /** Whether the value could be anything, also a secret in the wrong place. */
    static boolean isFreeText(Shape shape) {
        return shape instanceof Shape.PathShape
                || shape instanceof Shape.Hidden
                || shape instanceof Shape.Scalar scalar && FREE_TEXTS.contains(scalar.name());
    }

    private static Shape.Keys keys(Class<? extends Record> type, Set<Class<?>> around) {
        if (around.contains(type)) {
            throw new IllegalArgumentException("record " + type.getName() + " holds itself");
        }
        Set<Class<?>> inside = new HashSet<>(around);
        inside.add(type);
        List<Shape.Key> keys = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            keys.add(new Shape.Key(
                    component,
                    shape(component.getGenericType(), component, inside),
                    defaultOf(component),
                    component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                            ? Shape.Key.Presence.OPTIONAL
                            : Shape.Key.Presence.REQUIRED,
                    docOf(component)));
        }
        return new Shape.Keys(type, List.copyOf(keys));
    }

    private static @Nullable String defaultOf(RecordComponent component) {
        Default annotation = component.getAnnotation(Default.class);
        return annotation == null ? null : annotation.value();
    }

    private static String docOf(RecordComponent component) {
        Doc annotation = component.getAnnotation(Doc.class);
        return annotation == null ? "" : annotation.value();
    }

    private static Shape shape(Type type, RecordComponent component, Set<Class<?>> around) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                return new Shape.ListOf(shape(arguments[0], component, around));
            }
            if (generic.getRawType() == Map.class && arguments[0] == String.class) {
                return new Shape.MapOf(shape(arguments[1], component, around));
            }
            if (generic.getRawType() == Configured.class && arguments[0] instanceof ParameterizedType provider) {
                return plugged(provider.getRawType());
            }
        }
        if (type == SourceRef.class) {
            return new Shape.NameOrSource(SOURCE);
        }
        if (type instanceof Class<?> plain) {
            Shape scalar = SCALARS.get(plain);
            if (scalar != null) {
                return Limits.of(component).applyTo(scalar);
            }
            if (plain.isEnum()) {
                return new Shape.Choice(List.of(plain.asSubclass(Enum.class).getEnumConstants()).stream()
                        .map(constant -> (Enum<?>) constant)
                        .toList());
            }
            if (plain.isRecord()) {
                return keys(plain.asSubclass(Record.class), around);
            }
        }
        throw new IllegalArgumentException("component '" + component.getName() + "' of record "
                + component.getDeclaringRecord().getName() + " has the type " + type.getTypeName()
                + ", which a configuration cannot have");
    }

    private static Shape plugged(Type provider) {
        for (ProviderKind kind : ProviderKind.values()) {
            if (kind.spi() == provider) {
                return kind == ProviderKind.SOURCE
                        ? SOURCE
                        : new Shape.Plugged(kind, provider == RetentionPolicyProvider.class ? "standard" : null);
            }
        }
        throw new IllegalArgumentException(provider.getTypeName() + " is not a provider");
    }

    private static Shape number(Map<String, Object> schema, Function<String, ?> parser) {
        return new Shape.Scalar("whole number", "expects a whole number", schema, text -> {
            String digits = text.strip();
            if (digits.matches("[+-]?0[0-9]+")) {
                throw new Shape.Refusal(
                        "expects a whole number without a leading zero, which some programs take for the sign of an"
                                + " octal one");
            }
            return parser.apply(digits);
        });
    }

    private static Shape decimal() {
        return new Shape.Scalar("number", "expects a number", ScalarSchemas.NUMBER, Shapes::parseDecimal);
    }

    private static Double parseDecimal(String text) {
        String digits = text.strip();
        double value = Double.parseDouble(digits);
        if (!digits.matches(ScalarSchemas.DECIMAL) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("not finite");
        }
        return value;
    }

    private static Boolean parseBoolean(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }
}
