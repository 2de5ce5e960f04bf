package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server that a restore goes to: what it is, what it has, and statements on it. One thread. */
final class TargetServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TargetServer.class);

    private static final String CANNOT_CONNECT_NOW = "57P03";
    private static final Duration RECOVERS_WITHIN = Duration.ofMinutes(1);

    private final Server server;
    private final Connection connection;

    private TargetServer(Server server, Connection connection) {
        this.server = server;
        this.connection = connection;
    }

    /** Connects to the maintenance database. */
    static TargetServer connect(Server server) throws BackupException {
        return connect(server, server.endpoint().maintenanceDatabase());
    }

    /** Connects to a database of the server. */
    static TargetServer connect(Server server, String database) throws BackupException {
        Connection connection = server.connect(database);
        try (Statement statement = connection.createStatement()) {
            // A role for backups may be set to read only.
            statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; SET client_min_messages = error");
            return new TargetServer(server, connection);
        } catch (SQLException e) {
            throw failed(server.endpoint().toString(), e);
        }
    }

    /**
     * Returns when a server lets us in. One that crashed over what it was given does so when it has recovered, and only then
     * can anything be taken back.
     *
     * @throws BackupException if it does not let us in, or takes too long
     */
    static void awaitRecovery(Server server) throws BackupException {
        long end = System.nanoTime() + RECOVERS_WITHIN.toNanos();
        while (true) {
            try {
                connect(server, server.endpoint().maintenanceDatabase()).close();
                return;
            } catch (BackupException e) {
                boolean recovering = e.getCause() instanceof SQLException refusal
                        && CANNOT_CONNECT_NOW.equals(refusal.getSQLState());
                if (!recovering || System.nanoTime() > end) {
                    throw e;
                }
                try {
                    TimeUnit.MILLISECONDS.sleep(100);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }

    Server server() {
        return server;
    }

    Connection connection() {
        return connection;
    }

    /** The failure of a statement: what the server said, without the statement, which could hold a secret. */
    static BackupException failed(String target, SQLException e) {
        String said = Server.firstLine(e);
        return new BackupException(Kind.FAILED, target, said, ErrorMessages.remedy(said), e);
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    List<String> column(String sql, String... parameters) throws SQLException {
        List<String> values = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    values.add(rows.getString(1));
                }
            }
        }
        return values;
    }

    private boolean isTrue(String sql, String... parameters) throws SQLException {
        return column(sql, parameters).equals(List.of("t"));
    }

    PostgresVersion version() throws SQLException {
        return PostgresVersion.ofServer(
                Integer.parseInt(column("SHOW server_version_num").get(0)),
                column("SHOW server_version").get(0));
    }

    /** Which cluster it is; empty if we may not ask. */
    Optional<String> systemIdentifier() throws SQLException {
        return isTrue("SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')")
                ? column("SELECT system_identifier::text FROM pg_catalog.pg_control_system()").stream()
                        .findFirst()
                : Optional.empty();
    }

    boolean isStandby() throws SQLException {
        return isTrue("SELECT pg_catalog.pg_is_in_recovery()");
    }

    boolean isSuperuser() throws SQLException {
        return isTrue("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user");
    }

    boolean maySetUpDatabases() throws SQLException {
        return isTrue("SELECT rolsuper OR rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user");
    }

    Set<String> roles() throws SQLException {
        return new TreeSet<>(column("SELECT rolname FROM pg_catalog.pg_roles"));
    }

    Set<String> tablespaces() throws SQLException {
        return new TreeSet<>(column("SELECT spcname FROM pg_catalog.pg_tablespace"));
    }

    Set<String> availableExtensions() throws SQLException {
        return new TreeSet<>(column("SELECT name FROM pg_catalog.pg_available_extensions"));
    }

    /** Those of some settings that the server does not know. One with a dot may be anybody's, and is taken as known. */
    Set<String> unknownSettings(Collection<String> names) throws SQLException {
        Set<String> unknown = new TreeSet<>();
        for (String name : names) {
            try {
                if (name.indexOf('.') < 0 && isTrue("SELECT pg_catalog.current_setting(?, true) IS NULL", name)) {
                    unknown.add(name);
                }
            } catch (SQLException e) {
                if (!"42501".equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
        return unknown;
    }

    /** The databases, by name, with their properties. */
    Map<String, DatabaseRow> databases() throws SQLException {
        Map<String, DatabaseRow> databases = new LinkedHashMap<>();
        DatabaseRow.all(connection).forEach(row -> databases.put(row.name(), row));
        return databases;
    }

    /** What would be lost with a database; one that cannot be looked into counts as full. */
    List<String> contents(DatabaseRow database) throws BackupException {
        if (!database.allowsConnections() || database.invalid()) {
            return List.of("takes no connections");
        }
        try (TargetServer inside = connect(server, database.name())) {
            return UserObjects.of(inside);
        } catch (SQLException e) {
            throw failed(database.described() + " on " + server.endpoint(), e);
        }
    }

    /** Ends all sessions in a database but ours. */
    void endSessionsIn(String database) throws SQLException {
        column(
                "SELECT pg_catalog.pg_terminate_backend(pid)::text FROM pg_catalog.pg_stat_activity"
                        + " WHERE datname = ? AND pid <> pg_catalog.pg_backend_pid()",
                database);
    }

    /**
     * Drops databases that are there, whoever is in them. On a full disk one may go only after another has made room.
     *
     * @return those that could not be dropped; why is told to the log
     */
    Set<String> dropQuietly(Collection<String> databases) {
        Map<String, String> left = new LinkedHashMap<>();
        databases.forEach(database -> left.put(database, ""));
        int before;
        do {
            before = left.size();
            for (String database : List.copyOf(left.keySet())) {
                try {
                    drop(database);
                    left.remove(database);
                } catch (SQLException e) {
                    left.put(database, Server.firstLine(e));
                }
            }
        } while (!left.isEmpty() && left.size() < before);
        left.forEach((database, reason) ->
                LOG.warn("Database {} on {} could not be removed: {}", database, server.endpoint(), reason));
        return left.keySet();
    }

    private void drop(String database) throws SQLException {
        List<String> template =
                column("SELECT datistemplate::text FROM pg_catalog.pg_database WHERE datname = ?", database);
        if (template.isEmpty()) {
            return;
        }
        String quoted = Quoting.identifier(database);
        // One whose DROP DATABASE was interrupted takes no other statement.
        if (template.equals(List.of("true"))) {
            execute("ALTER DATABASE " + quoted + " IS_TEMPLATE false");
        }
        detachSubscriptions(database);
        endSessionsIn(database);
        execute("DROP DATABASE " + quoted);
    }

    /** A subscription keeps its database; without its slot it can go, and the publisher is not asked. */
    private void detachSubscriptions(String database) throws SQLException {
        if (column(
                        "SELECT DISTINCT d.datname FROM pg_catalog.pg_subscription s"
                                + " JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = ?",
                        database)
                .isEmpty()) {
            return;
        }
        execute("ALTER DATABASE " + Quoting.identifier(database) + " ALLOW_CONNECTIONS true");
        try (TargetServer inside = connect(server, database)) {
            for (String subscription : inside.column("SELECT s.subname FROM pg_catalog.pg_subscription s"
                    + " JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()")) {
                String name = Quoting.identifier(subscription);
                inside.execute("ALTER SUBSCRIPTION " + name + " DISABLE");
                inside.execute("ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)");
                inside.execute("DROP SUBSCRIPTION " + name);
            }
        } catch (BackupException e) {
            throw new SQLException(e.problem(), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // It only ends.
        }
    }
}
