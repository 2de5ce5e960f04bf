package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Matches;
import cloud.lvs.backup.spi.Range;
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
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Whether a record can be bound from a configuration; the rules are those of {@link cloud.lvs.backup.spi.SourceProvider}. */
final class ConfigurationRecordCheck {
    private static final Set<Class<?>> ORDERED = Set.of(
            int.class,
            Integer.class,
            long.class,
            Long.class,
            double.class,
            Double.class,
            Duration.class,
            ByteSize.class);
    private static final Set<Class<?>> OTHERS =
            Set.of(String.class, boolean.class, Boolean.class, Path.class, Secret.class, URI.class, ZoneId.class);

    private final List<String> problems = new ArrayList<>();

    private ConfigurationRecordCheck() {}

    /** What keeps the record from being bound; empty if nothing does. */
    static List<String> problemsOf(Class<?> type) {
        if (!type.isRecord()) {
            return List.of(type.getName() + " is no record");
        }
        ConfigurationRecordCheck check = new ConfigurationRecordCheck();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getName().equals("type")) {
                check.problems.add(named(component) + " has the name of the key that chooses the provider");
            }
        }
        check.visit(type, Set.of());
        return check.problems;
    }

    private void visit(Class<?> type, Set<Class<?>> around) {
        if (around.contains(type)) {
            problems.add("record " + type.getName() + " holds itself");
            return;
        }
        Set<Class<?>> inside = new HashSet<>(around);
        inside.add(type);
        for (RecordComponent component : type.getRecordComponents()) {
            visit(component, component.getGenericType(), inside);
            visitPattern(component);
        }
    }

    private void visit(RecordComponent component, Type type, Set<Class<?>> around) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                visit(component, arguments[0], around);
                return;
            }
            if (generic.getRawType() == Map.class && arguments[0] == String.class) {
                visit(component, arguments[1], around);
                return;
            }
        }
        if (type instanceof Class<?> plain && plain.isRecord() && !OTHERS.contains(plain) && !ORDERED.contains(plain)) {
            visit(plain, around);
        } else if (type instanceof Class<?> plain && ORDERED.contains(plain)) {
            return;
        } else if (type instanceof Class<?> plain && (OTHERS.contains(plain) || plain.isEnum())) {
            if (component.isAnnotationPresent(Range.class)) {
                problems.add(named(component) + " has a @Range, but " + plain.getSimpleName() + " has none");
            }
        } else {
            problems.add(
                    named(component) + " has the type " + type.getTypeName() + ", which a configuration cannot have");
        }
    }

    private void visitPattern(RecordComponent component) {
        Matches matches = component.getAnnotation(Matches.class);
        if (matches == null) {
            return;
        }
        try {
            Pattern.compile(matches.value());
        } catch (PatternSyntaxException e) {
            problems.add(named(component) + " has a @Matches that is no regular expression: " + e.getDescription());
        }
    }

    private static String named(RecordComponent component) {
        return "component '" + component.getName() + "' of record "
                + component.getDeclaringRecord().getName();
    }
}
