package cloud.lvs.backup.provider.k3s.datastore;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;

/** Opens SQLite databases in the few ways that are safe here, and asks them. */
public final class Sqlite {
    private static final String UNPACKING =
            "point TMPDIR to a directory that can be written and is not mounted noexec, or give Java"
                    + " such a one with LVS_JAVA_OPTS=-Dorg.sqlite.tmpdir=DIRECTORY";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Sqlite() {}

    /** For a database with both side files: takes part in their protocol, never checkpoints, never makes a file. */
    public static Connection readOnly(Path file) throws SQLException {
        return open(file, "mode=ro");
    }

    /** For a database without a log that nobody writes: takes no lock, ignores a log, makes no file. */
    public static Connection immutable(Path file) throws SQLException {
        return open(file, "mode=ro&immutable=1");
    }

    /** For a private copy only: replays its log. */
    public static Connection readWrite(Path file) throws SQLException {
        return open(file, "mode=rw");
    }

    /** Holds nothing. */
    public static Connection inMemory() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite::memory:");
    }

    /** A file: URI, so that no character of the path is taken for something else and no missing file is created. */
    private static Connection open(Path file, String parameters) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        if (parameters.startsWith("mode=ro")) {
            config.setReadOnly(true);
        }
        config.setBusyTimeout((int) PATIENCE.toMillis());
        return config.createConnection(
                "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath() + "?" + parameters);
    }

    /**
     * The version of SQLite in use.
     *
     * @throws SQLException if its native library cannot be loaded
     */
    public static String version() throws SQLException {
        try {
            if (!SQLiteJDBCLoader.initialize()) {
                throw new SQLException("no native library for this system");
            }
            try (Connection connection = inMemory()) {
                return textOf(connection, "SELECT sqlite_version()").orElse("unknown");
            }
        } catch (SQLException e) {
            throw e;
        } catch (Exception | LinkageError e) {
            throw new SQLException("the native library cannot be loaded: " + e.getMessage(), e);
        }
    }

    /**
     * What is not SQLite's to read must not be taken for damaged.
     *
     * @throws BackupException of kind {@code CONFIG} if its native library cannot be loaded
     */
    public static void requireLibrary() throws BackupException {
        try {
            version();
        } catch (SQLException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "SQLite",
                    "its native library cannot be loaded from "
                            + System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir", "/tmp"))
                            + ", where it is unpacked",
                    UNPACKING,
                    e);
        }
    }

    /** The first column of the first row; empty if there is no row or it is NULL. */
    public static Optional<Long> numberOf(Connection connection, String sql, Object... arguments) throws SQLException {
        return textOf(connection, sql, arguments).map(Long::valueOf);
    }

    /** As {@link #numberOf}, for text. */
    static Optional<String> textOf(Connection connection, String sql, Object... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
            }
        }
    }

    public static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The primary result code of a failure: what SQLite calls {@code SQLITE_BUSY}, not its extended forms. */
    public static int code(SQLException failure) {
        return primary(
                failure instanceof SQLiteException sqlite ? sqlite.getResultCode().code : failure.getErrorCode());
    }

    static int primary(int code) {
        return code & 0xff;
    }

    static boolean isCode(SQLException failure, SQLiteErrorCode code) {
        return code(failure) == code.code;
    }
}
