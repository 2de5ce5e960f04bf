package cloud.lvs.backup.core.report;

import java.time.Duration;

/** Lengths of time as people write them. */
public final class DurationText {
    private DurationText() {}

    /** {@code 7 d}, {@code 78 h}, {@code 14 min} or {@code 30 s}. */
    public static String inWords(Duration duration) {
        long seconds = duration.abs().toSeconds();
        long hours = seconds / 3600;
        if (hours >= 24 * 10 || hours >= 24 && seconds % 86_400 == 0) {
            return Math.round(hours / 24.0) + " d";
        }
        if (hours >= 2 || hours == 1 && seconds % 3600 == 0) {
            return hours + " h";
        }
        return seconds >= 120 ? seconds / 60 + " min" : seconds + " s";
    }
}
