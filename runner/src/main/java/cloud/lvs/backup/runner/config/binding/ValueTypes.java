package cloud.lvs.backup.runner.config.binding;

import cloud.lvs.backup.core.catalog.KeyTemplate;
import cloud.lvs.backup.runner.config.ConfiguredProvider;
import cloud.lvs.backup.runner.config.Percent;
import cloud.lvs.backup.runner.config.Schedule;
import cloud.lvs.backup.runner.config.SourceRef;
import cloud.lvs.backup.runner.plugin.ProviderKind;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.toolkit.DurationFormat;
import cloud.lvs.backup.toolkit.ScalarText;
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
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the valueType of values off Java types; the rules are those of {@link cloud.lvs.backup.spi.SourceProvider}. */
public final class ValueTypes {
    private static final Set<String> FREE_TEXTS = Set.of("text", "URI");
    private static final ValueType TEXT =
            new ValueType.Scalar("text", "expects a text", ScalarSchemas.TEXT, text -> text);
    private static final ValueType LINK = new ValueType.Scalar("URI", "expects a URI", ScalarSchemas.TEXT, URI::create);
    private static final ValueType BOOLEAN = new ValueType.Scalar(
            "true \\| false",
            "expects true or false",
            ScalarSchemas.BOOLEAN,
            text -> ScalarText.parse(boolean.class, text));
    private static final ValueType.Plugged SOURCE = new ValueType.Plugged(ProviderKind.SOURCE, null);

    private static final Map<Class<?>, ValueType> SCALARS = Map.ofEntries(
            Map.entry(String.class, TEXT),
            Map.entry(boolean.class, BOOLEAN),
            Map.entry(Boolean.class, BOOLEAN),
            Map.entry(int.class, number(ScalarSchemas.INTEGER, int.class)),
            Map.entry(Integer.class, number(ScalarSchemas.INTEGER, int.class)),
            Map.entry(long.class, number(ScalarSchemas.WHOLE_NUMBER, long.class)),
            Map.entry(Long.class, number(ScalarSchemas.WHOLE_NUMBER, long.class)),
            Map.entry(double.class, decimal()),
            Map.entry(Double.class, decimal()),
            Map.entry(Path.class, new ValueType.FilePath()),
            Map.entry(Secret.class, new ValueType.Hidden()),
            Map.entry(URI.class, LINK),
            Map.entry(
                    Duration.class,
                    new ValueType.Scalar(
                            "duration",
                            DurationFormat.EXPECTATION,
                            ScalarSchemas.text(DurationFormat.PATTERN),
                            DurationFormat::parse)),
            Map.entry(
                    ByteSize.class,
                    new ValueType.Scalar(
                            "size", "expects a size such as 64MiB, 5GB or 4096", ScalarSchemas.SIZE, ByteSize::parse)),
            Map.entry(
                    Percent.class,
                    new ValueType.Scalar(
                            "percentage",
                            "expects a percentage between 0% and 100%, such as 50%",
                            ScalarSchemas.text(Percent.PATTERN),
                            Percent::parse)),
            Map.entry(
                    Schedule.class,
                    new ValueType.Scalar(
                            "cron fields",
                            Schedule.EXPECTATION,
                            ScalarSchemas.text(Schedule.PATTERN),
                            Schedule::parse)),
            Map.entry(
                    KeyTemplate.class,
                    new ValueType.Scalar(
                            "key template",
                            "expects a key template with {artifact}, {run} and, at its end, {ext}; besides these {yyyy},"
                                    + " {MM}, {dd}, {job} and {timestamp} are known",
                            ScalarSchemas.TEXT,
                            KeyTemplate::new)),
            Map.entry(
                    ZoneId.class,
                    new ValueType.Scalar(
                            "time zone",
                            "expects a time zone such as UTC or Europe/Berlin",
                            ScalarSchemas.TEXT,
                            ZoneId::of)));

    private ValueTypes() {}

    /**
     * The valueType of a record.
     *
     * @throws IllegalArgumentException if a component has a type that a configuration cannot have
     */
    public static ValueType.Keys of(Class<? extends Record> type) {
        return keys(type, Set.of());
    }

