package cloud.lvs.backup.examples.benchmark;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** How numbers are summed up and written. */
final class Figures {
    static final long MIB = 1 << 20;
    static final long MEMORY_LIMIT = 256 * MIB;

    private Figures() {}

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    static String seconds(double seconds) {
        return format("%.1f s", seconds);
    }

    static String mebibytes(long bytes) {
        return format("%.0f MiB", bytes / (double) MIB);
    }

    static String megabytes(long bytes) {
        return format("%.0f MB", bytes / 1e6);
    }

    static String ratio(double ratio) {
        return format("ratio %.2f", ratio);
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
