package cloud.lvs.backup.examples.benchmark;

/**
 * How large the data is. The limits are meant for the full size: what is smaller measures little but starting.
 *
 * @param factor 1 for the full size
 */
record Scale(double factor) {
    private static final String VARIABLE = "LVS_BENCH_SCALE";

    Scale {
        if (!(factor > 0)) {
            throw new IllegalArgumentException(VARIABLE + " must be positive, was " + factor);
        }
    }

    static Scale fromEnvironment() {
        String text = System.getenv(VARIABLE);
        return new Scale(text == null || text.isBlank() ? 1 : Double.parseDouble(text.strip()));
    }

    boolean isFull() {
        return factor == 1;
    }

    long of(long full) {
        return Math.max(1, Math.round(full * factor));
    }
}