    /** Whether the value could be anything, also a secret in the wrong place. */
    static boolean isFreeText(ValueType valueType) {
        return valueType instanceof ValueType.FilePath
                || valueType instanceof ValueType.Hidden
                || valueType instanceof ValueType.Scalar scalar && FREE_TEXTS.contains(scalar.name());
    }

    private static ValueType.Keys keys(Class<? extends Record> type, Set<Class<?>> around) {
        if (around.contains(type)) {
            throw new IllegalArgumentException("record " + type.getName() + " holds itself");
        }
        if (!type.isRecord()) {
            throw new IllegalArgumentException(type.getName() + " is not a record");
        }
        Set<Class<?>> inside = new HashSet<>(around);
        inside.add(type);
        List<ValueType.Key> keys = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            keys.add(new ValueType.Key(
                    component,
                    valueType(component.getGenericType(), component, inside),
                    defaultOf(component),
                    component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                            ? ValueType.Key.Presence.OPTIONAL
                            : ValueType.Key.Presence.REQUIRED,
                    docOf(component)));
        }
        return new ValueType.Keys(type, List.copyOf(keys));
    }

    private static @Nullable String defaultOf(RecordComponent component) {
        Default annotation = component.getAnnotation(Default.class);
        return annotation == null ? null : annotation.value();
    }

    private static String docOf(RecordComponent component) {
        Doc annotation = component.getAnnotation(Doc.class);
        return annotation == null ? "" : annotation.value();
    }

    private static ValueType valueType(Type type, RecordComponent component, Set<Class<?>> around) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                return new ValueType.ListOf(valueType(arguments[0], component, around));
            }
            if (generic.getRawType() == Map.class && arguments[0] == String.class) {
                return new ValueType.MapOf(valueType(arguments[1], component, around));
            }
            if (generic.getRawType() == ConfiguredProvider.class
                    && arguments[0] instanceof ParameterizedType provider) {
                return plugged(provider.getRawType());
            }
        }
        if (type == SourceRef.class) {
            return new ValueType.NameOrSource(SOURCE);
        }
        if (type instanceof Class<?> plain) {
            Constraints limits = Constraints.of(component);
            ValueType scalar = SCALARS.get(plain);
            if (scalar != null) {
                return limits.applyTo(scalar);
            }
            if (plain.isEnum()) {
                return limits.applyTo(new ValueType.Choice(
                        List.of(plain.asSubclass(Enum.class).getEnumConstants()).stream()
                                .map(constant -> (Enum<?>) constant)
                                .toList()));
            }
            if (plain.isRecord()) {
                return limits.applyTo(keys(plain.asSubclass(Record.class), around));
            }
        }
        throw new IllegalArgumentException("component '" + component.getName() + "' of record "
                + component.getDeclaringRecord().getName() + " has the type " + type.getTypeName()
                + ", which a configuration cannot have");
    }

    private static ValueType plugged(Type provider) {
        for (ProviderKind kind : ProviderKind.values()) {
            if (kind.spi() == provider) {
                return kind == ProviderKind.SOURCE
                        ? SOURCE
                        : new ValueType.Plugged(kind, provider == RetentionPolicyProvider.class ? "standard" : null);
            }
        }
        throw new IllegalArgumentException(provider.getTypeName() + " is not a provider");
    }

    private static ValueType number(Map<String, Object> schema, Class<?> type) {
        return new ValueType.Scalar("whole number", "expects a whole number", schema, text -> {
            String digits = text.strip();
            if (digits.matches("[+-]?0[0-9]+")) {
                throw new ValueType.Refusal(
                        "expects a whole number without a leading zero, which some programs take for the sign of an"
                                + " octal one");
            }
            return ScalarText.parse(type, digits);
        });
    }

    private static ValueType decimal() {
        return new ValueType.Scalar(
                "number", "expects a number", ScalarSchemas.NUMBER, text -> ScalarText.parse(double.class, text));
    }
}
