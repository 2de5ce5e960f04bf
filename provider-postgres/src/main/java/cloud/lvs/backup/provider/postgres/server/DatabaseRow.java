package cloud.lvs.backup.provider.postgres.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code pg_database}, and what we may do with it.
 *
 * @param oid stays the same when it is renamed
 * @param name any text of 1 to 63 bytes without a zero byte
 * @param allowsConnections {@code datallowconn}
 * @param invalid whether a {@code DROP DATABASE} was interrupted; it can only be dropped again
 * @param mayConnect whether we have the privilege
 * @param sizeBytes on disk, or null if we may not ask
 * @param facts what the manifest says of it
 */
public record DatabaseRow(
        long oid,
        String name,
        boolean allowsConnections,
        boolean invalid,
        boolean mayConnect,
        @Nullable Long sizeBytes,
        Map<String, String> facts) {

    /** Sizes are asked for only where we may: else the whole query fails. */
    private static final String QUERY = """
            SELECT d.oid, d.datname, d.datallowconn, d.datconnlimit,
                   pg_catalog.has_database_privilege(d.oid, 'CONNECT') AS may_connect,
                   CASE WHEN d.datconnlimit <> -2 AND (pg_catalog.has_database_privilege(d.oid, 'CONNECT')
                             OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'))
                        THEN pg_catalog.pg_database_size(d.oid) END AS bytes,
                   pg_catalog.pg_get_userbyid(d.datdba) AS owner,
                   pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
                   d.datcollate, d.datctype, d.datistemplate,
                   pg_catalog.to_jsonb(d) ->> 'datlocprovider' AS provider,
                   coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') AS icu,
                   d.datacl::pg_catalog.text AS acl,
                   (SELECT t.spcname FROM pg_catalog.pg_tablespace t WHERE t.oid = d.dattablespace) AS tablespace,
                   (SELECT pg_catalog.json_agg(CASE WHEN split_part(c, '=', 1) LIKE '%.%'
                                                    THEN split_part(c, '=', 1) || '=***' ELSE c END)::pg_catalog.text
                      FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c
                     WHERE s.setdatabase = d.oid AND s.setrole = 0) AS settings
              FROM pg_catalog.pg_database d
             ORDER BY d.datname <> 'template1', d.datname COLLATE "C"
            """;

    public DatabaseRow {
        facts = Map.copyOf(facts);
    }

    /** All there are, in a stable order. */
    public static List<DatabaseRow> all(Connection connection) throws SQLException {
        List<DatabaseRow> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            while (row.next()) {
                rows.add(of(row));
            }
        }
        return rows;
    }

    private static DatabaseRow of(ResultSet row) throws SQLException {
        long bytes = row.getLong("bytes");
        Long size = row.wasNull() ? null : bytes;
        Map<String, String> facts = new TreeMap<>();
        put(facts, "oid", Long.toString(row.getLong("oid")));
        put(facts, "owner", row.getString("owner"));
        put(facts, "encoding", row.getString("encoding"));
        put(facts, "collate", row.getString("datcollate"));
        put(facts, "ctype", row.getString("datctype"));
        put(facts, "localeProvider", provider(row.getString("provider")));
        put(facts, "icuLocale", row.getString("icu"));
        put(facts, "acl", row.getString("acl"));
        // A setting with a dot is some application's own, and people keep keys there: the query masks its value.
        put(facts, "settings", row.getString("settings"));
        put(facts, "tablespace", row.getString("tablespace"));
        put(facts, "connectionLimit", Integer.toString(row.getInt("datconnlimit")));
        put(facts, "isTemplate", Boolean.toString(row.getBoolean("datistemplate")));
        put(facts, "sizeBytes", size == null ? null : size.toString());
        return new DatabaseRow(
                row.getLong("oid"),
                row.getString("datname"),
                row.getBoolean("datallowconn"),
                row.getInt("datconnlimit") == -2,
                row.getBoolean("may_connect"),
                size,
                facts);
    }

    private static void put(Map<String, String> facts, String name, @Nullable String value) {
        if (value != null) {
            facts.put(name, value);
        }
    }

    private static String provider(@Nullable String letter) {
        if (letter == null) {
            return "libc";
        }
        return switch (letter) {
            case "c" -> "libc";
            case "i" -> "icu";
            case "b" -> "builtin";
            default -> letter;
        };
    }

    /** For messages. */
    public String described() {
        return "database '" + name + "'";
    }

    /** Whether scripts cannot name it: {@code \connect} takes one line. */
    public boolean hasLineBreak() {
        return name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0;
    }
}
