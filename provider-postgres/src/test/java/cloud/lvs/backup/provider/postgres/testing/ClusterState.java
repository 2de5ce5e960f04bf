package cloud.lvs.backup.provider.postgres.testing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything a logical backup has to bring back, as text: two states are equal if nothing was lost. It is read from the
 * catalogs, so that servers of different versions can be compared.
 *
 * @param globals roles, memberships, settings, tablespaces and parameter grants
 * @param databases what each database is and holds, by its name
 */
public record ClusterState(List<String> globals, Map<String, List<String>> databases) {
    private static final String USER_OBJECTS =
            " NOT IN ('pg_catalog', 'information_schema', 'pg_toast')" + " AND nspname !~ '^pg_temp|^pg_toast_temp'";
    private static final String NOT_OF_EXTENSION = " AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.deptype = 'e'"
            + " AND e.objid = %1$s.oid AND e.classid = '%2$s'::regclass)";

    private static final List<String> GLOBALS = List.of(
            "SELECT 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
                    + " rolbypassrls, rolconnlimit, rolpassword, rolvaliduntil,"
                    + " shobj_description(oid, 'pg_authid') FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY rolname",
            "SELECT 'member', r.rolname, m.rolname, admin_option FROM pg_auth_members a JOIN pg_roles r ON r.oid = roleid"
                    + " JOIN pg_roles m ON m.oid = member WHERE r.rolname !~ '^pg_' ORDER BY 2, 3",
            "SELECT 'setting', rolname, setconfig FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole"
                    + " WHERE setdatabase = 0 ORDER BY 2",
            "SELECT 'tablespace', spcname, pg_get_userbyid(spcowner), spcacl, spcoptions FROM pg_tablespace"
                    + " WHERE spcname !~ '^pg_' ORDER BY 2",
            "SELECT 'parameter', parname, paracl FROM pg_parameter_acl ORDER BY 2");

    /** Else names would be shown as a database's own search path has it. */
    private static final String ALL_NAMES_QUALIFIED = "SELECT WHERE set_config('search_path', '', false) IS NULL";

    private static final String PROPERTIES = "SELECT 'database', pg_get_userbyid(datdba),"
            + " pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, datistemplate, datallowconn,"
            + " (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(coalesce(datacl, acldefault('d', datdba))) acl),"
            + " (SELECT spcname FROM pg_tablespace t WHERE t.oid = dattablespace),"
            + " shobj_description(d.oid, 'pg_database'),"
            + " (SELECT array_agg(coalesce(rolname, '') || setconfig::text ORDER BY 1) FROM pg_db_role_setting"
            + "   LEFT JOIN pg_roles r ON r.oid = setrole WHERE setdatabase = d.oid)"
            + " FROM pg_database d WHERE datname = current_database()";

