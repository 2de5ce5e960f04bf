package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The JDBC sessions of a run, so that one that waits for an answer can be broken off from another thread. Thread-safe.
 */
final class Sessions {
    private final Server server;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean broken;

    Sessions(Server server) {
        this.server = server;
    }

    /** A new session, to be given to {@link #close}. */
    Connection open(String database) throws BackupException {
        Connection connection = server.connect(database);
        open.add(connection);
        if (broken) {
            close(connection);
            throw new IllegalStateException("asked to stop");
        }
        return connection;
    }

    /** Ends a session; one that broke already ends quietly. */
    void close(Connection connection) {
        open.remove(connection);
        try {
            connection.close();
        } catch (SQLException e) {
            // Nothing is lost: it only read.
        }
    }

    /** Ends all of them at once, whatever they are at. */
    void breakOff() {
        broken = true;
        for (Connection connection : open) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // Broken already.
            }
        }
    }
}
