package cloud.lvs.backup.provider.postgres.restore;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What users have made in a database, or of it: everything that would be lost with it. Kinds of objects are found in the
 * server's own catalogs, so that those of later versions count too.
 */
final class UserObjects {
    /**
     * Each catalog of this database whose rows have OIDs, with its column for the schema. What hangs on a table is left out,
     * for the table is found; so is what we may not read.
     */
    private static final String CATALOGS = """
            SELECT c.relname || ' ' || coalesce((SELECT n.attname FROM pg_catalog.pg_attribute n
                                                  WHERE n.attrelid = c.oid AND n.attnum > 0
                                                    AND n.attname LIKE '%namespace'), '-')
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute o ON o.attrelid = c.oid AND o.attname = 'oid'
             WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind = 'r' AND NOT c.relisshared
               AND c.relname NOT IN ('pg_attrdef', 'pg_constraint', 'pg_largeobject_metadata', 'pg_policy',
                                     'pg_rewrite', 'pg_trigger')
               AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
             ORDER BY 1
            """;

    /** Schemas of the server itself that come and go. */
    private static final String TRANSIENT = "^pg_(toast|temp)";

    /** What has no OID of its own, or one that its owner chose; {@code initdb} comments its three databases. */
    private static final String REST = """
            SELECT 'large objects' WHERE EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
             UNION ALL
            SELECT 'subscriptions' FROM pg_catalog.pg_database d WHERE d.datname = current_database()
               AND EXISTS (SELECT subdbid FROM pg_catalog.pg_subscription s WHERE s.subdbid = d.oid)
             UNION ALL
            SELECT 'settings' FROM pg_catalog.pg_database d WHERE d.datname = current_database()
               AND EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid)
             UNION ALL
            SELECT 'a connection limit' FROM pg_catalog.pg_database d
             WHERE d.datname = current_database() AND d.datconnlimit <> -1
             UNION ALL
            SELECT 'privileges' FROM pg_catalog.pg_database d WHERE d.datname = current_database()
               AND d.datacl IS DISTINCT FROM (SELECT t.datacl FROM pg_catalog.pg_database t
                                               WHERE t.datname = 'template0' AND d.datname = 'template1')
             UNION ALL
            SELECT 'a comment' FROM pg_catalog.pg_shdescription s JOIN pg_catalog.pg_database d ON d.oid = s.objoid
             WHERE s.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND d.datname = current_database()
               AND s.description NOT IN ('default administrative connection database',
                                         'default template for new databases', 'unmodifiable empty database')
             UNION ALL
            SELECT 'a security label' FROM pg_catalog.pg_shseclabel s JOIN pg_catalog.pg_database d ON d.oid = s.objoid
             WHERE s.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND d.datname = current_database()
            """;

    /** Where the catalog is not called as its objects are. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("pg_class", "tables or views"),
            Map.entry("pg_proc", "functions"),
            Map.entry("pg_namespace", "schemas"),
            Map.entry("pg_am", "access methods"),
            Map.entry("pg_default_acl", "default privileges"),
            Map.entry("pg_opclass", "operator classes"),
            Map.entry("pg_opfamily", "operator families"),
            Map.entry("pg_amop", "members of operator families"),
            Map.entry("pg_amproc", "functions of operator families"),
            Map.entry("pg_ts_config", "text search configurations"),
            Map.entry("pg_ts_dict", "text search dictionaries"),
            Map.entry("pg_ts_parser", "text search parsers"),
            Map.entry("pg_ts_template", "text search templates"),
            Map.entry("pg_foreign_data_wrapper", "foreign-data wrappers"),
            Map.entry("pg_statistic_ext", "extended statistics"));

    private UserObjects() {}

    /**
     * What there is in the database that a session is in, in the words of an operator.
     *
     * @return kinds of objects and properties, e.g. {@code foreign servers}; empty if nothing would be lost
     */
    static List<String> of(TargetServer inside) throws SQLException {
        List<String> kinds = new ArrayList<>();
        List<String> questions = new ArrayList<>();
        for (String catalog : inside.column(CATALOGS)) {
            String name = catalog.substring(0, catalog.indexOf(' '));
            String schema = catalog.substring(name.length() + 1);
            questions.add("SELECT '" + name + "' WHERE EXISTS (SELECT FROM pg_catalog." + name + " WHERE oid >= 16384"
                    + notTransient(name, schema) + ")");
        }
        for (String found : inside.column(String.join(" UNION ALL ", questions))) {
            kinds.add(WORDS.getOrDefault(found, found.substring("pg_".length()).replace('_', ' ') + "s"));
        }
        kinds.addAll(inside.column(REST));
        return kinds;
    }

    private static String notTransient(String catalog, String schema) {
        if (catalog.equals("pg_namespace")) {
            return " AND nspname !~ '" + TRANSIENT + "'";
        }
        return schema.equals("-")
                ? ""
                : " AND " + schema + " NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '" + TRANSIENT
                        + "')";
    }
}
