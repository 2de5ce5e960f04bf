package cloud.lvs.backup.provider.k3s.restore;

import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.DatabaseFile;
import java.nio.file.Path;

/** What a restore in place may have to move away, by the name it bears in the rollback directory. */
public enum RollbackEntry {
    DATABASE("state.db"),
    /** Left beside a restored database, SQLite would replay it into that, and its own checks would not tell. */
    WAL("state.db-wal"),
    SHM("state.db-shm"),
    JOURNAL("state.db-journal"),
    TOKEN("token"),
    /** Newer than the datastore, k3s would refuse to start over it; missing, k3s makes it anew. */
    TLS("tls"),
    CRED("cred");

    private final String name;

    RollbackEntry(String name) {
        this.name = name;
    }

    /** Its name in the rollback directory. */
    String fileName() {
        return name;
    }

    /** Where k3s, or its SQLite, looks for it. */
    Path home(DataDir dir, DatabaseFile database) {
        return switch (this) {
            case DATABASE -> database.file();
            case WAL -> database.wal();
            case SHM -> database.shm();
            case JOURNAL -> database.journal();
            case TOKEN -> dir.token();
            case TLS, CRED -> dir.server().resolve(name);
        };
    }

    /** Whether it is part of the database: what belongs to one must not stay beside another. */
    boolean isOfDatabase() {
        return this == DATABASE || this == WAL || this == SHM || this == JOURNAL;
    }

    static RollbackEntry named(String name) {
        for (RollbackEntry entry : values()) {
            if (entry.name.equals(name)) {
                return entry;
            }
        }
        throw new IllegalArgumentException("no such piece: " + name);
    }
}
