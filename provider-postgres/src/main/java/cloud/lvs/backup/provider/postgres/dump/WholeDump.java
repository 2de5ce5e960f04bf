package cloud.lvs.backup.provider.postgres.dump;

import java.util.Optional;

/** Looks at a dump as it streams by, and tells at its end whether it is whole as far as the bytes show. */
public sealed interface WholeDump permits ArchiveDump, WholeDump.Script {
    /** Looks at the next bytes. */
    void take(byte[] bytes, int offset, int length);

    /** What shows that the dump is not whole, as the rest of a sentence; empty if nothing does. Asked at its end. */
    Optional<String> flaw();

    static WholeDump of(DumpFormat format) {
        return switch (format) {
            case ARCHIVE -> new ArchiveDump();
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
}
