package cloud.lvs.backup.provider.postgres.testing;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What goes into a cluster to make a backup of it hard: databases with names that break careless quoting, every common kind
 * of object, rows that look like the end of a dump, and properties that only the database itself has.
 */
public final class SampleCluster {
    /** The database with one of everything. */
    public static final String APP = "app";

    /** A role that can log in, with {@link #APP_PASSWORD}; owns {@link #APP}. */
    public static final String APP_OWNER = "app_owner";

    /** The password of {@link #APP_OWNER}. */
    public static final String APP_PASSWORD = "s3cret:of\\app";

    /** A role with a name that has to be quoted. */
    public static final String ODD_ROLE = "Odd \"Role\"";

    /** The tablespace some of it lies in. */
    public static final String TABLESPACE = "fast disk";

    /** A line as {@code pg_dump} ends with: some rows hold it. */
    public static final String END_OF_DUMP = "--\n-- PostgreSQL database dump complete\n--\n";

    /** Names that PostgreSQL allows, each the name of a small database. */
    public static final List<String> ODD_NAMES = List.of(
            "with space",
            "quo\"ted 'name'",
            "sla/sh",
            "-leading-dash",
            ".dot.",
            "per%cent",
            "dollar$$tag",
            "back\\slash",
            "UPPER",
            "ünïcødé 数据",
            "equals=sign",
            "globals",
            "cluster",
            "database:app",
            "two\nlines",
            "x".repeat(63));

    private SampleCluster() {}

    /** Fills a fresh cluster with everything: roles, a tablespace, {@link #APP} and a database for each odd name. */
    public static void fill(TestCluster cluster) {
        addGlobals(cluster);
        addApp(cluster, 500);
        ODD_NAMES.forEach(name -> addSmall(cluster, name));
        addLatin(cluster);
        cluster.execute("postgres", "CREATE TABLE kept_in_postgres AS SELECT 1 AS one");
        cluster.execute("template1", "CREATE TABLE kept_in_template1 AS SELECT 2 AS two");
    }

    /** Fills a fresh cluster with roles, a tablespace and {@link #APP}. */
    public static void fillSmall(TestCluster cluster) {
        addGlobals(cluster);
        addApp(cluster, 100);
    }

    /** Roles, memberships, their settings, a parameter grant and a tablespace. */
    public static void addGlobals(TestCluster cluster) {
        Path place = cluster.newDirectory("tablespace");
        cluster.execute(
                "postgres",
                "CREATE ROLE " + APP_OWNER + " LOGIN PASSWORD " + literal(APP_PASSWORD),
                "CREATE ROLE reporting NOLOGIN",
                "CREATE ROLE " + identifier(ODD_ROLE)
                        + " LOGIN CONNECTION LIMIT 3 VALID UNTIL '2099-01-01 00:00:00+00'",
                "GRANT reporting TO " + APP_OWNER,
                "GRANT reporting TO " + identifier(ODD_ROLE) + " WITH ADMIN OPTION",
                "ALTER ROLE " + APP_OWNER + " SET work_mem = '8MB'",
                "ALTER ROLE " + identifier(ODD_ROLE) + " SET search_path = \"$user\", 'Odd, Schema', public",
                "COMMENT ON ROLE reporting IS 'reads; and it''s \"quoted\"'",
                "GRANT SET ON PARAMETER log_min_duration_statement TO " + APP_OWNER,
                "CREATE TABLESPACE " + identifier(TABLESPACE) + " OWNER " + APP_OWNER + " LOCATION "
                        + literal(place.toString()));
    }

