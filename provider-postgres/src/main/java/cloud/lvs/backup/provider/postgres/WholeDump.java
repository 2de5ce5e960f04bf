package cloud.lvs.backup.provider.postgres;

import java.util.Optional;

/** Looks at a dump as it streams by, and tells at its end whether it is whole as far as the bytes show. */
sealed interface WholeDump {
    /** Looks at the next bytes. */
    void take(byte[] bytes, int offset, int length);

    /** What shows that the dump is not whole, as the rest of a sentence; empty if nothing does. Asked at its end. */
    Optional<String> flaw();

    static WholeDump of(DumpBody.Shape shape) {
        return switch (shape) {
            case ARCHIVE -> new Archive();
            case DATABASE_SCRIPT -> new Script(new PlainDump(PlainDump.Writer.DATABASE));
            case CLUSTER_SCRIPT -> new Script(new PlainDump(PlainDump.Writer.CLUSTER));
        };
    }

    /** A script: its end is marked. */
    final class Script implements WholeDump {
        private final PlainDump script;

        private Script(PlainDump script) {
            this.script = script;
        }

        @Override
        public void take(byte[] bytes, int offset, int length) {
            script.take(bytes, offset, length);
        }

        @Override
        public Optional<String> flaw() {
            return script.flaw();
        }
    }

    /** A custom archive. It has no end mark; {@code pg_restore} has to read it through to know. */
    final class Archive implements WholeDump {
        private static final byte[] MAGIC = {'P', 'G', 'D', 'M', 'P'};

        private int seen;
        private boolean other;

        private Archive() {}

        @Override
        public void take(byte[] bytes, int offset, int length) {
            for (int i = 0; i < length && seen < MAGIC.length; i++) {
                other |= bytes[offset + i] != MAGIC[seen++];
            }
        }

        @Override
        public Optional<String> flaw() {
            return other || seen < MAGIC.length
                    ? Optional.of("does not begin as an archive of pg_dump does")
                    : Optional.empty();
        }
    }
}
