package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from a session of its own at what the sessions of a run wait for. {@code pg_dump} bounds its waits for tables alone:
 * for a view, a sequence or a materialized view it would wait for ever. A statement that has waited too long is cancelled,
 * and what it waited for is kept for the message. Thread-safe.
 */
final class LockWaitMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LockWaitMonitor.class);

    private static final String WAITING = """
            SELECT l.pid, a.datname, coalesce(l.relation, 0) AS relation, l.locktype, l.mode,
                   pg_catalog.concat_ws(' ', l.pid, l.locktype, l.database, l.relation, l.transactionid, l.virtualxid) AS wait
              FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
             WHERE NOT l.granted AND a.application_name = current_setting('application_name')
               AND a.usename = current_user AND a.pid <> pg_catalog.pg_backend_pid()
            """;

    /** Never the statements: they may hold secrets. */
    private static final String HOLDERS = """
            SELECT coalesce(pg_catalog.string_agg(DISTINCT CASE
                       WHEN a.usename IS NOT NULL THEN pg_catalog.concat_ws(', ',
                           'session ' || a.pid || ' of role ' || a.usename, nullif(a.application_name, ''), a.state)
                       WHEN pg_catalog.pg_is_in_recovery() THEN 'a session on the primary'
                       ELSE pg_catalog.concat_ws(', ', 'server process ' || a.pid, a.backend_type) END, '; '),
                   'a prepared transaction or a session that has ended')
              FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY (pg_catalog.pg_blocking_pids(?::int))
            """;

    private static final String RELATION = """
            SELECT CASE relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence '
                                WHEN 'i' THEN 'index ' WHEN 'f' THEN 'foreign table ' ELSE 'table ' END
                   || pg_catalog.format('%I.%I', n.nspname, c.relname)
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?::pg_catalog.oid
            """;

    private record Wait(int pid, String database, long relation, String kind, String mode, String key) {}

    private final Server server;
    private final Duration timeout;
    private final Thread thread;
    /** Since when each wait that still goes on has been seen. */
    private final Map<String, Long> since = new TreeMap<>();

    private final Map<String, String> told = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private LockWaitMonitor(Server server, Duration timeout) {
        this.server = server;
        this.timeout = timeout;
        this.thread = new Thread(this::watch, "postgres-locks");
        this.thread.setDaemon(true);
    }

    /** Watches until it is closed. */
    static LockWaitMonitor over(Server server, Duration timeout) {
        LockWaitMonitor monitor = new LockWaitMonitor(server, timeout);
        monitor.thread.start();
        return monitor;
    }

    /** What was waited for in a database, and who had it, to be added to a message; empty if nothing was. */
    String told(String database) {
        String wait = told.get(database);
        return wait == null ? "" : "; " + wait;
    }

    /** As above, of all databases. */
    String told() {
        return told.isEmpty() ? "" : "; " + String.join("; ", told.values());
    }

    private void watch() {
        long pause = Math.max(50, Math.min(1000, timeout.toMillis() / 10));
        Connection connection = null;
        while (!closed) {
            try {
                if (connection == null) {
                    connection = server.connect(server.endpoint().maintenanceDatabase());
                }
                look(connection);
            } catch (SQLException | BackupException e) {
                LOG.debug("Locks on {} cannot be watched now: {}", server.endpoint(), e.getMessage());
                close(connection);
                connection = null;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                break;
            }
        }
        close(connection);
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It only ends.
            }
        }
    }

    private void look(Connection connection) throws SQLException {
        List<Wait> waits = waits(connection);
        since.keySet().retainAll(waits.stream().map(Wait::key).toList());
        for (Wait wait : waits) {
            long waited = System.nanoTime() - since.computeIfAbsent(wait.key(), key -> System.nanoTime());
            if (waited > timeout.toNanos() / 2) {
                // In time for those that end by themselves.
                told.put(wait.database(), described(connection, wait));
            }
            if (waited > timeout.toNanos()) {
                text(connection, "SELECT pg_catalog.pg_cancel_backend(?::int)", wait.pid());
                since.remove(wait.key());
            }
        }
    }

    private static List<Wait> waits(Connection connection) throws SQLException {
        List<Wait> waits = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(WAITING);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                waits.add(new Wait(
                        row.getInt("pid"),
                        row.getString("datname"),
                        row.getLong("relation"),
                        row.getString("locktype"),
                        row.getString("mode"),
                        row.getString("wait")));
            }
        }
        return waits;
    }

    private String described(Connection connection, Wait wait) throws SQLException {
        String what = wait.relation() == 0 ? "a lock of kind " + wait.kind() : relation(wait);
        return String.format(
                Locale.ROOT,
                "waited for %s (%s), held by %s",
                what,
                wait.mode(),
                text(connection, HOLDERS, wait.pid()));
    }

    private String relation(Wait wait) {
        try (Connection inside = server.connect(wait.database())) {
            return text(inside, RELATION, wait.relation());
        } catch (SQLException | BackupException e) {
            return "relation " + wait.relation();
        }
    }

    private static String text(Connection connection, String query, long parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setLong(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? String.valueOf(row.getString(1)) : "what is gone by now";
            }
        }
    }

    /** Ends the watch and its session. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