    /** The database with one of everything, {@code rows} rows in its larger tables. */
    public static void addApp(TestCluster cluster, int rows) {
        cluster.execute(
                "postgres",
                "CREATE DATABASE " + APP + " TEMPLATE template0 OWNER " + APP_OWNER
                        + " ENCODING 'UTF8' LOCALE 'C.UTF-8' CONNECTION LIMIT 50",
                "COMMENT ON DATABASE " + APP + " IS 'the shop; it''s theirs'",
                "ALTER DATABASE " + APP + " SET search_path = \"$user\", sales, public",
                "ALTER DATABASE " + APP + " SET statement_timeout = '90s'",
                "ALTER DATABASE " + APP + " SET default_transaction_read_only = off",
                "ALTER ROLE reporting IN DATABASE " + APP + " SET work_mem = '16MB'",
                "REVOKE ALL ON DATABASE " + APP + " FROM PUBLIC",
                "GRANT CONNECT ON DATABASE " + APP + " TO reporting",
                "GRANT CREATE ON DATABASE " + APP + " TO " + identifier(ODD_ROLE) + " WITH GRANT OPTION");
        cluster.execute(
                APP,
                "CREATE EXTENSION pg_trgm",
                "CREATE EXTENSION hstore",
                "CREATE SCHEMA sales AUTHORIZATION " + APP_OWNER,
                "CREATE SCHEMA \"Odd, Schema\"",
                "CREATE TYPE sales.state AS ENUM ('new', 'paid', 'it''s shipped')",
                "CREATE DOMAIN sales.email AS text CHECK (VALUE LIKE '%@%')",
                "CREATE TYPE sales.money_of AS (amount numeric, currency text)",
                "CREATE TABLE sales.customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                        + " email sales.email NOT NULL UNIQUE, name text COLLATE \"C\", attributes hstore,"
                        + " created timestamptz NOT NULL DEFAULT now())",
                "CREATE TABLE sales.purchase (id serial PRIMARY KEY, customer bigint NOT NULL REFERENCES sales.customer,"
                        + " state sales.state NOT NULL DEFAULT 'new', amount numeric(12,2) CHECK (amount >= 0),"
                        + " net numeric GENERATED ALWAYS AS (amount / 1.19) STORED, note text, picture bytea)"
                        + " TABLESPACE " + identifier(TABLESPACE),
                "CREATE INDEX purchase_state ON sales.purchase (state) WHERE state <> 'paid'",
                "CREATE INDEX purchase_note ON sales.purchase USING gin (note gin_trgm_ops)",
                "CREATE STATISTICS sales.purchase_stats ON customer, state FROM sales.purchase",
                "COMMENT ON TABLE sales.purchase IS 'what they bought'",
                "COMMENT ON COLUMN sales.purchase.note IS 'free; text'",
                "INSERT INTO sales.customer (email, name, attributes, created) SELECT 'c' || i || '@example.org',"
                        + " repeat('n', i % 40), hstore('k', i::text), timestamptz '2026-01-01' + i * interval '1 h'"
                        + " FROM generate_series(1, " + rows + ") i",
                "INSERT INTO sales.purchase (customer, state, amount, note, picture) SELECT 1 + i % " + rows
                        + ", (ARRAY['new','paid','it''s shipped'])[1 + i % 3]::sales.state, i * 1.5, md5(i::text),"
                        + " decode(md5(i::text), 'hex') FROM generate_series(1, " + rows + ") i",
                "CREATE TABLE sales.event (at timestamptz NOT NULL, kind text, payload jsonb) PARTITION BY RANGE (at)",
                "CREATE TABLE sales.event_2025 PARTITION OF sales.event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
                "CREATE TABLE sales.event_2026 PARTITION OF sales.event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "CREATE TABLE sales.event_rest PARTITION OF sales.event DEFAULT",
                "CREATE INDEX event_kind ON sales.event (kind)",
                "INSERT INTO sales.event SELECT timestamptz '2024-06-01' + i * interval '1 day', 'k' || i % 7,"
                        + " jsonb_build_object('i', i, 'text', E'line\\nbreak \\\\. \"quoted\"')"
                        + " FROM generate_series(1, " + rows + ") i",
                "CREATE TABLE \"Odd, Schema\".\"select\" (\"from\" int, \"a \"\"b\"\" c\" text)",
                "INSERT INTO \"Odd, Schema\".\"select\" VALUES (1, E'tab\\there'), (2, NULL), (3, '\\N'), (4, '')",
                "CREATE TABLE public.parent (a int); CREATE TABLE public.child (b int) INHERITS (public.parent)",
                "INSERT INTO public.parent VALUES (1); INSERT INTO public.child VALUES (2, 3)",
                "CREATE UNLOGGED TABLE public.scratchpad AS SELECT 1 AS one",
                "CREATE TABLE public.empty (nothing int)",
                "CREATE TABLE public.no_columns ()",
                "CREATE SEQUENCE public.invoice_number START 1000 INCREMENT 7 CACHE 3",
                "SELECT nextval('public.invoice_number'), nextval('public.invoice_number')",
                "CREATE VIEW sales.open_purchase AS SELECT * FROM sales.purchase WHERE state = 'new'",
                "CREATE MATERIALIZED VIEW sales.turnover AS SELECT state, sum(amount) AS total FROM sales.purchase"
                        + " GROUP BY state",
                "CREATE UNIQUE INDEX turnover_state ON sales.turnover (state)",
                "CREATE FUNCTION sales.misleading() RETURNS text LANGUAGE plpgsql AS $body$\nBEGIN\n"
                        + "  /* this looks like a dump, but is the body of a function:\n"
                        + "COPY public.empty (nothing) FROM stdin;\n-- Database \"other\" dump\n"
                        + "GRANT ALL ON DATABASE app TO PUBLIC;\n\\connect other\n" + END_OF_DUMP
                        + "*/\n  RETURN 'it''s; $nested$';\nEND\n$body$",
                "CREATE FUNCTION sales.standard(n int) RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT n; SELECT n + 1; END",
                "CREATE PROCEDURE sales.nothing() LANGUAGE plpgsql AS 'BEGIN NULL; END'",
                "CREATE FUNCTION sales.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := NEW.note; RETURN"
                        + " NEW; END'",
                "CREATE TRIGGER purchase_touch BEFORE UPDATE ON sales.purchase FOR EACH ROW EXECUTE FUNCTION sales.touch()",
                "ALTER TABLE sales.purchase ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY own_purchases ON sales.purchase FOR SELECT TO reporting USING (state <> 'new')",
                "CREATE RULE no_delete AS ON DELETE TO public.parent DO INSTEAD NOTHING",
                "CREATE PUBLICATION everything FOR TABLE sales.customer",
                "GRANT USAGE ON SCHEMA sales TO reporting",
                "GRANT SELECT ON ALL TABLES IN SCHEMA sales TO reporting",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO reporting",
                "ALTER TABLE sales.purchase OWNER TO " + APP_OWNER,
                "ALTER FUNCTION sales.misleading() OWNER TO " + identifier(ODD_ROLE));
        addEndOfDumpRows(cluster, APP);
        addLargeObjects(cluster, APP);
    }

