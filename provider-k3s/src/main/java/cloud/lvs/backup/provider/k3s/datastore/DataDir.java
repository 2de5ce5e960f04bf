package cloud.lvs.backup.provider.k3s.datastore;

import cloud.lvs.backup.spi.BackupException;
import java.nio.file.Path;

/**
 * The layout of a k3s data directory.
 *
 * @param root what {@code --data-dir} says
 */
public record DataDir(Path root) {
    /** Where k3s keeps the keys of its encryption of Secrets, below {@code server/}. */
    public static final String ENCRYPTION_CONFIG = "cred/encryption-config.json";

    public Path server() {
        return root.resolve("server");
    }

    public Path db() {
        return server().resolve("db");
    }

    /** What k3s opens; may be a link. */
    public Path database() {
        return db().resolve("state.db");
    }

    /**
     * The database as SQLite finds it.
     *
     * @throws BackupException if it is a link that leads nowhere
     */
    public DatabaseFile databaseFile() throws BackupException {
        return DatabaseFile.at(database());
    }

    /** What k3s calls the database once it has moved it to etcd. */
    Path migrated() {
        return db().resolve("state.db.migrated");
    }

    /** Exists once embedded etcd is initialised; k3s then uses etcd, whatever else lies there. */
    Path etcdWal() {
        return db().resolve("etcd").resolve("member").resolve("wal");
    }

    public Path token() {
        return server().resolve("token");
    }

    public Path agentToken() {
        return server().resolve("agent-token");
    }

    public Path encryptionConfig() {
        return server().resolve(ENCRYPTION_CONFIG);
    }
}
