package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.dump.DumpVerification;
import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * A database that is loaded under a name for the time being.
 *
 * @param server where
 * @param item its id
 * @param loadedAs the name for the time being
 * @param name the name it is to get
 * @param occupied whether a database has that name already
 * @param searchPath where sessions of the application look for names, as {@code SET search_path TO} takes it
 * @param withoutRows the tables whose rows the backup leaves out, quoted
 */
public record LoadedDatabase(
        Server server,
        String item,
        String loadedAs,
        String name,
        Occupied occupied,
        String searchPath,
        Set<String> withoutRows) {
    /** What has the name that a database is to get. */
    public enum Occupied {
        NO,
        BY_AN_EMPTY_DATABASE,
        BY_A_DATABASE_IN_USE
    }

    public LoadedDatabase {
        withoutRows = Set.copyOf(withoutRows);
    }

    /** A name as SQL spells it, with each part in quotes. */
    static String quoted(String spelled) {
        return DumpVerification.quoted(spelled);
    }

    Connection connect(String database) throws BackupException {
        return server.connect(database);
    }

    /** Swaps the names; nobody may be in the database. False if that cannot be. */
    boolean takeItsName() throws BackupException {
        if (occupied == Occupied.BY_A_DATABASE_IN_USE
                || name.equals(server.endpoint().maintenanceDatabase())) {
            return false;
        }
        try {
            if (occupied == Occupied.BY_AN_EMPTY_DATABASE) {
                rename(name, displaced(), loadedAs, name);
            } else {
                rename(loadedAs, name);
            }
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    void giveItsNameBack() throws BackupException {
        try {
            if (occupied == Occupied.BY_AN_EMPTY_DATABASE) {
                rename(name, loadedAs, displaced(), name);
            } else {
                rename(name, loadedAs);
            }
        } catch (SQLException e) {
            String said = Server.firstLine(e);
            throw new BackupException(
                    Kind.FAILED,
                    "database '" + name + "' on " + server.endpoint(),
                    "was to be called " + loadedAs + " until everything is there, and keeps that name: " + said,
                    ErrorMessages.remedy(said),
                    e);
        }
    }

    private String displaced() {
        return loadedAs + "_old";
    }

    private void rename(String... fromAndTo) throws SQLException, BackupException {
        try (Connection connection = connect(server.endpoint().maintenanceDatabase());
                Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE");
            connection.setAutoCommit(false);
            for (int i = 0; i < fromAndTo.length; i += 2) {
                statement.execute("ALTER DATABASE " + Quoting.identifier(fromAndTo[i]) + " RENAME TO "
                        + Quoting.identifier(fromAndTo[i + 1]));
            }
            connection.commit();
        }
    }
}
