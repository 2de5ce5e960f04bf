package cloud.lvs.backup.toolkit;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as operators write them: {@code 90s}, {@code 15m}, {@code 26h}, {@code 7d}, {@code 4w}, or ISO 8601. */
public final class DurationFormat {
    /** What to write, for messages. */
    public static final String EXPECTATION = "expects a duration such as 90s, 15m, 26h, 7d or 4w";

    private static final String SHORT = "([0-9]{1,9})(ms|s|m|h|d|w)";
    private static final String ISO = "[Pp](?=.)(?:[0-9]+[Dd])?(?:[Tt](?=.)(?:[0-9]+[Hh])?(?:[0-9]+[Mm])?"
            + "(?:[0-9]+(?:[.,][0-9]{0,9})?[Ss])?)?";
    /** What a duration looks like, blanks around it aside. */
    public static final String PATTERN = SHORT + "|" + ISO;

    private static final Pattern SHAPE = Pattern.compile(SHORT);
    private static final Pattern ISO_SHAPE = Pattern.compile(ISO);

    private DurationFormat() {}

    /**
     * A duration in hours, minutes and seconds, for messages, e.g. {@code 1h30m}.
     *
     * @param duration not negative
     */
    public static String text(Duration duration) {
        return duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }

    /**
     * The duration that a text says.
     *
     * @throws IllegalArgumentException if {@code text} is no duration or a negative one
     */
    public static Duration parse(String text) {
        String stripped = text.strip();
        Matcher matcher = SHAPE.matcher(stripped);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                case "d" -> Duration.ofDays(amount);
                default -> Duration.ofDays(7 * amount);
            };
        }
        if (ISO_SHAPE.matcher(stripped).matches()) {
            try {
                return Duration.parse(stripped);
            } catch (DateTimeException e) {
                throw new IllegalArgumentException(EXPECTATION, e);
            }
        }
        throw new IllegalArgumentException(EXPECTATION);
    }
}
