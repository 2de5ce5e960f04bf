package cloud.lvs.backup.provider.k3s;

import java.nio.file.Path;

/**
 * The layout of a k3s data directory.
 *
 * @param root what {@code --data-dir} says
 */
record DataDir(Path root) {
    Path server() {
        return root.resolve("server");
    }

    Path db() {
        return server().resolve("db");
    }

    Path database() {
        return db().resolve("state.db");
    }

    Path wal() {
        return db().resolve("state.db-wal");
    }

    Path shm() {
        return db().resolve("state.db-shm");
    }

    /** Only there after a crash in SQLite's rollback mode, which kine leaves as soon as it opens the database. */
    Path journal() {
        return db().resolve("state.db-journal");
    }

    /** What k3s calls the database once it has moved it to etcd. */
    Path migrated() {
        return db().resolve("state.db.migrated");
    }

    /** Exists once embedded etcd is initialised; k3s then uses etcd, whatever else lies there. */
    Path etcdWal() {
        return db().resolve("etcd").resolve("member").resolve("wal");
    }

    Path token() {
        return server().resolve("token");
    }

    Path agentToken() {
        return server().resolve("agent-token");
    }
}
