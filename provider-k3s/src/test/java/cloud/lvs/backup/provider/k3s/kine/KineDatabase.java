package cloud.lvs.backup.provider.k3s.kine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The datastore of a k3s data directory, open as k3s has it: WAL mode, inserts only, compaction by deleting rows. Used from
 * one thread; closing the last connection checkpoints and removes the log, as a clean stop of k3s does.
 */
public final class KineDatabase implements AutoCloseable {
    /** The password of the token that fits databases made here. */
    public static final String PASSWORD = "s3cr3t:with:colons";

    private static final String INSERT = "INSERT INTO kine"
            + " (name, created, deleted, create_revision, prev_revision, lease, value, old_value)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

    private final Path dataDir;
    private final Connection connection;
    private final PreparedStatement newest;
    private final PreparedStatement insert;

    private KineDatabase(Path dataDir) throws SQLException {
        this.dataDir = dataDir;
        this.connection = DriverManager.getConnection(
                "jdbc:sqlite:" + file(dataDir) + "?journal_mode=WAL&busy_timeout=30000&synchronous=NORMAL");
        try (Statement ddl = connection.createStatement()) {
            ddl.execute("CREATE TABLE IF NOT EXISTS kine (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT,"
                    + " created INTEGER, deleted INTEGER, create_revision INTEGER, prev_revision INTEGER,"
                    + " lease INTEGER, value BLOB, old_value BLOB)");
            ddl.execute("CREATE INDEX IF NOT EXISTS kine_name_index ON kine (name)");
            ddl.execute("CREATE INDEX IF NOT EXISTS kine_name_id_index ON kine (name, id)");
            ddl.execute("CREATE INDEX IF NOT EXISTS kine_id_deleted_index ON kine (id, deleted)");
            ddl.execute("CREATE INDEX IF NOT EXISTS kine_prev_revision_index ON kine (prev_revision)");
            ddl.execute("CREATE UNIQUE INDEX IF NOT EXISTS kine_name_prev_revision_uindex"
                    + " ON kine (name, prev_revision)");
        }
        newest = connection.prepareStatement(
                "SELECT id, deleted, create_revision, value FROM kine WHERE name = ? ORDER BY id DESC LIMIT 1");
        insert = connection.prepareStatement(INSERT);
    }

    /** The database file of a data directory. */
    public static Path file(Path dataDir) {
        return dataDir.resolve("server").resolve("db").resolve("state.db");
    }

    /** The token file of a data directory. */
    public static Path token(Path dataDir) {
        return dataDir.resolve("server").resolve("token");
    }

    /** Opens what is there. */
    public static KineDatabase open(Path dataDir) throws SQLException {
        return new KineDatabase(dataDir);
    }

    /** The smallest that k3s would start with: the special rows, and the token beside it. */
    public static KineDatabase create(Path dataDir) throws IOException, SQLException {
        return create(dataDir, PASSWORD);
    }

    /** As {@link #create(Path)}, under a token with this password. */
    public static KineDatabase create(Path dataDir, String password) throws IOException, SQLException {
        var files = Bootstrap.files("cluster of " + password);
        KineDatabase kine = createEmpty(dataDir);
        Files.writeString(token(dataDir), Bootstrap.token(password, files));
        kine.insert("compact_rev_key", true, false, 0, 0, "".getBytes(StandardCharsets.UTF_8), null);
        kine.put("/registry/health", "{\"health\":\"true\"}");
        for (String namespace : new String[] {"default", "kube-system", "kube-public"}) {
            kine.put("/registry/namespaces/" + namespace, "namespace " + namespace);
        }
        kine.put(Bootstrap.key(password), Bootstrap.seal(password, files));
        return kine;
    }

    /** The table without a row, and no token. */
    public static KineDatabase createEmpty(Path dataDir) throws IOException, SQLException {
        Files.createDirectories(file(dataDir).getParent());
        return new KineDatabase(dataDir);
    }

    /** Where it lies. */
    public Path dataDir() {
        return dataDir;
    }

    /** For what the methods here do not do. */
    public Connection connection() {
        return connection;
    }

    /** Creates or updates a key, in a transaction of its own unless one is open; gives the new revision. */
    public long put(String name, byte[] value) throws SQLException {
        Row previous = newest(name);
        if (previous == null || previous.deleted()) {
            return insert(name, true, false, 0, previous == null ? 0 : previous.id(), value, null);
        }
        return insert(name, false, false, previous.created(), previous.id(), value, previous.value());
    }

    /** As {@link #put(String, byte[])}: JSON and what is encrypted as it is, any other text in an object. */
    public long put(String name, String value) throws SQLException {
        boolean stored = value.startsWith("{") || value.startsWith("k8s:enc:") || !name.startsWith("/registry/");
        return put(name, stored ? value.getBytes(StandardCharsets.UTF_8) : StoredValue.at(name, value));
    }

    /** Deletes a live key; gives the revision of the row that says so. */
    public long delete(String name) throws SQLException {
        Row previous = newest(name);
        if (previous == null || previous.deleted()) {
            throw new SQLException("no live key " + name);
        }
        return insert(name, false, true, previous.created(), previous.id(), null, previous.value());
    }

    /** Inserts a row as it is given. */
    public long insert(
            String name,
            boolean created,
            boolean deleted,
            long createRevision,
            long previousRevision,
            byte @Nullable [] value,
            byte @Nullable [] oldValue)
            throws SQLException {
        insert.setString(1, name);
        insert.setInt(2, created ? 1 : 0);
        insert.setInt(3, deleted ? 1 : 0);
        insert.setLong(4, createRevision);
        insert.setLong(5, previousRevision);
        insert.setLong(6, 0);
        insert.setBytes(7, value);
        insert.setBytes(8, oldValue);
        insert.executeUpdate();
        return number("SELECT last_insert_rowid()");
    }

    /** Deletes superseded and deleted rows up to a revision, and notes it, as kine does every few minutes. */
    public void compact(long revision) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM kine WHERE id IN"
                        + " (SELECT prev_revision FROM kine WHERE name <> 'compact_rev_key' AND prev_revision <> 0"
                        + " AND id <= ? UNION SELECT id FROM kine WHERE deleted <> 0 AND id <= ?)");
                PreparedStatement note = connection.prepareStatement(
                        "UPDATE kine SET prev_revision = ? WHERE name = 'compact_rev_key'")) {
            delete.setLong(1, revision);
            delete.setLong(2, revision);
            delete.executeUpdate();
            note.setLong(1, revision);
            note.executeUpdate();
        }
    }

    /** {@code wal_checkpoint(FULL)}: what kine does after a compaction. */
    public void checkpoint() throws SQLException {
        execute("PRAGMA wal_checkpoint(FULL)");
    }

    /** The current revision. */
    public long maxId() throws SQLException {
        return number("SELECT max(id) FROM kine");
    }

    /** Runs a statement. */
    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Asks for a number. */
    public long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.getLong(1);
        }
    }

    private @Nullable Row newest(String name) throws SQLException {
        newest.setString(1, name);
        try (ResultSet row = newest.executeQuery()) {
            if (!row.next()) {
                return null;
            }
            long id = row.getLong(1);
            long created = row.getLong(3);
            return new Row(id, row.getInt(2) != 0, created == 0 ? id : created, row.getBytes(4));
        }
    }

    private record Row(long id, boolean deleted, long created, byte @Nullable [] value) {}

    @Override
    public void close() throws SQLException {
        newest.close();
        insert.close();
        connection.close();
    }
}
