package cloud.lvs.backup.examples.benchmark.measure;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** How numbers are summed up and written. */
public final class Numbers {
    public static final long MIB = 1 << 20;
    public static final long MEMORY_LIMIT = 256 * MIB;

    private Numbers() {}

    public static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    public static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    public static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    public static String seconds(double seconds) {
        return format("%.1f s", seconds);
    }

    public static String mebibytes(long bytes) {
        return format("%.0f MiB", bytes / (double) MIB);
    }

    public static String megabytes(long bytes) {
        return format("%.0f MB", bytes / 1e6);
    }

    public static String ratio(double ratio) {
        return format("ratio %.2f", ratio);
    }

    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
