package cloud.lvs.backup.core.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * How the plain bytes of an artifact become fewer: one of {@link Zstd}, {@link Gzip}, {@link None}. A value.
 *
 * <p>Where {@code workers} is a component, it is the number of threads that compress one artifact; {@code 1} means the
 * writing thread alone. The default is the number of processors, at most 4. The result does not depend on who reads it: it is
 * one frame or one member whatever the number.
 */
public sealed interface Compression {
    /** Zstandard at level 3: smaller than {@code gzip -9} for a tenth of its work. */
    Compression DEFAULT = new Zstd();

    /** Bytes are stored as they are. */
    Compression NONE = new None();

    /**
     * Zstandard (RFC 8878), one frame with a checksum; read by {@code zstd -d}.
     *
     * @param level 1 (fast) to 19 (small)
     * @param workers threads, 1 to 64
     * @param longWindow log2 of the distance over which repeats are found, 20 to 27, or null for what the level gives. 27
     *     is what plain {@code zstd -d} still reads; it costs 128 MiB on both sides
     */
    record Zstd(int level, int workers, @Nullable Integer longWindow) implements Compression {
        /** @throws IllegalArgumentException if a component is out of range */
        public Zstd {
            requireWithin("level", level, 1, 19);
            requireWithin("workers", workers, 1, 64);
            if (longWindow != null) {
                requireWithin("longWindow", longWindow, 20, 27);
            }
        }

        /** Level {@code level} with the default number of workers. */
        public Zstd(int level) {
            this(level, defaultWorkers(), null);
        }

        /** Level 3 with the default number of workers. */
        public Zstd() {
            this(3);
        }
    }

    /**
     * Gzip (RFC 1952), one member; read by {@code gunzip}.
     *
     * @param level 1 (fast) to 9 (small)
     * @param workers threads, 1 to 64
     */
    record Gzip(int level, int workers) implements Compression {
        /** @throws IllegalArgumentException if a component is out of range */
        public Gzip {
            requireWithin("level", level, 1, 9);
            requireWithin("workers", workers, 1, 64);
        }

        /** Level {@code level} with the default number of workers. */
        public Gzip(int level) {
            this(level, defaultWorkers());
        }

        /** Level 6 with the default number of workers. */
        public Gzip() {
            this(6);
        }
    }

    /** No compression. */
    record None() implements Compression {}

    private static void requireWithin(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "compression." + key + " must be " + least + " to " + most + ", was " + value);
        }
    }

    private static int defaultWorkers() {
        return Math.min(Runtime.getRuntime().availableProcessors(), 4);
    }
}
