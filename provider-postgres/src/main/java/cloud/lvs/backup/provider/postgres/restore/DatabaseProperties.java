package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Ownership;
import cloud.lvs.backup.provider.postgres.dump.DatabaseStatement;
import cloud.lvs.backup.provider.postgres.dump.DumpScan;
import cloud.lvs.backup.provider.postgres.dump.SettingNames;
import cloud.lvs.backup.provider.postgres.load.FailedStatement;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What belongs to a database itself: encoding, locale, owner, settings, privileges, comment. They come from the text of the
 * dump; where that has none (a name that no script can hold, {@code postgres} in a script of {@code pg_dumpall}) from what
 * is noted of the database.
 */
final class DatabaseProperties {
    /** The note that holds the comment. */
    static final String COMMENT = "comment";

    /** Their values are lists of names that are quoted one by one, as in {@code pg_dump}. */
    static final Set<String> LISTS = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    private final DumpScan scan;
    private final Map<String, String> noted;
    private final Ownership ownership;
    private final Set<String> unknownSettings;

    /** @param unknownSettings that the server does not know */
    DatabaseProperties(DumpScan scan, Map<String, String> noted, Ownership ownership, Set<String> unknownSettings) {
        this.scan = scan;
        this.noted = Map.copyOf(noted);
        this.ownership = ownership;
        this.unknownSettings = Set.copyOf(unknownSettings);
    }

    /**
     * Makes an empty database with these properties as far as they must be there before its contents.
     *
     * @param failed gets what the server refuses
     * @throws SQLException if there is no database
     */
    void create(TargetServer target, String name, List<FailedStatement> failed) throws SQLException {
        if (scan.creation().isEmpty()) {
            target.execute(creationFromNotes(name));
            String owner = noted.get("owner");
            if (owner != null && ownership == Ownership.KEEP) {
                attempt(
                        target,
                        "owner of the database",
                        "ALTER DATABASE " + Quoting.identifier(name) + " OWNER TO " + Quoting.identifier(owner),
                        failed);
            }
            return;
        }
        for (DatabaseStatement statement : scan.creation()) {
            if (statement.creates()) {
                target.execute(statement.about(name));
            } else if (ownership == Ownership.KEEP) {
                attempt(target, "owner of the database", statement.about(name), failed);
            }
        }
    }

    private static void attempt(TargetServer target, String object, String statement, List<FailedStatement> failed) {
        try {
            target.execute(statement);
        } catch (SQLException e) {
            failed.add(FailedStatement.refused(object, e, statement));
        }
    }

    private String creationFromNotes(String name) {
        StringBuilder sql =
                new StringBuilder("CREATE DATABASE " + Quoting.identifier(name) + " WITH TEMPLATE = template0");
        append(sql, "encoding", " ENCODING = '%s'");
        append(sql, "collate", " LC_COLLATE = '%s'");
        append(sql, "ctype", " LC_CTYPE = '%s'");
        if ("icu".equals(noted.get("localeProvider"))) {
            sql.append(" LOCALE_PROVIDER = icu");
            append(sql, "icuLocale", " ICU_LOCALE = '%s'");
        }
        String tablespace = noted.get("tablespace");
        if (tablespace != null && !tablespace.equals("pg_default")) {
            sql.append(" TABLESPACE = ").append(Quoting.identifier(tablespace));
        }
        return sql.toString();
    }

    private void append(StringBuilder sql, String fact, String form) {
        String value = noted.get(fact);
        if (value != null) {
            sql.append(String.format(form, value.replace("'", "''")));
        }
    }

    /**
     * Sets the rest, once the contents are there: settings could keep them from being loaded.
     *
     * @param failed gets what the server refuses
     * @return what else could not be brought back, for the operator
     */
    List<String> complete(TargetServer target, String name, List<FailedStatement> failed) throws SQLException {
        List<String> lost = new ArrayList<>();
        if (scan.creation().isEmpty()) {
            completeFromNotes(target, name, lost, failed);
        }
        for (String statement : scan.properties()) {
            Optional<DatabaseStatement> about = DatabaseStatement.of(statement);
            boolean ofRoles = about.isEmpty()
                    || about.get().isGrant()
                    || about.get().before().startsWith("ALTER ROLE");
            Optional<String> setting = SettingNames.setBy(statement);
            if (setting.isPresent() && unknownSettings.contains(setting.get())) {
                lost.add("the setting " + setting.get() + ", which the server does not know");
            } else if (ownership == Ownership.KEEP || !ofRoles) {
                attempt(
                        target,
                        setting.map(each -> "setting " + each + " of the database")
                                .orElse("property of the database"),
                        about.map(each -> each.about(name)).orElse(statement),
                        failed);
            }
        }
        return lost;
    }

    private void completeFromNotes(TargetServer target, String name, List<String> lost, List<FailedStatement> failed)
            throws SQLException {
        String quoted = Quoting.identifier(name);
        if (noted.containsKey("connectionLimit")) {
            target.execute("ALTER DATABASE " + quoted + " CONNECTION LIMIT "
                    + Integer.parseInt(noted.getOrDefault("connectionLimit", "-1")));
        }
        String comment = noted.get(COMMENT);
        if (comment != null) {
            target.execute("COMMENT ON DATABASE " + quoted + " IS " + Quoting.literal(comment));
        }
        if ("true".equals(noted.get("isTemplate"))) {
            target.execute("ALTER DATABASE " + quoted + " IS_TEMPLATE true");
        }
        String settings = noted.get("settings");
        if (settings != null) {
            for (String setting :
                    target.column("SELECT * FROM pg_catalog.json_array_elements_text(?::pg_catalog.json)", settings)) {
                try {
                    set(target, quoted, setting, lost);
                } catch (SQLException e) {
                    failed.add(FailedStatement.refused(
                            "setting " + setting.substring(0, setting.indexOf('=')) + " of the database", e, ""));
                }
            }
        }
        String acl = noted.get("acl");
        if (acl != null && ownership == Ownership.KEEP) {
            grant(target, quoted, acl);
        }
    }

    private static void set(TargetServer target, String database, String setting, List<String> lost)
            throws SQLException {
        int equals = setting.indexOf('=');
        String parameter = setting.substring(0, equals);
        String value = setting.substring(equals + 1);
        if (value.equals("***")) {
            lost.add("the setting " + parameter + ", whose value the manifest does not show");
            return;
        }
        if (!LISTS.contains(parameter)) {
            target.execute("ALTER DATABASE " + database + " SET " + parameter + " TO " + Quoting.literal(value));
            return;
        }
        // As a literal, a list would become one name; set_config takes it as it is stored.
        target.column("SELECT pg_catalog.set_config(?, ?, false)", parameter, value);
        target.execute("ALTER DATABASE " + database + " SET " + parameter + " FROM CURRENT");
        target.execute("RESET " + parameter);
    }

    private static void grant(TargetServer target, String database, String acl) throws SQLException {
        target.execute("REVOKE ALL ON DATABASE " + database + " FROM PUBLIC");
        try (PreparedStatement statement = target.connection()
                .prepareStatement(
                        "SELECT CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END,"
                                + " privilege_type, is_grantable FROM pg_catalog.aclexplode(?::pg_catalog.aclitem[])"
                                + " LEFT JOIN pg_catalog.pg_roles r ON r.oid = grantee")) {
            statement.setString(1, acl);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    target.execute("GRANT " + rows.getString(2) + " ON DATABASE " + database + " TO "
                            + rows.getString(1) + (rows.getBoolean(3) ? " WITH GRANT OPTION" : ""));
                }
            }
        }
    }
}
