package cloud.lvs.backup.runner.config.binding;

import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Matches;
import cloud.lvs.backup.spi.Range;
import java.lang.reflect.RecordComponent;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Range} and {@link Matches} say of a component.
 *
 * @param component what they limit
 * @param range null if there is none
 * @param matches null if there is none
 */
record Constraints(
        RecordComponent component,
        @Nullable Range range,
        @Nullable Matches matches) {
    static Constraints of(RecordComponent component) {
        return new Constraints(component, component.getAnnotation(Range.class), component.getAnnotation(Matches.class));
    }

    /**
     * The valueType with these limits.
     *
     * @throws IllegalArgumentException if they limit nothing of this type, or nothing could keep to them
     */
    ValueType applyTo(ValueType valueType) {
        if (range == null && matches == null) {
            return valueType;
        }
        if (!(valueType instanceof ValueType.Scalar scalar)) {
            throw wrong("has " + (range == null ? "@Matches" : "@Range") + ", which its type cannot have");
        }
        ValueType.Scalar limited = range == null ? scalar : within(scalar, range);
        return matches == null ? limited : matching(limited, matches);
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("component '" + component.getName() + "' of record "
                + component.getDeclaringRecord().getName() + " " + what);
    }

    private ValueType.Scalar within(ValueType.Scalar scalar, Range range) {
        Object min = limit(scalar, range.min());
        Object max = limit(scalar, range.max());
        Map<String, Object> keywords = new LinkedHashMap<>();
        if (min instanceof Number) {
            keywords.put("minimum", min);
        }
        if (max instanceof Number) {
            keywords.put("maximum", max);
        }
        String expectation = "expects a " + scalar.name() + " " + inWords(range);
        Function<String, ?> parser = text -> {
            Object value = scalar.parser().apply(text);
            if (min != null && compare(value, min) < 0 || max != null && compare(value, max) > 0) {
                throw new ValueType.Refusal(expectation);
            }
            return value;
        };
        return new ValueType.Scalar(
                scalar.name(), scalar.expectation(), ScalarSchemas.with(scalar.schema(), keywords), parser);
    }

    private @Nullable Object limit(ValueType.Scalar scalar, String text) {
        if (text.isEmpty()) {
            return null;
        }
        Object limit;
        try {
            limit = scalar.parser().apply(text);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw wrong("has a @Range with '" + text + "', which is no " + scalar.name());
        }
        if (!(limit instanceof Number || limit instanceof ByteSize || limit instanceof Duration)) {
            throw wrong("has @Range, which is for numbers, sizes and durations");
        }
        return limit;
    }

    private static String inWords(Range range) {
        if (range.min().equals(range.max())) {
            return "that is " + range.min();
        }
        if (range.max().isEmpty()) {
            return "of at least " + range.min();
        }
        return range.min().isEmpty() ? "of at most " + range.max() : "from " + range.min() + " to " + range.max();
    }

    @SuppressWarnings("unchecked") // both come from one parser; a type without an order cannot have a range
    private static int compare(Object value, Object limit) {
        if (!(value instanceof Comparable<?>)) {
            throw new IllegalArgumentException("a " + value.getClass().getSimpleName() + " has no range");
        }
        return ((Comparable<Object>) value).compareTo(limit);
    }

    private ValueType.Scalar matching(ValueType.Scalar scalar, Matches matches) {
        Pattern pattern;
        try {
            pattern = Pattern.compile(matches.value());
        } catch (PatternSyntaxException e) {
            throw wrong("has @Matches with '" + matches.value() + "', which is no regular expression: "
                    + e.getDescription());
        }
        String expectation = "expects " + matches.expects();
        Function<String, ?> parser = text -> {
            if (!pattern.matcher(text.strip()).matches()) {
                throw new ValueType.Refusal(expectation);
            }
            return scalar.parser().apply(text);
        };
        return new ValueType.Scalar(scalar.name(), expectation, ScalarSchemas.text(matches.value()), parser);
    }
}
