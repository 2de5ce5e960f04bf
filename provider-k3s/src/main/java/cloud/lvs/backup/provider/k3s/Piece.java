package cloud.lvs.backup.provider.k3s;

import java.nio.file.Path;

/** What a restore in place may have to move away, by the name it bears in the rollback directory. */
enum Piece {
    DATABASE("state.db", "db/state.db"),
    /** Left beside a restored database, SQLite would replay it into that, and its own checks would not tell. */
    WAL("state.db-wal", "db/state.db-wal"),
    SHM("state.db-shm", "db/state.db-shm"),
    JOURNAL("state.db-journal", "db/state.db-journal"),
    TOKEN("token", "token"),
    /** Newer than the datastore, k3s would refuse to start over it; missing, k3s makes it anew. */
    TLS("tls", "tls"),
    CRED("cred", "cred");

    private final String name;
    private final String home;

    Piece(String name, String home) {
        this.name = name;
        this.home = home;
    }

    /** Its name in the rollback directory. */
    String fileName() {
        return name;
    }

    /** Where k3s expects it. */
    Path home(DataDir dir) {
        return dir.server().resolve(home);
    }

    /** Whether it is part of the database: what belongs to one must not stay beside another. */
    boolean isOfDatabase() {
        return this == DATABASE || this == WAL || this == SHM || this == JOURNAL;
    }

    static Piece named(String name) {
        for (Piece piece : values()) {
            if (piece.name.equals(name)) {
                return piece;
            }
        }
        throw new IllegalArgumentException("no such piece: " + name);
    }
}
