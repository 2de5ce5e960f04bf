package cloud.lvs.backup.provider.postgres.dump;

import java.util.Optional;

/** Looks at a dump as it streams by, and tells at its end whether it is whole as far as the bytes show. */
public sealed interface CompletenessCheck permits ArchiveCompleteness, ScriptCompleteness {
    /** Looks at the next bytes. */
    void take(byte[] bytes, int offset, int length);

    /** What shows that the dump is not whole, as the rest of a sentence; empty if nothing does. Asked at its end. */
    Optional<String> flaw();

    static CompletenessCheck of(DumpFormat format) {
        return switch (format) {
            case ARCHIVE -> new ArchiveCompleteness();
            case DATABASE_SCRIPT -> new ScriptCompleteness(ScriptCompleteness.Writer.DATABASE);
            case CLUSTER_SCRIPT -> new ScriptCompleteness(ScriptCompleteness.Writer.CLUSTER);
        };
    }
}
