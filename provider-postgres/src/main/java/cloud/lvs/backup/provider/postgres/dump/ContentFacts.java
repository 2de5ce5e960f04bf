package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.server.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is in the tables of a database, as facts that can be compared: how many rows, and a hash over them that does not
 * depend on their order. Read the same way when a backup is made and after it was restored.
 */
public final class ContentFacts {
    /** Every fact about a table begins so, then comes its quoted name. */
    public static final String TABLE = "table ";

    /** Every fact about a sequence begins so, then comes its quoted name. */
    public static final String SEQUENCE = "sequence ";

    /** How rows look as text depends on these. */
    private static final String SETTINGS = """
            SET LOCAL search_path = ''; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
            SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';
            SET LOCAL lc_monetary = 'C'
            """;

    /** A standby has no unlogged rows. */
    private static final String TABLES = """
            SELECT n.nspname, c.relname
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND c.relpersistence <> 't'
               AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                                  AND d.deptype = 'e')
             ORDER BY 1, 2
            """;

    private ContentFacts() {}

    /**
     * Reads what is in every table of users. Inside one transaction, whose snapshot it reads.
     *
     * @param recorded counts, or fingerprints too; nothing for none
     * @param leftOut tables that are not looked at
     */
    public static SortedMap<String, String> ofTables(
            Connection transaction, PostgresConfig.Contents recorded, Set<TableName> leftOut) throws SQLException {
        SortedMap<String, String> facts = new TreeMap<>();
        if (recorded == PostgresConfig.Contents.NONE) {
            return facts;
        }
        try (Statement statement = transaction.createStatement()) {
            statement.execute(SETTINGS);
            for (TableName table : tables(statement)) {
                if (!leftOut.contains(table)) {
                    facts.put(TABLE + table.quoted(), ofTable(statement, table, recorded));
                }
            }
        }
        return facts;
    }

    private static List<TableName> tables(Statement statement) throws SQLException {
        List<TableName> tables = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                tables.add(new TableName(rows.getString(1), rows.getString(2)));
            }
        }
        return tables;
    }

    private static String ofTable(Statement statement, TableName table, PostgresConfig.Contents recorded)
            throws SQLException {
        // A short alias would be taken for a column of that name.
        String hash = recorded == PostgresConfig.Contents.FINGERPRINTS
                ? " || ' ' || coalesce(sum(pg_catalog.hashtextextended((\"the whole row\".*)::pg_catalog.text, 0)"
                        + "::pg_catalog.numeric), 0)"
                : "";
        try (ResultSet row = statement.executeQuery(
                "SELECT count(*)" + hash + " FROM ONLY " + table.quoted() + " AS \"the whole row\"")) {
            row.next();
            return row.getString(1);
        }
    }

    /**
     * Reads where every sequence stands that was used. Sequences know no snapshot: read it before a dump begins, so that
     * the dump is not behind.
     */
    public static SortedMap<String, String> ofSequences(Connection connection, PostgresConfig.Contents recorded)
            throws SQLException {
        SortedMap<String, String> facts = new TreeMap<>();
        if (recorded == PostgresConfig.Contents.NONE) {
            return facts;
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT schemaname, sequencename, last_value::pg_catalog.text"
                        + " FROM pg_catalog.pg_sequences WHERE last_value IS NOT NULL"
                        + " AND schemaname !~ '^pg_'")) {
            while (rows.next()) {
                facts.put(SEQUENCE + new TableName(rows.getString(1), rows.getString(2)).quoted(), rows.getString(3));
            }
        }
        return facts;
    }
}
