package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.provider.postgres.server.TableName;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.toolkit.Glob;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One consistent view of a database, held open by a session and shared with the dumps of it: what is asked here and what
 * they write belong together. One thread at a time.
 */
final class ExportedSnapshot implements AutoCloseable {
    private static final int TABLES_PER_LOCK = 200;

    /** Tables that a dump has the rows of, with their size; partitioned ones have none of their own. */
    private static final String TABLES = """
            SELECT n.nspname, c.relname, pg_catalog.pg_table_size(c.oid)
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND c.relpersistence <> 't'
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                                  AND d.deptype = 'e')
             ORDER BY 1, 2
            """;

    /** All tables by name, each with the tables that hold its rows: itself and, if it is partitioned, its partitions. */
    private static final String FAMILIES = """
            WITH RECURSIVE family(ancestor, member) AS (
                SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'm')
                UNION
                SELECT f.ancestor, i.inhrelid
                  FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.member AND c.relkind = 'p'
                  JOIN pg_catalog.pg_inherits i ON i.inhparent = f.member)
            SELECT an.nspname, a.relname, mn.nspname, m.relname
              FROM family f
              JOIN pg_catalog.pg_class a ON a.oid = f.ancestor JOIN pg_catalog.pg_namespace an ON an.oid = a.relnamespace
              JOIN pg_catalog.pg_class m ON m.oid = f.member JOIN pg_catalog.pg_namespace mn ON mn.oid = m.relnamespace
             WHERE an.nspname !~ '^pg_' AND an.nspname <> 'information_schema' AND m.relkind = 'r'
             ORDER BY 3, 4
            """;

    private final Sessions sessions;
    private final Connection connection;
    private final String database;
    private final String id;
    private final Map<String, String> facts;

    private ExportedSnapshot(
            Sessions sessions, Connection connection, String database, String id, Map<String, String> facts) {
        this.sessions = sessions;
        this.connection = connection;
        this.database = database;
        this.id = id;
        this.facts = facts;
    }

    /**
     * Takes one.
     *
     * @param lockTimeout how long each question may wait for a lock that somebody else holds
     * @throws SQLException if the server does not let us
     */
    static ExportedSnapshot take(Sessions sessions, String database, Duration lockTimeout)
            throws BackupException, SQLException {
        Connection connection = sessions.open(database);
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET lock_timeout = " + lockTimeout.toMillis());
            }
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            Map<String, String> facts = new TreeMap<>();
            try (Statement statement = connection.createStatement()) {
                String id = export(statement, facts);
                return new ExportedSnapshot(sessions, connection, database, id, facts);
            }
        } catch (SQLException e) {
            sessions.close(connection);
            throw e;
        }
    }

    private static String export(Statement statement, Map<String, String> facts) throws SQLException {
        try (ResultSet row = statement.executeQuery("""
                SELECT pg_catalog.pg_export_snapshot(),
                       CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                            ELSE pg_catalog.pg_current_wal_lsn() END,
                       to_char(pg_catalog.statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                """)) {
            row.next();
            facts.put("snapshotLsn", String.valueOf(row.getString(2)));
            facts.put("snapshotAt", row.getString(3));
            return row.getString(1);
        }
    }

    /** What a dump imports it by. */
    String id() {
        return id;
    }

    String database() {
        return database;
    }

    /** The session, for further questions inside the snapshot. */
    Connection connection() {
        return connection;
    }

    /** When and where it was taken, and what the database holds. */
    Map<String, String> facts() throws SQLException {
        Map<String, String> all = new TreeMap<>(facts);
        all.put(
                "extensions",
                String.join(
                        ", ",
                        Server.column(
                                connection,
                                "SELECT extname || '=' || extversion FROM pg_catalog.pg_extension ORDER BY 1")));
        all.put("tables", Server.column(connection, """
                                SELECT count(*) FROM pg_catalog.pg_class c
                                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                                 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
                                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                                      AND d.objid = c.oid AND d.deptype = 'e')
                                """).get(0));
        all.put(
                "largeObjects",
                Server.column(connection, "SELECT count(*) FROM pg_catalog.pg_largeobject_metadata")
                        .get(0));
        return all;
    }

    /**
     * The tables whose rows the globs leave out.
     *
     * @param matched told of each glob that named a table
     */
    Set<TableName> tablesWithoutData(List<Glob> globs, Collection<String> matched) throws SQLException {
        Set<TableName> result = new LinkedHashSet<>();
        if (globs.isEmpty()) {
            return result;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FAMILIES)) {
            while (row.next()) {
                String ancestor = database + '.' + row.getString(1) + '.' + row.getString(2);
                for (Glob glob : globs) {
                    if (glob.matches(ancestor)) {
                        matched.add(glob.text());
                        result.add(new TableName(row.getString(3), row.getString(4)));
                    }
                }
            }
        }
        return result;
    }

    /** The tables with rows of their own, with their size on disk in bytes. */
    Map<TableName, Long> tableSizes() throws SQLException {
        Map<TableName, Long> sizes = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TABLES)) {
            while (row.next()) {
                sizes.put(new TableName(row.getString(1), row.getString(2)), row.getLong(3));
            }
        }
        return sizes;
    }

    /** The size of all large objects on disk in bytes. */
    long largeObjectBytes() throws SQLException {
        return Long.parseLong(Server.column(connection, "SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')")
                .get(0));
    }

    /**
     * Keeps the tables as they are until this is closed. A table that is emptied or rewritten after the snapshot was taken
     * looks empty in it, and the dumps that share it lock their tables one after another.
     */
    void lock(Collection<TableName> tables) throws SQLException {
        List<String> names = tables.stream().map(TableName::quoted).toList();
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < names.size(); i += TABLES_PER_LOCK) {
                List<String> some = new ArrayList<>(names.subList(i, Math.min(names.size(), i + TABLES_PER_LOCK)));
                some.replaceAll(name -> "ONLY " + name);
                statement.execute("LOCK TABLE " + String.join(", ", some) + " IN ACCESS SHARE MODE");
            }
        }
    }

    @Override
    public void close() {
        sessions.close(connection);
    }
}
