package cloud.lvs.backup.runner.config.binding;

import cloud.lvs.backup.spi.Matches;
import cloud.lvs.backup.spi.Range;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Range} and {@link Matches} say of a component.
 *
 * @param range null if there is none
 * @param matches null if there is none
 */
record Constraints(@Nullable Range range, @Nullable Matches matches) {
    static Constraints of(RecordComponent component) {
        return new Constraints(component.getAnnotation(Range.class), component.getAnnotation(Matches.class));
    }

    /** The valueType with these limits. */
    ValueType applyTo(ValueType valueType) {
        if (!(valueType instanceof ValueType.Scalar scalar)) {
            return valueType;
        }
        ValueType.Scalar limited = range == null ? scalar : within(scalar, range);
        return matches == null ? limited : matching(limited, matches);
    }

    private static ValueType.Scalar within(ValueType.Scalar scalar, Range range) {
        Object min = range.min().isEmpty() ? null : scalar.parser().apply(range.min());
        Object max = range.max().isEmpty() ? null : scalar.parser().apply(range.max());
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

    private static ValueType.Scalar matching(ValueType.Scalar scalar, Matches matches) {
        String expectation = "expects " + matches.expects();
        Function<String, ?> parser = text -> {
            if (!text.strip().matches(matches.value())) {
                throw new ValueType.Refusal(expectation);
            }
            return scalar.parser().apply(text);
        };
        return new ValueType.Scalar(scalar.name(), expectation, ScalarSchemas.text(matches.value()), parser);
    }
}
