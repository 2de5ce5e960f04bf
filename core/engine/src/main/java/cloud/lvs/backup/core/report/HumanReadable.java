package cloud.lvs.backup.core.report;

import java.time.Duration;
import java.util.Locale;

/** Amounts as people read them. */
public final class HumanReadable {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private HumanReadable() {}

    /** {@code 31.2 MiB}. */
    public static String bytes(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    /** {@code 3.2 s}, {@code 14 min}, {@code 26 h} or {@code 9 d}. */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        if (duration.toMinutes() < 2) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        if (duration.toHours() < 2) {
            return duration.toMinutes() + " min";
        }
        return duration.toHours() < 48 ? duration.toHours() + " h" : duration.toDays() + " d";
    }

    /** {@code 1 item}, {@code 2 items}. */
    public static String count(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
