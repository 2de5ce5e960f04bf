package cloud.lvs.backup.spi;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes.
 *
 * @param bytes not negative
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern SHAPE =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmgt]i?b|b)?", Pattern.CASE_INSENSITIVE);
    private static final Map<String, Long> UNITS = Map.of(
            "b", 1L,
            "kb", 1_000L,
            "mb", 1_000_000L,
            "gb", 1_000_000_000L,
            "tb", 1_000_000_000_000L,
            "kib", 1L << 10,
            "mib", 1L << 20,
            "gib", 1L << 30,
            "tib", 1L << 40);

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative, was " + bytes);
        }
    }

    /**
     * Reads {@code 64MiB}, {@code 5 GB}, {@code 1.5GiB} or plain {@code 4096}; units in any case, {@code kB} is 1,000 and
     * {@code KiB} 1,024 bytes.
     *
     * @throws IllegalArgumentException if {@code text} is none of these
     */
    public static ByteSize parse(String text) {
        Matcher matcher = SHAPE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size; write e.g. 64MiB, 5GB or 4096");
        }
        String unit = matcher.group(2) == null ? "b" : matcher.group(2).toLowerCase(Locale.ROOT);
        long factor = UNITS.getOrDefault(unit, 1L);
        try {
            return new ByteSize(new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(factor))
                    .toBigInteger()
                    .longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is too large a size", e);
        }
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The largest binary unit that divides the amount, so that {@link #parse} gives the same value back. */
    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        long rest = bytes;
        int unit = 0;
        while (unit < units.length - 1 && rest != 0 && rest % 1024 == 0) {
            rest /= 1024;
            unit++;
        }
        return rest + units[unit];
    }
}
