package cloud.lvs.backup.provider.longhorn.controller.loop;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Go's durations, for example {@code 5m0s}. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("([0-9.]+)(h|ms|m|s|us|ns)");

    private Durations() {}

    /** The duration of a text, zero when it says nothing. */
    public static Duration parse(String text) {
        Matcher parts = PART.matcher(text);
        Duration sum = Duration.ZERO;
        while (parts.find()) {
            double amount = Double.parseDouble(parts.group(1));
            double seconds = switch (parts.group(2)) {
                case "h" -> amount * 3600;
                case "m" -> amount * 60;
                case "s" -> amount;
                case "ms" -> amount / 1000;
                default -> 0;
            };
            sum = sum.plusMillis((long) (seconds * 1000));
        }
        return text.startsWith("-") ? sum.negated() : sum;
    }
}
