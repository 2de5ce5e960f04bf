package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Range;
import cloud.lvs.backup.spi.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which PostgreSQL cluster to back up, as whom, and how. Immutable; made by {@link #at}.
 *
 * @param host name, address, or the directory of a Unix socket
 * @param port of the server; part of the socket's name too
 * @param user the role to log in as
 * @param password its password, or null
 * @param passwordFile a file that holds the password and nothing else, or null
 * @param maintenanceDatabase where questions about the whole cluster are asked
 * @param sslMode how the connection is protected; of no meaning for a Unix socket
 * @param sslRootCert PEM certificates of the authorities that may vouch for the server, or null
 * @param sslCert the client's certificate, or null
 * @param sslKey the client's key, or null
 * @param binDirectory where {@code pg_dump} and its siblings are, or null to look for them
 * @param format of the dump of a database
 * @param layout whether each database becomes an artifact, or all of them one
 * @param include globs; a database none of them names is excluded; empty for all
 * @param exclude globs of databases left out
 * @param excludeTableData globs over {@code database.schema.table}: the definition is kept, the rows are not
 * @param parallelism how many dumps run at once, or null for one per core
 * @param splitTables when one database is dumped by several processes, or null for never
 * @param lockWaitTimeout how long a dump may wait for its locks
 * @param timeout how long the dump of one database may take, or null for as long as it takes
 * @param contents what is recorded about the rows
 * @param allowMissingSubscriptions whether a backup without its subscriptions is good enough
 * @param rolePasswords whether the password verifiers of the roles are part of the backup
 */
@Doc("Every database, role and tablespace of a PostgreSQL cluster, dumped by pg_dump.")
public record PostgresConfig(
        @Doc("Name or address of the server, or the directory of its Unix socket.") @Default("localhost")
        String host,

        @Doc("Port of the server.") @Default("5432") @Range(min = "1", max = "65535")
        int port,

        @Doc("The role to log in as. It needs pg_read_all_data and BYPASSRLS, or to be a superuser.")
        @Default("postgres")
        String user,

        @Doc("Its password; passwordFile is the better place.") @Nullable
        Secret password,

        @Doc("A file that holds the password, e.g. a mounted Secret; one line break at its end is ignored.") @Nullable
        Path passwordFile,

        @Doc("The database to connect to for what concerns the whole cluster.") @Default("postgres")
        String maintenanceDatabase,

        @Doc("How the connection is protected: verify-full alone proves that the server is the right one.")
        @Default("prefer")
        SslMode sslMode,

        @Doc("PEM file of the authorities that vouch for the server; needed for verify-ca and verify-full.") @Nullable
        Path sslRootCert,

        @Doc("PEM file of the client's certificate.") @Nullable
        Path sslCert,

        @Doc("PEM file of the client's key: RSA, EC or Ed25519, not encrypted.") @Nullable
        Path sslKey,

        @Doc("Where pg_dump, pg_dumpall and pg_restore are; by default the oldest installed ones that are new enough"
                + " for the server, from /usr/lib/postgresql, /usr/pgsql-* and PATH.")
        @Nullable
        Path binDirectory,

        @Doc("How a database is dumped: custom can be restored in part and in parallel by pg_restore, plain is SQL"
                + " for psql.")
        @Default("custom")
        Format format,

        @Doc("databases makes one artifact of each database and one of roles and tablespaces; cluster makes a single"
                + " pg_dumpall script of everything.")
        @Default("databases")
        Layout layout,

        @Doc("Globs of the databases to back up (* and ?); by default all. One that matches nothing is an error.")
        @Default("[]")
        List<String> include,

        @Doc("Globs of databases to leave out; one that matches nothing is warned of.") @Default("[]")
        List<String> exclude,

        @Doc("Globs over database.schema.table: tables whose definition is kept without the rows, e.g."
                + " shop.public.session*.")
        @Default("[]")
        List<String> excludeTableData,

        @Doc("How many dumps run at once; by default one per core.") @Range(min = "1", max = "256") @Nullable
        Integer parallelism,

        @Doc("Dumps each large database by several processes that share one snapshot.") @Nullable
        SplitTables splitTables,

        @Doc("How long a dump may wait for a lock that somebody else holds; the database is tried once more, then"
                + " given up.")
        @Default("5m")
        @Range(min = "1ms", max = "24d")
        Duration lockWaitTimeout,

        @Doc("How long the dump of one database may take; by default as long as it takes.")
        @Range(min = "1ms")
        @Nullable
        Duration timeout,

        @Doc("What the manifest records about the rows, read in the dump's own snapshot: counts and fingerprints cost"
                + " one more scan of each table, and let a drill prove that every row came back.")
        @Default("none")
        Contents contents,

        @Doc("Whether a backup is good enough that lacks its subscriptions, which only a superuser may dump.")
        @Default("false")
        boolean allowMissingSubscriptions,

        @Doc("Whether the password verifiers of the roles are part of the backup.") @Default("true")
        boolean rolePasswords) {

    /** As libpq has them. */
    public enum SslMode {
        DISABLE,
        PREFER,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL
    }

    /** How a database is dumped. */
    public enum Format {
        /** An archive for {@code pg_restore}, not compressed by itself. */
        CUSTOM,
        /** A script for {@code psql}. */
        PLAIN
    }

    /** What becomes an artifact. */
    public enum Layout {
        /** Each database one or more, roles and tablespaces one more. */
        DATABASES,
        /** Everything together one. */
        CLUSTER
    }

    /** What is recorded about rows. */
    public enum Contents {
        NONE,
        /** How many there are in each table. */
        COUNTS,
        /** Besides, a hash over them that does not depend on their order. */
        FINGERPRINTS
    }

    /**
     * When and how one database is dumped by several processes.
     *
     * @param above the size of the database from which on it is split
     * @param parts how many groups its tables make
     */
    @Doc("When and how one database is dumped by several processes.")
    public record SplitTables(
            @Doc("The size on disk from which on a database is split.") @Default("10GiB")
            ByteSize above,

            @Doc("How many groups its tables are dumped in.") @Default("4") @Range(min = "2", max = "64")
            int parts) {
        public SplitTables {
            if (parts < 2) {
                throw new IllegalArgumentException("splitTables.parts must be at least 2, was " + parts);
            }
            if (parts > 64) {
                throw new IllegalArgumentException("splitTables.parts must be at most 64, was " + parts);
            }
        }
    }

    public PostgresConfig {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        excludeTableData = List.copyOf(excludeTableData);
        requireText("host", host);
        requireText("user", user);
        requireText("maintenanceDatabase", maintenanceDatabase);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port must be between 1 and 65535, was " + port);
        }
        if (password != null && passwordFile != null) {
            throw new IllegalArgumentException("password and passwordFile exclude each other; remove one");
        }
        if ((sslMode == SslMode.VERIFY_CA || sslMode == SslMode.VERIFY_FULL) && sslRootCert == null) {
            throw new IllegalArgumentException("sslRootCert is needed to check the server's certificate with sslMode "
                    + (sslMode == SslMode.VERIFY_CA ? "verify-ca" : "verify-full"));
        }
        if ((sslCert == null) != (sslKey == null)) {
            throw new IllegalArgumentException("sslCert and sslKey belong together; give both or neither");
        }
        if (parallelism != null && (parallelism < 1 || parallelism > 256)) {
            throw new IllegalArgumentException("parallelism must be between 1 and 256, was " + parallelism);
        }
        if (lockWaitTimeout.compareTo(Duration.ofMillis(1)) < 0 || lockWaitTimeout.compareTo(Duration.ofDays(24)) > 0) {
            throw new IllegalArgumentException(
                    "lockWaitTimeout must be between 1 millisecond and 24 days, was " + lockWaitTimeout);
        }
        if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
            throw new IllegalArgumentException("timeout must be positive, was " + timeout);
        }
        if (layout == Layout.CLUSTER) {
            refuseWithCluster("excludeTableData", !excludeTableData.isEmpty());
            refuseWithCluster("splitTables", splitTables != null);
            refuseWithCluster("contents", contents != Contents.NONE);
        }
        if (splitTables != null && format == Format.PLAIN) {
            throw new IllegalArgumentException("splitTables needs format custom; remove it or format");
        }
        include.forEach(glob -> requireText("include", glob));
        exclude.forEach(glob -> requireText("exclude", glob));
        excludeTableData.forEach(glob -> requireText("excludeTableData", glob));
    }

    private static void requireText(String key, String text) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(key + " must not be empty");
        }
    }

    private static void refuseWithCluster(String key, boolean given) {
        if (given) {
            throw new IllegalArgumentException(
                    key + " needs layout databases: pg_dumpall, which makes layout cluster, cannot do it");
        }
    }

    /** Begins a configuration; what is not said has the default that the documentation names. */
    public static PostgresConfigBuilder at(String host) {
        return new PostgresConfigBuilder(host);
    }

    /** How many dumps run at once on this machine: {@link #parallelism}, or one per core. */
    public int processes() {
        return parallelism == null ? Runtime.getRuntime().availableProcessors() : parallelism;
    }
}
