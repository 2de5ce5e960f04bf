package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresSourceProvider;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts that others made, with options and by ways that we did not choose. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class AdoptedScriptTest {
    private static final String NAMING = "--\n-- Database \"[^\n]*\" dump\n--\n";

    private final TestCluster legacy = TestCluster.running();

    @TempDir
    Path scratch = Path.of("");

    @BeforeAll
    void fill() {
        legacy.execute(
                "postgres", "CREATE ROLE app LOGIN", "CREATE ROLE idle", "CREATE TABLE precious AS SELECT 1 AS x");
        legacy.execute("template1", "CREATE TABLE in_template AS SELECT 2 AS y");
        legacy.execute(
                "postgres",
                "CREATE DATABASE shop OWNER app",
                "COMMENT ON DATABASE shop IS 'ours'",
                "ALTER DATABASE shop SET work_mem = '7MB'",
                "ALTER ROLE app IN DATABASE shop SET work_mem = '9MB'");
        legacy.execute(
                "shop",
                "CREATE TABLE t (id int PRIMARY KEY, note text)",
                "INSERT INTO t SELECT i, 'note ' || i FROM generate_series(1, 100) i",
                "CREATE TABLE u (id int)",
                "INSERT INTO u VALUES (1)");
        SampleCluster.addSmall(legacy, "we ird");
        SampleCluster.addSmall(legacy, "it's \"odd\" = \\");
    }

    @AfterAll
    void stop() {
        legacy.close();
    }

    // --clean

    @ParameterizedTest
    @ValueSource(strings = {"--clean", "--clean --if-exists", "--clean --inserts", "--clean --quote-all-identifiers"})
    void dropsNothingOfTheTarget(String options) throws Exception {
        InMemoryBackup script = script(options);
        try (TestCluster target =
                TestCluster.plan().setting("log_statement", "all").start()) {
            target.execute("postgres", "CREATE ROLE app", "CREATE ROLE idle");
            List<String> before = rolesOf(target);

            RestoreReport report = Restoring.of(script, target, scratch).execute();

            assertSameDatabases(target);
            assertThat(rolesOf(target)).isEqualTo(before);
            assertDroppedNothing(target);
            assertThat(report.steps()).anyMatch(step -> step.contains("made with --clean"));
        }
    }

    @Test
    void leavesTheServersOwnDatabasesWhereTheyAre() throws Exception {
        InMemoryBackup script = script("--clean");
        try (TestCluster target =
                TestCluster.plan().setting("log_statement", "all").start()) {
            target.execute("postgres", "CREATE ROLE app", "CREATE TABLE precious AS SELECT generate_series(1, 2) AS x");
            List<String> before = oids(target);

            for (String database : List.of("postgres", "template1", "shop")) {
                Restoring.of(script, target, scratch)
                        .item(database)
                        .as(database + "_copy")
                        .execute();
            }

            assertThat(oids(target)).isEqualTo(before);
            assertThat(target.query("postgres", "SELECT count(*) FROM precious"))
                    .containsExactly("2");
            assertThat(target.query("postgres_copy", "SELECT count(*) FROM precious"))
                    .containsExactly("1");
            assertThat(target.query("shop_copy", "SELECT count(*) FROM t")).containsExactly("100");
            assertDroppedNothing(target);
        }
    }

    @Test
    void rehearsesAndPlansOneThatWasMadeWithClean() throws Exception {
        InMemoryBackup script = script("--clean");

        assertThat(verify(script))
                .anyMatch(check -> check.status() == Check.Status.WARNED
                        && check.detail().contains("statements that drop databases and roles (the first in line 1"));
        RestoreReport drill = Restoring.of(script, new RestoreTarget.Scratch(scratch), scratch)
                .execute();
        assertThat(drill.checks()).isNotEmpty().allMatch(check -> check.status() == Check.Status.PASSED);
        try (TestCluster target = TestCluster.running()) {
            assertThat(Restoring.of(script, target, scratch).dry().execute().steps())
                    .anyMatch(step -> step.contains("made with --clean"));
        }
    }

    private static void assertDroppedNothing(TestCluster target) {
        Pattern destroys = Pattern.compile(
                "DROP (?!DATABASE \"?lvs_restore_)(?:DATABASE|ROLE|TABLESPACE)|UPDATE (?:pg_catalog\\.)?pg_database"
                        + "|CREATE DATABASE (?!\"?lvs_restore_)");
        assertThat(target.logText()
                        .lines()
                        .filter(line -> destroys.matcher(line).find()))
                .isEmpty();
    }

    private static List<String> oids(TestCluster cluster) {
        return cluster.query(
                "postgres",
                "SELECT datname || oid FROM pg_database WHERE datname IN ('postgres', 'template1') ORDER BY 1");
    }

    private static List<String> rolesOf(TestCluster cluster) {
        return cluster.query("postgres", "SELECT rolname || oid FROM pg_roles ORDER BY 1");
    }

    // Which database

    @ParameterizedTest
    @ValueSource(strings = {"", "--inserts", "--clean", "--no-owner --no-comments"})
    void tellsTheDatabasesApartWithoutTheCommentThatNamesThem(String options) throws Exception {
        InMemoryBackup script = HandMadeBackup.rewritten(script(options), text -> text.replaceAll(NAMING, ""));
        try (TestCluster target = TestCluster.running()) {
            Restoring.of(script, target, scratch).execute();

            for (String database : legacy.databases()) {
                assertThat(target.query(
                                database,
                                "SELECT relname FROM pg_class WHERE oid >= 16384 AND relkind = 'r' ORDER BY 1"))
                        .as(database)
                        .isEqualTo(legacy.query(
                                database,
                                "SELECT relname FROM pg_class WHERE oid >= 16384 AND relkind = 'r' ORDER BY 1"));
            }
            assertThat(target.query("shop", "SELECT count(*) FROM t")).containsExactly("100");
        }
    }

    /** What versions before 11 write: all that is about databases in the head, and no word on which one follows. */
    private static final String OLD = """
            --
            -- PostgreSQL database cluster dump
            --

            SET default_transaction_read_only = off;

            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;

            --
            -- Roles
            --

            CREATE ROLE app;
            ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION;
            CREATE ROLE postgres;
            ALTER ROLE postgres WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION;


            --
            -- Per-Database Role Settings
            --

            ALTER ROLE app IN DATABASE shop SET work_mem TO '9MB';




            --
            -- Database creation
            --

            CREATE DATABASE shop WITH TEMPLATE = template0 OWNER = app;
            ALTER DATABASE shop SET lock_timeout TO '5s';
            CREATE DATABASE "we ird" WITH TEMPLATE = template0 OWNER = postgres;
            UPDATE pg_catalog.pg_database SET datistemplate = 't' WHERE datname = 'we ird';
            REVOKE ALL ON DATABASE template1 FROM PUBLIC;
            REVOKE ALL ON DATABASE template1 FROM postgres;
            GRANT ALL ON DATABASE template1 TO postgres;
            GRANT CONNECT ON DATABASE template1 TO PUBLIC;


            """ + old("\\connect postgres", "precious") + old("\\connect shop", "t")
            + old("\\c template1", "in_template")
            + old("\\connect -reuse-previous=on \"dbname='we ird'\"", "odd") + """
            --
            -- PostgreSQL database cluster dump complete
            --

            """;

    private static String old(String connect, String table) {
        return connect + """


            SET default_transaction_read_only = off;

            --
            -- PostgreSQL database dump
            --

            SET statement_timeout = 0;
            SET lock_timeout = 0;
            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;
            SET check_function_bodies = false;
            SET client_min_messages = warning;

            SET search_path = public, pg_catalog;

            SET default_tablespace = '';

            SET default_with_oids = false;

            --
            -- Name: %1$s; Type: TABLE; Schema: public; Owner: app; Tablespace:
            --

            CREATE TABLE %1$s (
                id integer
            );


            ALTER TABLE %1$s OWNER TO app;

            COPY %1$s (id) FROM stdin;
            1
            2
            \\.


            --
            -- PostgreSQL database dump complete
            --

            """.formatted(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\connect \"we ird\"", "\\c 'we ird'", "\\connect -reuse-previous=on \"dbname='we ird'\""})
    void readsScriptsOfOlderVersions(String connect) throws Exception {
        InMemoryBackup script = HandMadeBackup.rewritten(
                script(""), text -> OLD.replace("\\connect -reuse-previous=on \"dbname='we ird'\"", connect));
        try (TestCluster target = TestCluster.running()) {
            Restoring.of(script, target, scratch).execute();

            assertThat(target.query("postgres", "SELECT count(*) FROM precious"))
                    .containsExactly("2");
            assertThat(target.query("template1", "SELECT count(*) FROM in_template"))
                    .containsExactly("2");
            assertThat(target.query("we ird", "SELECT count(*) FROM odd")).containsExactly("2");
            assertThat(target.query("shop", "SELECT count(*) FROM t")).containsExactly("2");
            assertThat(target.query(
                            "postgres",
                            "SELECT relname FROM pg_class WHERE relname IN ('t', 'odd', 'in_template', 'precious')"))
                    .containsExactly("precious");
            assertThat(target.query(
                            "postgres", "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'"))
                    .containsExactly("app");
            assertThat(target.query("postgres", "SELECT datname FROM pg_database WHERE datistemplate ORDER BY 1"))
                    .containsExactly("template0", "template1", "we ird");
            assertThat(target.query("postgres", "SELECT setconfig FROM pg_db_role_setting ORDER BY 1"))
                    .containsExactly("{lock_timeout=5s}", "{work_mem=9MB}");
        }
    }

    @Test
    void refusesAScriptThatNamesNoDatabase() throws Exception {
        assertThat(flaw(script("--globals-only"))).contains("names no database");
    }

    // Noise

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "container | line 1 is nothing | Defaulted container \"postgres\" | output of kubectl in the file",
                "password | line 1 is nothing | Password | the prompt of a program",
                "warning | is nothing that pg_dumpall writes | pg_dump: | wrote its stderr into it",
                "warning in a statement | is nothing that pg_dumpall writes | pg_dump: | wrote its stderr into it",
                "warning in rows | is nothing that pg_dumpall writes | pg_dump: | wrote its stderr into it",
                "line ends | line 1 is nothing | -- | line ends of Windows",
                "a file | is nothing that pg_dumpall writes | COPY public.u | line",
                "a command | is nothing that pg_dumpall writes | the command \\! to psql | line",
                "a drop | is nothing that pg_dumpall writes | DROP TABLE public.u | line",
                "a role | is nothing that pg_dumpall writes | CREATE USER mallory | line",
                "in the head | is nothing that pg_dumpall writes | CREATE TABLE stray | line",
                "of the server | is nothing that pg_dumpall writes | ALTER SYSTEM SET | line",
                "another server | is nothing that pg_dumpall writes | the command \\connect to psql | line",
            })
    void refusesWhatADumpDoesNotHold(String what, String place, String shown, String cause) throws Exception {
        for (boolean restricted : new boolean[] {true, false}) {
            InMemoryBackup script = HandMadeBackup.rewritten(script(""), text -> {
                String whole = restricted ? text : text.replaceAll("(?m)^\\\\(un)?restrict .*\n", "");
                return spoilt(whole, what);
            });

            assertThat(flaw(script)).contains(place, shown, cause);
            assertThatThrownBy(() -> Restoring.of(script, legacy, scratch).dry().execute())
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION))
                    .hasMessageContaining(shown);
        }
    }

    private static String spoilt(String script, String what) {
        String definition = "CREATE TABLE public.u (\n";
        String row = "\n50\tnote 50\n";
        return switch (what) {
            case "container" -> "Defaulted container \"postgres\" out of: postgres, metrics\n" + script;
            case "password" -> "Password: " + script;
            case "warning" -> replaced(script, definition, "pg_dump: warning: there are circular keys\n" + definition);
            case "warning in a statement" ->
                replaced(script, definition, definition + "pg_dump: warning: don't worry\n");
            case "warning in rows" -> replaced(script, row, "\npg_dump: warning: slow" + row);
            case "line ends" -> script.replace("\n", "\r\n");
            case "a file" -> replaced(script, definition, "COPY public.u FROM PROGRAM 'id';\n" + definition);
            case "a command" -> replaced(script, definition, "\\! id\n" + definition);
            case "a drop" -> replaced(script, definition, "DROP TABLE public.u;\n" + definition);
            case "a role" -> replaced(script, definition, "CREATE USER mallory SUPERUSER;\n" + definition);
            case "in the head" -> replaced(script, "CREATE ROLE app;", "CREATE TABLE stray (i int);\nCREATE ROLE app;");
            case "of the server" -> replaced(script, definition, "ALTER SYSTEM SET fsync = off;\n" + definition);
            case "another server" -> replaced(script, definition, "\\connect shop admin db.example\n" + definition);
            default -> throw new IllegalArgumentException(what);
        };
    }

    private static String replaced(String script, String what, String by) {
        assertThat(script).contains(what);
        return script.replace(what, by);
    }

    // Settings

    @Test
    void leavesOutSettingsThatTheTargetDoesNotKnow() throws Exception {
        InMemoryBackup script = HandMadeBackup.rewritten(
                script(""),
                text -> replaced(
                                text.replace(
                                        "SET lock_timeout = 0;", "SET lock_timeout = 0;\nSET unheard_of_timeout = 0;"),
                                "CREATE ROLE idle;",
                                "CREATE ROLE idle;\nALTER ROLE app SET forgotten_warning TO 'off';")
                        .replace(
                                "ALTER DATABASE shop SET work_mem",
                                "ALTER DATABASE shop SET forgotten_warning TO 'off';\nALTER DATABASE shop SET work_mem"));
        try (TestCluster target = TestCluster.running()) {
            assertThat(Restoring.of(script, target, scratch).dry().execute().steps())
                    .contains("Would leave out the settings that the server does not know: forgotten_warning,"
                            + " unheard_of_timeout.");

            RestoreReport report = Restoring.of(script, target, scratch).execute();

            assertSameDatabases(target);
            assertThat(String.join("\n", report.nextSteps()))
                    .contains(
                            "Not set, for the server does not know it: ALTER ROLE app SET forgotten_warning.",
                            "Set again on database 'shop': the setting forgotten_warning, which the server does not know.");
            assertThat(report.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
        }
    }

    // Vocabulary

    private InMemoryBackup script(String options) throws Exception {
        return HandMadeBackup.from(
                HandMadeBackup.of(legacy)
                        .script(options.isEmpty() ? new String[0] : options.split(" "))
                        .build(),
                "systemIdentifier",
                "1");
    }

    private void assertSameDatabases(TestCluster target) {
        assertThat(ClusterState.of(target).databases())
                .isEqualTo(ClusterState.of(legacy).databases());
    }

    private List<Check> verify(InMemoryBackup backup) throws Exception {
        try (Source source = new PostgresSourceProvider()
                .create(
                        PostgresConfig.at("nowhere.invalid").user("postgres").build(),
                        new TestProviderContext(scratch))) {
            return source.verify(backup, Level.CONTENT, new TestRunContext()).checks();
        }
    }

    private String flaw(InMemoryBackup backup) throws Exception {
        return verify(backup).stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .map(Check::detail)
                .findFirst()
                .orElse("passed");
    }
}
