package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What {@code restore --set key=value} may say for a PostgreSQL cluster.
 *
 * @param as the name the restored database gets, or null for its own
 * @param table the one table to restore, as {@code schema.table}, or null for everything
 * @param parallelism how many databases are loaded at once, or null for one per core, at most 4
 * @param jobs how many processes load one database
 * @param server where a drill takes place, or null for a server of its own
 * @param user the role to log in as, or null for the one of the URL or the configuration
 * @param passwordFile a file that holds its password, or null for the configured one
 * @param ownership whether objects keep their owners and privileges
 * @param roles what happens to roles that exist already
 * @param onError what happens to a database that cannot be restored whole
 */
@Doc("Choices for restoring a PostgreSQL cluster.")
public record PostgresRestoreOptions(
        @Doc("Restores the one chosen database under this name.") @Nullable
        String as,

        @Doc("Restores one table, e.g. public.orders: its definition, rows, indexes, triggers and privileges, but not"
                + " its foreign keys. It goes into the database it comes from; with as, into a new database that has"
                + " all definitions but the rows of this table alone.")
        @Nullable
        String table,

        @Doc("How many databases are loaded at once; by default one per core, at most 4.") @Nullable
        Integer parallelism,

        @Doc("How many processes load one database. More than one needs room for its dump in the scratch directory.")
        @Default("1")
        int jobs,

        @Doc("URL of an empty server that a drill restores to and cleans up again; by default a drill makes a server of"
                + " its own from the installed programs.")
        @Nullable
        String server,

        @Doc(
                "The role to log in as: a superuser, or for single databases one that may create databases. By default the one in the"
                        + " URL, or the configured one.")
        @Nullable
        String user,

        @Doc(
                "A file that holds its password; by default the configured password, if the server is the configured one, else"
                        + " PGPASSWORD of the environment.")
        @Nullable
        Path passwordFile,

        @Doc("keep restores owners and privileges, ignore makes everything belong to the role that restores.")
        @Default("keep")
        Ownership ownership,

        @Doc("What to do with roles that exist on the target: keep leaves them as they are, replace gives them the"
                + " attributes and the password they had; never done to the role that restores.")
        @Default("keep")
        Roles roles,

        @Doc(
                "What to do with a database of which something cannot be made again: stop leaves it out, continue restores what"
                        + " can be and lists the rest. Other databases are restored either way.")
        @Default("stop")
        OnError onError) {

    /** Whether objects keep their owners and privileges. */
    public enum Ownership {
        KEEP,
        IGNORE
    }

    /** What happens to roles that exist already. */
    public enum Roles {
        KEEP,
        REPLACE
    }

    /** What happens to a database that cannot be restored whole. */
    public enum OnError {
        /** It is not restored. */
        STOP,
        /** It is restored without what fails. */
        CONTINUE
    }

    /** What applies when nothing is said. */
    public static final PostgresRestoreOptions DEFAULTS =
            new PostgresRestoreOptions(null, null, null, 1, null, null, null, Ownership.KEEP, Roles.KEEP, OnError.STOP);

    /** The server has to hold the sessions and their working memory. */
    private static final int MOST_BY_DEFAULT = 4;

    public PostgresRestoreOptions {
        if (parallelism != null && (parallelism < 1 || parallelism > 64)) {
            throw new IllegalArgumentException("parallelism is " + parallelism + ", not between 1 and 64");
        }
        if (jobs < 1 || jobs > 64) {
            throw new IllegalArgumentException("jobs is " + jobs + ", not between 1 and 64");
        }
        if (as != null && (as.isBlank() || as.equals("template0"))) {
            throw new IllegalArgumentException("as '" + as + "' cannot be the name of a restored database");
        }
    }

    /** How many databases are read or loaded at once. */
    public int databasesAtOnce() {
        return parallelism == null
                ? Math.min(Runtime.getRuntime().availableProcessors(), MOST_BY_DEFAULT)
                : parallelism;
    }
}
