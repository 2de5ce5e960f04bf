package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives databases their names, all of them in one transaction: either everything restored is there, or nothing has changed.
 * Those whose names are taken keep what they hold under another name.
 */
final class RenameTransaction {
    /** Notes on a database that was put aside what it was called, and by which restore: {@code TIMESTAMP NAME}. */
    static final String NOTE = "lvs_backup.put_aside";

    private static final int MOST_BYTES = 63;
    private static final int ATTEMPTS = 5;

    private final Map<String, String> renames = new LinkedHashMap<>();
    private final Map<String, String> notes = new LinkedHashMap<>();
    private final List<String> emptied = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();

    /** What becomes of sessions in a database that is renamed. */
    enum OpenSessions {
        ENDED,
        RESPECTED
    }

    /** Puts aside what holds something, so that an undo can bring it back. */
    void putAside(String database, String aside, String timestamp) {
        renames.put(database, aside);
        notes.put(aside, timestamp + " " + database);
    }

    /** Puts aside what holds nothing, and drops it at the end. */
    void replaceEmpty(String database, String aside) {
        renames.put(database, aside);
        emptied.add(aside);
    }

    /** Gives what was put aside its name back. */
    void bringBack(String aside, String database) {
        renames.put(aside, database);
        forgotten.add(database);
    }

    void rename(String from, String to) {
        renames.put(from, to);
    }

    /** A name that says of what and when, cut to what PostgreSQL allows. */
    static String asideName(String database, String infix, String timestamp) {
        String suffix = "_" + infix + "_" + timestamp;
        StringBuilder stem = new StringBuilder(database);
        while ((stem + suffix).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            stem.setLength(stem.offsetByCodePoints(stem.length(), -1));
        }
        return stem + suffix;
    }

    /**
     * Renames.
     *
     * @param helper the name of a database that may be made for the time being: nobody can rename the one he is in
     * @param inside called once our session is in that one, and before anything is renamed
     * @return what had to be dropped and could not be
     */
    Set<String> commit(Server server, String helper, OpenSessions sessions, Runnable inside) throws BackupException {
        try (TargetServer maintenance =
                TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
            maintenance.execute("CREATE DATABASE " + Quoting.identifier(helper) + " TEMPLATE template0");
        } catch (SQLException e) {
            throw TargetServer.failed(server.endpoint().toString(), e);
        }
        try (TargetServer target = TargetServer.connect(server, helper)) {
            inside.run();
            for (int attempt = 1; ; attempt++) {
                try {
                    renameAll(target, sessions);
                    break;
                } catch (SQLException e) {
                    // Somebody may come back faster than the rename comes to its lock.
                    if (sessions == OpenSessions.RESPECTED || attempt == ATTEMPTS || !"55006".equals(e.getSQLState())) {
                        throw TargetServer.failed(server.endpoint().toString(), e);
                    }
                }
            }
            return target.dropQuietly(emptied);
        } finally {
            dropHelper(server, helper);
        }
    }

    private void renameAll(TargetServer target, OpenSessions sessions) throws SQLException {
        target.connection().setAutoCommit(false);
        try {
            for (Map.Entry<String, String> rename : renames.entrySet()) {
                if (sessions == OpenSessions.ENDED) {
                    target.endSessionsIn(rename.getKey());
                }
                target.execute("ALTER DATABASE " + Quoting.identifier(rename.getKey()) + " RENAME TO "
                        + Quoting.identifier(rename.getValue()));
            }
            for (Map.Entry<String, String> note : notes.entrySet()) {
                target.execute("ALTER DATABASE " + Quoting.identifier(note.getKey()) + " SET " + NOTE + " = "
                        + Quoting.literal(note.getValue()));
            }
            for (String database : forgotten) {
                target.execute("ALTER DATABASE " + Quoting.identifier(database) + " RESET " + NOTE);
            }
            target.connection().commit();
        } catch (SQLException e) {
            target.connection().rollback();
            throw e;
        } finally {
            target.connection().setAutoCommit(true);
        }
    }

    static void dropHelper(Server server, String helper) {
        boolean interrupted = Thread.interrupted();
        try (TargetServer maintenance =
                TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
            maintenance.dropQuietly(List.of(helper));
        } catch (BackupException e) {
            // The server is gone, and says so elsewhere.
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