    private static void addEndOfDumpRows(TestCluster cluster, String database) {
        try (Connection connection = cluster.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE public.dump_like (line text)");
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO public.dump_like VALUES (unnest(?::text[]))")) {
                insert.setArray(1, connection.createArrayOf("text", new String[] {
                    "-- PostgreSQL database dump complete",
                    "-- PostgreSQL database cluster dump complete",
                    END_OF_DUMP,
                    "-- Database \"other\" dump",
                    "\\connect other",
                    "\\.",
                    "\\unrestrict abc",
                    "DROP DATABASE app;",
                    "--",
                }));
                insert.execute();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void addLargeObjects(TestCluster cluster, String database) {
        cluster.execute(
                database,
                "SELECT lo_from_bytea(700001, decode(repeat('00ff5c0a', 3000), 'hex'))",
                "SELECT lo_from_bytea(700002, 'small')",
                "COMMENT ON LARGE OBJECT 700002 IS 'a small one'",
                "GRANT SELECT ON LARGE OBJECT 700002 TO reporting",
                "ALTER LARGE OBJECT 700001 OWNER TO " + APP_OWNER);
    }

    /** A database of this name with one small table. */
    public static void addSmall(TestCluster cluster, String name) {
        cluster.execute("postgres", "CREATE DATABASE " + identifier(name) + " TEMPLATE template0");
        cluster.execute(
                name,
                "CREATE TABLE whoami AS SELECT current_database()::text AS name, i FROM generate_series(1, 20) i",
                "ALTER TABLE whoami ADD PRIMARY KEY (i)");
    }

    /** A database in another encoding and collation than the cluster's. */
    public static void addLatin(TestCluster cluster) {
        cluster.execute(
                "postgres", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
        cluster.execute("latin", "CREATE TABLE words AS SELECT 'stra' || chr(223) || 'e' AS word");
    }

    /** The databases {@link #fill} leaves, with {@code postgres} and {@code template1}. */
    public static Set<String> databases() {
        Set<String> names = new TreeSet<>(ODD_NAMES);
        names.addAll(List.of(APP, "latin", "postgres", "template1"));
        return names;
    }

    /** A name as an identifier in SQL. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A text as a literal in SQL. */
    public static String literal(String text) {
        return (text.contains("\\") ? "E'" : "'") + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
