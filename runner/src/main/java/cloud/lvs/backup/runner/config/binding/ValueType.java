package cloud.lvs.backup.runner.config.binding;

import cloud.lvs.backup.runner.plugin.ProviderKind;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a value of the configuration may look like; read off Java types once, to bind, to show and to document. */
public sealed interface ValueType {
    /** What it is, for people: {@code duration}, {@code list of text}. */
    String name();

    /**
     * A single value.
     *
     * @param expectation what to write, for messages
     * @param schema its JSON Schema, for a value that is written out
     * @param parser throws {@link IllegalArgumentException}; its message is not shown, it might hold the value, unless it is a
     *     {@link Refusal}
     */
    record Scalar(String name, String expectation, Map<String, Object> schema, Function<String, ?> parser)
            implements ValueType {}

    /** A value is wrong in a way that may be told: the message does not hold it. */
    final class Refusal extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        public Refusal(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    /** A text that is never shown. */
    record Hidden() implements ValueType {
        @Override
        public String name() {
            return "secret";
        }
    }

    /** The path of a file or directory. */
    record FilePath() implements ValueType {
        @Override
        public String name() {
            return "path";
        }
    }

    /** One of some words: the constants of an enum, in lower case with {@code -}. */
    record Choice(List<? extends Enum<?>> constants) implements ValueType {
        @Override
        public String name() {
            return String.join(" \\| ", words());
        }

        public List<String> words() {
            return constants.stream().map(Choice::word).toList();
        }

        public Optional<? extends Enum<?>> find(String text) {
            String wanted = text.strip().toLowerCase(Locale.ROOT).replace('_', '-');
            return constants.stream()
                    .filter(constant -> word(constant).equals(wanted))
                    .findFirst();
        }

        /** Matches all that {@link #find} finds. */
        public String pattern() {
            return words().stream().map(Choice::anyCase).collect(Collectors.joining("|"));
        }

        /** A regular expression for the word in upper and lower case; ECMA-262 has no flag inside of one. */
        public static String anyCase(String word) {
            var pattern = new StringBuilder();
            for (char letter : word.toCharArray()) {
                if (Character.isLetter(letter)) {
                    pattern.append('[')
                            .append(Character.toUpperCase(letter))
                            .append(Character.toLowerCase(letter))
                            .append(']');
                } else {
                    pattern.append(letter == '-' ? "[-_]" : Character.toString(letter));
                }
            }
            return pattern.toString();
        }

        public static String word(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    record ListOf(ValueType element) implements ValueType {
        @Override
        public String name() {
            return "list of " + element.name();
        }
    }

    record MapOf(ValueType value) implements ValueType {
        @Override
        public String name() {
            return "mapping of name to " + value.name();
        }
    }

    /** The keys of a record. */
    record Keys(Class<? extends Record> type, List<Key> keys) implements ValueType {
        @Override
        public String name() {
            return "mapping";
        }

        public Optional<Key> find(String name) {
            return keys.stream().filter(key -> key.name().equals(name)).findFirst();
        }

        List<String> names() {
            return keys.stream().map(Key::name).toList();
        }
    }

    /**
     * The record of a provider that {@code type:} chooses.
     *
     * @param defaultType what a missing {@code type:} means, or null if it is required
     */
    record Plugged(ProviderKind kind, @Nullable String defaultType) implements ValueType {
        @Override
        public String name() {
            return kind.word();
        }
    }

    /** The name of a source, or a source. */
    record NameOrSource(Plugged source) implements ValueType {
        @Override
        public String name() {
            return "name of a source, or a source";
        }
    }

    /**
     * One key of a record.
     *
     * @param component the component behind it
     * @param valueType what its value looks like
     * @param defaultText the default as in YAML, or null if there is none
     * @param presence whether it may be left out without a default
     * @param doc one sentence; may be empty
     */
    record Key(
            RecordComponent component,
            ValueType valueType,
            @Nullable String defaultText,
            Presence presence,
            String doc) {
        /** Whether a key has to be there. */
        enum Presence {
            REQUIRED,
            OPTIONAL
        }

        public String name() {
            return component.getName();
        }

        public boolean mustBeGiven() {
            return presence == Presence.REQUIRED && defaultText == null;
        }
    }
}
