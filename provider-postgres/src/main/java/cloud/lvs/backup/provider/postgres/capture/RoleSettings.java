package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.server.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The settings of all roles in all databases, {@code ALTER ROLE ALL SET}, which {@code pg_dumpall} leaves out. */
public final class RoleSettings {
    /** The note that holds them: a JSON list of {@code name=value}; values of applications' own settings are masked. */
    public static final String FACT = "settingsOfAllRoles";

    private static final String QUERY = """
            SELECT pg_catalog.json_agg(CASE WHEN split_part(c, '=', 1) LIKE '%.%'
                                            THEN split_part(c, '=', 1) || '=***' ELSE c END)::pg_catalog.text
              FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c
             WHERE s.setdatabase = 0 AND s.setrole = 0
            HAVING count(*) > 0
            """;

    private RoleSettings() {}

    public static Optional<String> read(Connection connection) throws SQLException {
        return Server.column(connection, QUERY).stream().findFirst();
    }
}
