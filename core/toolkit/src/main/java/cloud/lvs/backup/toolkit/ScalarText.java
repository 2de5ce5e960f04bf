package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Reads single values of a configuration from text, by the rules of {@link cloud.lvs.backup.spi.SourceProvider}. */
public final class ScalarText {
    private static final String DECIMAL = "[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?";

    private static final Map<Class<?>, Function<String, Object>> PARSERS = Map.ofEntries(
            Map.entry(String.class, text -> text),
            Map.entry(boolean.class, ScalarText::parseBoolean),
            Map.entry(Boolean.class, ScalarText::parseBoolean),
            Map.entry(int.class, text -> Integer.valueOf(text.strip())),
            Map.entry(Integer.class, text -> Integer.valueOf(text.strip())),
            Map.entry(long.class, text -> Long.valueOf(text.strip())),
            Map.entry(Long.class, text -> Long.valueOf(text.strip())),
            Map.entry(double.class, ScalarText::parseDecimal),
            Map.entry(Double.class, ScalarText::parseDecimal),
            Map.entry(Path.class, Path::of),
            Map.entry(Secret.class, Secret::new),
            Map.entry(URI.class, URI::create),
            Map.entry(Duration.class, DurationFormat::parse),
            Map.entry(ByteSize.class, ByteSize::parse),
            Map.entry(ZoneId.class, ZoneId::of));

    private ScalarText() {}

    /** Whether values of this type are written as one text. */
    public static boolean isScalar(Class<?> type) {
        return PARSERS.containsKey(type) || type.isEnum();
    }

    /**
     * The value that a text says: an enum's constant in lower case with {@code -} for {@code _}, a duration as
     * {@link DurationFormat} has it, a size such as {@code 64MiB}.
     *
     * @throws IllegalArgumentException if the text says none, or the type is not written as one text
     * @throws java.time.DateTimeException if there is no such time zone
     */
    public static Object parse(Class<?> type, String text) {
        if (type.isEnum()) {
            String wanted = text.strip().toUpperCase(Locale.ROOT).replace('-', '_');
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> ((Enum<?>) constant).name().equals(wanted))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("expects one of "
                            + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT)));
        }
        Function<String, Object> parser = PARSERS.get(type);
        if (parser == null) {
            throw new IllegalArgumentException("a " + type.getName() + " is not written as one text");
        }
        return parser.apply(text);
    }

    private static Object parseBoolean(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expects true or false");
        };
    }

    private static Object parseDecimal(String text) {
        String digits = text.strip();
        double value = Double.parseDouble(digits);
        if (!digits.matches(DECIMAL) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("expects a finite number");
        }
        return value;
    }
}
