package cloud.lvs.backup.provider.postgres.server;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a server says of itself and of our role.
 *
 * @param version its version
 * @param systemIdentifier which cluster it is; stays with it for life; empty if we may not ask
 * @param inRecovery whether it is a standby
 * @param dataChecksums {@code on} or {@code off}
 * @param walLsn how far its log was
 * @param role what our role may do
 * @param standby how it treats queries while it is a standby
 * @param encryption how our session is protected, e.g. {@code TLSv1.3}; empty if not at all
 * @param preloaded the libraries it loads when it starts
 */
public record ServerInfo(
        PostgresVersion version,
        Optional<String> systemIdentifier,
        boolean inRecovery,
        String dataChecksums,
        String walLsn,
        RoleAttributes role,
        StandbySettings standby,
        Optional<String> encryption,
        PreloadedLibraries preloaded) {
    /**
     * What our role may do.
     *
     * @param superuser whether that is anything
     * @param bypassesRls whether row-level security leaves it alone
     * @param readsAllData whether it has the privileges of {@code pg_read_all_data}
     * @param connectionLimit how many sessions it may have; -1 for any number
     */
    public record RoleAttributes(boolean superuser, boolean bypassesRls, boolean readsAllData, int connectionLimit) {}

    /**
     * How a standby treats queries that conflict with what it replays.
     *
     * @param maxStreamingDelay {@code max_standby_streaming_delay}, as the server spells it
     * @param feedback {@code hot_standby_feedback}: {@code on} or {@code off}
     */
    public record StandbySettings(String maxStreamingDelay, String feedback) {}

    private static final int OLDEST = 100_000;

    private static final String QUERY = """
            SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
                   pg_catalog.pg_is_in_recovery() AS recovery, current_setting('data_checksums') AS checksums,
                   CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                        ELSE pg_catalog.pg_current_wal_lsn() END::pg_catalog.text AS lsn,
                   r.rolsuper, r.rolbypassrls, r.rolconnlimit,
                   EXISTS (SELECT FROM pg_catalog.pg_roles a WHERE a.rolname = 'pg_read_all_data'
                            AND pg_catalog.pg_has_role(a.oid, 'USAGE')) AS reads_all,
                   current_setting('max_standby_streaming_delay') AS delay,
                   current_setting('hot_standby_feedback') AS feedback,
                   (SELECT s.version FROM pg_catalog.pg_stat_ssl s
                     WHERE s.pid = pg_catalog.pg_backend_pid() AND s.ssl) AS encryption,
                   pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS identifies
              FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
            """;

    public static ServerInfo read(Connection connection, Endpoint endpoint) throws SQLException, BackupException {
        int number = Integer.parseInt(
                Server.column(connection, "SHOW server_version_num").get(0));
        if (number < OLDEST) {
            throw new BackupException(
                    Kind.SOURCE,
                    endpoint.toString(),
                    "is of version "
                            + Server.column(connection, "SHOW server_version").get(0)
                            + ", but 10 is the oldest that can be backed up",
                    "upgrade it; until then dump it with its own pg_dumpall");
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            if (!row.next()) {
                throw new SQLException("pg_roles does not know the role of this session");
            }
            return new ServerInfo(
                    PostgresVersion.ofServer(number, row.getString("version")),
                    row.getBoolean("identifies") ? identifier(connection) : Optional.empty(),
                    row.getBoolean("recovery"),
                    row.getString("checksums"),
                    String.valueOf(row.getString("lsn")),
                    new RoleAttributes(
                            row.getBoolean("rolsuper"),
                            row.getBoolean("rolbypassrls"),
                            row.getBoolean("reads_all"),
                            row.getInt("rolconnlimit")),
                    new StandbySettings(row.getString("delay"), row.getString("feedback")),
                    Optional.ofNullable(row.getString("encryption")),
                    PreloadedLibraries.read(connection));
        }
    }

    private static Optional<String> identifier(Connection connection) throws SQLException {
        return Server.column(connection, "SELECT system_identifier::text FROM pg_catalog.pg_control_system()").stream()
                .findFirst();
    }

    /** The identity of the cluster and the versions, for the manifest. */
    public Map<String, String> identity(PostgresVersion pgDump) {
        Map<String, String> identity = new TreeMap<>();
        systemIdentifier.ifPresent(id -> identity.put("systemIdentifier", id));
        identity.put("serverVersion", version.text());
        identity.put("serverVersionNum", Integer.toString(version.major() * 10_000 + version.minor()));
        identity.put("inRecovery", Boolean.toString(inRecovery));
        identity.put("dataChecksums", dataChecksums);
        identity.put("pgDumpVersion", pgDump.text());
        identity.putAll(preloaded.facts());
        return identity;
    }

    /** Names of roles and tablespaces, to see whether they change. */
    public static List<String> globalNames(Connection connection) throws SQLException {
        return Server.column(
                connection,
                "SELECT 'role ' || pg_catalog.quote_ident(rolname) FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'"
                        + " UNION ALL"
                        + " SELECT 'tablespace ' || pg_catalog.quote_ident(spcname) FROM pg_catalog.pg_tablespace"
                        + " WHERE spcname !~ '^pg_' ORDER BY 1");
    }
}
