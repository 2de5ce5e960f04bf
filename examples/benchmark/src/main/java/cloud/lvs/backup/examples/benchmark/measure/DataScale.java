package cloud.lvs.backup.examples.benchmark.measure;

/**
 * How large the data is. The limits are meant for the full size: what is smaller measures little but starting.
 *
 * @param factor 1 for the full size
 */
public record DataScale(double factor) {
    private static final String VARIABLE = "LVS_BENCH_SCALE";

    public DataScale {
        if (!(factor > 0)) {
            throw new IllegalArgumentException(VARIABLE + " must be positive, was " + factor);
        }
    }

    public static DataScale fromEnvironment() {
        String text = System.getenv(VARIABLE);
        return new DataScale(text == null || text.isBlank() ? 1 : Double.parseDouble(text.strip()));
    }

    public boolean isFull() {
        return factor == 1;
    }

    public long of(long full) {
        return Math.max(1, Math.round(full * factor));
    }
}
