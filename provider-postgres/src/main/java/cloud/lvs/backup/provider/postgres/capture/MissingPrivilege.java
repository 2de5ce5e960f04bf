package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.ServerInfo;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Something in a database that our role may not read, so that {@code pg_dump} would fail on it or leave it out silently.
 *
 * @param effect what it means
 * @param problem what is there
 * @param remedy what to do about it
 */
record MissingPrivilege(Effect effect, String problem, String remedy) {
    /** What becomes of the dump. */
    enum Effect {
        /** There will be none, or none that may be kept. */
        FAILS,
        /** It will lack something. */
        INCOMPLETE
    }

    private static final int READS_LARGE_OBJECTS_SINCE = 19;

    /** Tables and sequences of users; what belongs to an extension comes with it. */
    private static final String OURS = """
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                               WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                                 AND d.deptype = 'e')
            """;

    /** All there are in the database behind a connection. */
    static List<MissingPrivilege> in(Connection connection, ServerInfo info, PostgresConfig config)
            throws SQLException {
        List<MissingPrivilege> found = new ArrayList<>();
        if (info.role().superuser()) {
            return found;
        }
        String role = Quoting.identifier(config.user());
        unreadable(connection, role).ifPresent(found::add);
        if (!info.role().bypassesRls()) {
            rowSecurity(connection, role).ifPresent(found::add);
        }
        if (!info.role().readsAllData() || info.version().major() < READS_LARGE_OBJECTS_SINCE) {
            largeObjects(connection, role).ifPresent(found::add);
        }
        subscriptions(connection, config).ifPresent(found::add);
        userMappings(connection).ifPresent(found::add);
        return found;
    }

    private static Optional<MissingPrivilege> unreadable(Connection connection, String role) throws SQLException {
        return first(
                connection,
                """
                SELECT format('%I.%I', n.nspname, c.relname), count(*) OVER () """ + OURS + """
                          AND c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'
                          AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                                   AND CASE c.relkind WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
                                       ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END)
                        ORDER BY 1 LIMIT 1
                        """,
                "has %d tables and sequences that role " + role + " may not read, e.g. %s",
                "GRANT pg_read_all_data TO " + role + ";",
                Effect.FAILS);
    }

    private static Optional<MissingPrivilege> rowSecurity(Connection connection, String role) throws SQLException {
        return first(
                connection,
                """
                SELECT format('%I.%I', n.nspname, c.relname), count(*) OVER () """ + OURS + """
                          AND c.relkind IN ('r', 'p') AND c.relrowsecurity
                          AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(c.relowner, 'USAGE'))
                        ORDER BY 1 LIMIT 1
                        """,
                "has %d tables whose row-level security hides rows from role " + role + ", e.g. %s",
                "ALTER ROLE " + role + " BYPASSRLS;",
                Effect.FAILS);
    }

    private static Optional<MissingPrivilege> largeObjects(Connection connection, String role) throws SQLException {
        return first(
                connection,
                """
                SELECT m.oid::pg_catalog.text, count(*) OVER ()
                  FROM pg_catalog.pg_largeobject_metadata m
                 WHERE current_setting('lo_compat_privileges') = 'off'
                   AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE')
                   AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a
                                    WHERE a.privilege_type = 'SELECT'
                                      AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
                 LIMIT 1
                """,
                "has %d large objects that role " + role + " may not read, e.g. %s",
                "ALTER ROLE " + role + " SET lo_compat_privileges = on; (as a superuser)",
                Effect.FAILS);
    }

    private static Optional<MissingPrivilege> subscriptions(Connection connection, PostgresConfig config)
            throws SQLException {
        return first(
                connection,
                """
                SELECT 'it', count(subdbid)
                  FROM pg_catalog.pg_subscription
                 WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                HAVING count(subdbid) > 0
                """,
                "has %d subscriptions, which only a superuser may dump",
                "connect as a superuser, or set allowMissingSubscriptions: true",
                config.allowMissingSubscriptions() ? Effect.INCOMPLETE : Effect.FAILS);
    }

    private static Optional<MissingPrivilege> userMappings(Connection connection) throws SQLException {
        return first(
                connection,
                """
                SELECT format('%I', min(srvname)), count(*)
                  FROM pg_catalog.pg_user_mappings WHERE umoptions IS NULL
                HAVING count(*) > 0
                """,
                "has %d user mappings of foreign servers whose options (passwords) will be missing, e.g. for server %s",
                "connect as a superuser, or keep those options elsewhere",
                Effect.INCOMPLETE);
    }

    private static Optional<MissingPrivilege> first(
            Connection connection, String query, String problem, String remedy, Effect effect) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            if (!row.next()) {
                return Optional.empty();
            }
            String text = String.format(
                    Locale.ROOT, problem.replace("%s", "%2$s").replace("%d", "%1$d"), row.getLong(2), row.getString(1));
            return Optional.of(new MissingPrivilege(effect, text, remedy));
        }
    }
}