    private static final List<String> CONTENTS = List.of(
            "SELECT 'schema', nspname, pg_get_userbyid(nspowner), nspacl FROM pg_namespace WHERE nspname" + USER_OBJECTS
                    + " AND nspname <> 'public' ORDER BY 2",
            "SELECT 'extension', extname, nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace ORDER BY 2",
            "SELECT 'relation', nspname, relname, relkind, relpersistence, pg_get_userbyid(relowner), relrowsecurity,"
                    + " relispartition, relacl, spcname, obj_description(c.oid, 'pg_class'),"
                    + " pg_get_expr(relpartbound, c.oid), relreplident FROM pg_class c"
                    + " JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN pg_tablespace t ON t.oid = reltablespace"
                    + " WHERE nspname" + USER_OBJECTS + NOT_OF_EXTENSION.formatted("c", "pg_class")
                    + " ORDER BY 2, 3",
            "SELECT 'column', c.oid::regclass::text, attnum, attname, format_type(atttypid, atttypmod), attnotnull,"
                    + " attidentity, attgenerated, pg_get_expr(adbin, adrelid), col_description(c.oid, attnum),"
                    + " collname, attacl FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
                    + " JOIN pg_namespace n ON n.oid = relnamespace"
                    + " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
                    + " LEFT JOIN pg_collation l ON l.oid = attcollation"
                    + " WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c')"
                    + " AND nspname" + USER_OBJECTS + NOT_OF_EXTENSION.formatted("c", "pg_class")
                    + " ORDER BY 2, 3",
            "SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c"
                    + " JOIN pg_namespace n ON n.oid = connamespace WHERE contype <> 'n' AND nspname" + USER_OBJECTS
                    + " ORDER BY 2, 3",
            "SELECT 'index', pg_get_indexdef(indexrelid), indisvalid FROM pg_index JOIN pg_class c ON c.oid = indrelid"
                    + " JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname" + USER_OBJECTS + " ORDER BY 2",
            "SELECT 'view', oid::regclass::text, pg_get_viewdef(oid) FROM pg_class c WHERE relkind IN ('v', 'm')"
                    + " AND relnamespace >= 16384" + NOT_OF_EXTENSION.formatted("c", "pg_class") + " ORDER BY 2",
            "SELECT 'function', p.oid::regprocedure::text, CASE WHEN prokind <> 'a' THEN pg_get_functiondef(p.oid) END,"
                    + " pg_get_userbyid(proowner), proacl FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
                    + " WHERE nspname" + USER_OBJECTS + NOT_OF_EXTENSION.formatted("p", "pg_proc") + " ORDER BY 2",
            "SELECT 'type', nspname, typname, typtype, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)"
                    + " FROM pg_enum WHERE enumtypid = t.oid) FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace"
                    + " WHERE typtype IN ('e', 'd', 'c') AND nspname" + USER_OBJECTS
                    + NOT_OF_EXTENSION.formatted("t", "pg_type") + " ORDER BY 2, 3",
            "SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 2",
            "SELECT 'policy', schemaname, tablename, policyname, roles, cmd, qual FROM pg_policies ORDER BY 2, 3, 4",
            "SELECT 'rule', schemaname, tablename, rulename, definition FROM pg_rules WHERE schemaname <> 'pg_catalog'"
                    + " ORDER BY 2, 3, 4",
            "SELECT 'statistics', pg_get_statisticsobjdef(oid) FROM pg_statistic_ext ORDER BY 2",
            "SELECT 'publication', pubname, (SELECT array_agg(tablename ORDER BY 1) FROM pg_publication_tables t"
                    + " WHERE t.pubname = p.pubname) FROM pg_publication p ORDER BY 2",
            "SELECT 'default privilege', pg_get_userbyid(defaclrole), defaclnamespace::regnamespace::text, defaclobjtype,"
                    + " defaclacl FROM pg_default_acl ORDER BY 2, 3, 4",
            "SELECT 'sequence', schemaname, sequencename, start_value, increment_by, cache_size, last_value"
                    + " FROM pg_sequences ORDER BY 2, 3",
            "SELECT 'large object', m.oid, pg_get_userbyid(lomowner), lomacl, md5(lo_get(m.oid)),"
                    + " obj_description(m.oid, 'pg_largeobject') FROM pg_largeobject_metadata m ORDER BY 2");

    /** Reads the whole of a cluster. */
    public static ClusterState of(TestCluster cluster) {
        return of(cluster, cluster.databases());
    }

    /** Reads the globals and some databases. */
    public static ClusterState of(TestCluster cluster, Collection<String> databases) {
        List<String> globals = cluster.query("postgres", GLOBALS);
        Map<String, List<String>> contents = new TreeMap<>();
        databases.forEach(database -> contents.put(database, database(cluster, database)));
        return new ClusterState(globals, contents);
    }

    /** What one database is and holds. */
    public static List<String> database(TestCluster cluster, String database) {
        List<String> queries = new ArrayList<>(List.of(PROPERTIES));
        queries.addAll(contentsOf(cluster, database));
        return cluster.query(database, queries);
    }

    /** What one database holds, whatever it is called and whoever owns it. */
    public static List<String> contents(TestCluster cluster, String database) {
        return cluster.query(database, contentsOf(cluster, database));
    }

    private static List<String> contentsOf(TestCluster cluster, String database) {
        List<String> queries = new ArrayList<>();
        queries.add(ALL_NAMES_QUALIFIED);
        queries.addAll(CONTENTS);
        for (String table : tables(cluster, database)) {
            queries.add("SELECT 'rows', $n$" + table
                    + "$n$, count(*), sum(hashtextextended(t::text, 0)::numeric) FROM ONLY " + table + " t");
        }
        return queries;
    }

    /** The tables and materialized views of a database, quoted as SQL needs them. */
    public static List<String> tables(TestCluster cluster, String database) {
        return cluster.query(
                database,
                "SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                        + " WHERE relkind IN ('r', 'm') AND nspname" + USER_OBJECTS + " ORDER BY 1");
    }
}
