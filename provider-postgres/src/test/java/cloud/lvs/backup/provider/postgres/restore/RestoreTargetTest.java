package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.PostgresSourceProvider;
import cloud.lvs.backup.provider.postgres.capture.RoleSettings;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.server.Endpoint;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server that a restore goes to belongs to somebody: what is there stays, and what we made goes. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class RestoreTargetTest {
    private final TestCluster source = TestCluster.running();
    private final TestCluster target =
            TestCluster.plan().setting("max_prepared_transactions", "2").start();

    @TempDir
    Path scratch = Path.of("");

    private InMemoryBackup small;

    @BeforeAll
    void fill() throws Exception {
        SampleCluster.fillSmall(source);
        target.execute(
                "postgres", "CREATE TABLESPACE \"fast disk\" LOCATION '" + target.newDirectory("tablespace") + "'");
        source.execute("postgres", "CREATE DATABASE sub");
        source.execute(
                "sub",
                "CREATE TABLE t AS SELECT i, repeat('x', 200) FROM generate_series(1, 3000) i",
                "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false)");
        small = HandMadeBackup.of(source).globals().database("app", "custom").build();
    }

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    // What is there

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "foreign-data wrappers      | CREATE FOREIGN DATA WRAPPER w",
                "foreign servers            | CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w",
                "collations                 | CREATE COLLATION mine (locale = 'C')",
                "conversions                | CREATE CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
                "casts                      | CREATE CAST (int4 AS inet) WITH INOUT",
                "operators                  | CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int4, RIGHTARG = int4)",
                "operator families          | CREATE OPERATOR FAMILY f USING btree",
                "text search configurations | CREATE TEXT SEARCH CONFIGURATION tc (COPY = pg_catalog.english)",
                "text search dictionaries   | CREATE TEXT SEARCH DICTIONARY td (TEMPLATE = simple)",
                "default privileges         | ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
                "event triggers             | CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
                        + " CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
                "languages                  | CREATE LANGUAGE mine HANDLER plpgsql_call_handler",
                "access methods             | CREATE ACCESS METHOD mine TYPE TABLE HANDLER heap_tableam_handler",
                "publications               | CREATE PUBLICATION p",
                "subscriptions              | CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p"
                        + " WITH (connect = false)",
                "large objects              | SELECT lo_create(7)",
                "settings                   | ALTER DATABASE shop SET work_mem = '9MB'",
                "settings                   | ALTER ROLE postgres IN DATABASE shop SET work_mem = '9MB'",
                "a comment                  | COMMENT ON DATABASE shop IS 'mine'",
                "a connection limit         | ALTER DATABASE shop CONNECTION LIMIT 7",
                "privileges                 | REVOKE CONNECT ON DATABASE shop FROM PUBLIC",
                "tables or views            | CREATE VIEW v AS SELECT 1 AS one",
                "types                      | CREATE DOMAIN d AS int"
            })
    void takesADatabaseForEmptyOnlyIfNothingWouldBeLostWithIt(String kind, String statements) throws Exception {
        target.execute("postgres", "CREATE DATABASE shop");
        try {
            assertThat(contentsOf("shop")).isEmpty();
            for (String statement : statements.split("; ", -1)) {
                target.execute("shop", statement);
            }
            assertThat(contentsOf("shop")).contains(kind);
        } finally {
            remove("shop");
        }
    }

    @Test
    void theDatabasesOfAFreshServerAreEmptyAlsoWhileTemporaryTablesAreThere() throws Exception {
        try (Connection somebody = target.connect("postgres");
                Statement statement = somebody.createStatement()) {
            statement.execute("CREATE TEMPORARY TABLE t (id serial PRIMARY KEY, body text DEFAULT 'x')");

            assertThat(contentsOf("postgres")).isEmpty();
        }
        assertThat(contentsOf("postgres")).isEmpty();
        assertThat(contentsOf("template1")).isEmpty();
    }

    @Test
    void asksBeforeItReplacesADatabaseThatHoldsNoTableAndPutsItAside() throws Exception {
        target.execute("postgres", "CREATE DATABASE app");
        target.execute("app", "CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER sv FOREIGN DATA WRAPPER w");
        try {
            BackupException refused = catchThrowableOfType(
                    BackupException.class,
                    () -> Restoring.of(small, target, scratch).execute());

            assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refused)
                    .hasMessageContaining(
                            "has databases with something in them: app (foreign-data wrappers, foreign" + " servers)");

            Restoring.of(small, target, scratch).withConsent().execute();

            String aside = target.databases().stream()
                    .filter(each -> each.startsWith("app_before_"))
                    .findFirst()
                    .orElseThrow();
            assertThat(target.query(aside, "SELECT srvname FROM pg_foreign_server"))
                    .containsExactly("sv");
            remove(aside);
        } finally {
            remove("app");
        }
    }

    // What we made

    @Test
    void aRestoreThatFailsLeavesNoSubscriberBehind() throws Exception {
        InMemoryBackup sub =
                HandMadeBackup.of(source).globals().database("sub", "plain").build();
        StoredArtifact dump = HandMadeBackup.artifact(sub, "sub", "pg-database");
        InMemoryBackup wrong = sub.holding(
                dump,
                HandMadeBackup.text(sub, dump)
                        .replace(
                                "\n-- PostgreSQL database dump complete",
                                "\nSELECT 1 / 0;\n\n--\n-- PostgreSQL database dump complete")
                        .getBytes(StandardCharsets.UTF_8));
        TestRunContext run = new TestRunContext();

        BackupException failed = catchThrowableOfType(
                BackupException.class,
                () -> Restoring.of(wrong, target, scratch)
                        .parallelism(1)
                        .in(run)
                        .execute());

        assertThat(failed).hasMessageContaining("division by zero");
        assertThat(target.query("postgres", "SELECT subname FROM pg_subscription"))
                .isEmpty();
        assertThat(target.databases()).containsExactly("postgres", "template1");
        assertThat(run.warnings()).isEmpty();
    }

    @Test
    void removesWhatADeadRestoreOfTheSameBackupLeftAndNothingElse() throws Exception {
        TestRunContext run = new TestRunContext();
        String ofTheDead = "lvs_restore_" + run.run().value() + "_0badcafe_1";
        String ofTheLiving = "lvs_restore_" + run.run().value() + "_0badbeef_1";
        String somebodys = "lvs_restore_notes";
        target.execute(
                "postgres",
                "CREATE DATABASE " + ofTheDead,
                "ALTER DATABASE " + ofTheDead + " IS_TEMPLATE true",
                "CREATE DATABASE " + ofTheLiving,
                "CREATE DATABASE " + somebodys);
        try (Connection living = target.connect("postgres");
                Statement statement = living.createStatement()) {
            statement.execute("SET application_name = 'lvs-backup/" + run.run().value() + "/0badbeef'");

            Restoring.of(small, target, scratch).in(run).execute();

            assertThat(target.databases())
                    .containsExactlyInAnyOrder("app", "postgres", "template1", ofTheLiving, somebodys);
            assertThat(run.warnings())
                    .singleElement()
                    .asString()
                    .startsWith("removed what a restore that was killed had left on PostgreSQL server ")
                    .endsWith(": " + ofTheDead);
        } finally {
            remove("app");
            remove(ofTheLiving);
            remove(somebodys);
            remove(ofTheDead);
        }
    }

    @Test
    void cleansUpAfterDeadRestoresOnRequest() throws Exception {
        String ofTheDead = "lvs_restore_gone_0badcafe_1";
        String ofTheLiving = "lvs_restore_here_0badbeef_1";
        target.execute("postgres", "CREATE DATABASE " + ofTheDead, "CREATE DATABASE " + ofTheLiving);
        target.execute(
                ofTheDead,
                "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION p WITH (connect = false)");
        try (Connection living = target.connect("postgres");
                Statement statement = living.createStatement()) {
            statement.execute("SET application_name = 'lvs-backup/here/0badbeef'");

            RestoreReport planned = cleanUp(RestoreRequest.Mode.DRY_RUN);
            assertThat(target.databases()).contains(ofTheDead);
            RestoreReport done = cleanUp(RestoreRequest.Mode.EXECUTE);
            RestoreReport again = cleanUp(RestoreRequest.Mode.EXECUTE);

            assertThat(planned.steps()).singleElement().asString().startsWith("Would remove database '" + ofTheDead);
            assertThat(done.steps()).singleElement().asString().startsWith("Removed database '" + ofTheDead);
            assertThat(done.items()).extracting(ItemResult::status).containsExactly(ItemResult.Status.DONE);
            assertThat(again.steps()).singleElement().asString().startsWith("Nothing of a restore that died is on ");
            assertThat(target.databases()).containsExactlyInAnyOrder("postgres", "template1", ofTheLiving);
        } finally {
            remove(ofTheLiving);
            remove(ofTheDead);
        }
    }

    private RestoreReport cleanUp(RestoreRequest.Mode mode) throws Exception {
        try (Source cleaning = new PostgresSourceProvider()
                .create(
                        PostgresConfig.at("nowhere.invalid").user("postgres").build(),
                        new TestProviderContext(scratch))) {
            return cleaning.cleanUp(
                    new RestoreRequest(
                            new RestoreTarget.Place(target.url()),
                            List.of(),
                            PostgresRestoreOptions.DEFAULTS,
                            RestoreRequest.Consent.GIVEN,
                            mode),
                    new TestRunContext());
        }
    }

    @Test
    void isAliveToOtherRestoresWhileItIsAtWork() throws Exception {
        TestRunContext run = new TestRunContext();
        List<String> seen = new ArrayList<>();

        Restoring.of(small, target, scratch)
                .in(at("publish", run, () -> {
                    try (TargetServer other = TargetServer.connect(server(), "postgres")) {
                        ScratchDatabases.removeThoseOfTheDead(other, run);
                    }
                    seen.addAll(target.databases());
                }))
                .execute();

        assertThat(seen).anyMatch(each -> each.startsWith("lvs_restore_"));
        assertThat(target.databases()).containsExactly("app", "postgres", "template1");
        assertThat(run.warnings()).isEmpty();
        remove("app");
    }

    @Test
    void aRehearsalThatLeavesSomethingIsNoPassAndNamesIt() throws Exception {
        try (TestCluster given =
                TestCluster.plan().setting("max_prepared_transactions", "2").start()) {
            RestoreReport report = Restoring.of(
                            small, new RestoreTarget.Scratch(Files.createTempDirectory(scratch, "drill")), scratch)
                    .drillOn(given.url())
                    .in(at(
                            "checks",
                            new TestRunContext(),
                            () -> given.execute("app", "BEGIN; PREPARE TRANSACTION 'held'")))
                    .execute();

            assertThat(report.checks())
                    .filteredOn(check -> check.status() == Check.Status.FAILED)
                    .singleElement()
                    .satisfies(check -> {
                        assertThat(check.name()).isEqualTo("clean-up");
                        assertThat(check.detail()).contains("database \"app\"");
                    });
        }
    }

    // What no program of PostgreSQL writes

    @Test
    void bringsSettingsOfAllRolesBackButLeavesThoseThatAreThere() throws Exception {
        try (TestCluster from = TestCluster.running();
                TestCluster to = TestCluster.running()) {
            from.execute(
                    "postgres",
                    "ALTER ROLE ALL SET work_mem = '9MB'",
                    "ALTER ROLE ALL SET search_path = 'a, b', c",
                    "ALTER ROLE ALL SET lock_timeout = '7s'",
                    "ALTER ROLE ALL SET my.key = 'hidden'");
            String noted;
            try (Connection connection = from.connect("postgres")) {
                noted = RoleSettings.read(connection).orElseThrow();
            }
            assertThat(noted).doesNotContain("hidden");
            InMemoryBackup backup = HandMadeBackup.noting(
                    HandMadeBackup.of(from).globals().build(), "cluster", RoleSettings.FACT, noted);
            to.execute("postgres", "ALTER ROLE ALL SET lock_timeout = '5s'");

            RestoreReport report = Restoring.of(backup, to, scratch).execute();

            assertThat(to.query(
                            "postgres",
                            "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = 0"))
                    .containsExactlyInAnyOrder("work_mem=9MB", "search_path=\"a, b\", c", "lock_timeout=5s");
            assertThat(report.nextSteps())
                    .contains(
                            "The setting lock_timeout of all roles existed and was left as it is; in the backup it is 7s.")
                    .anyMatch(step -> step.startsWith("Set again for all roles: my.key"));
        }
    }

    // Vocabulary

    private Server server() throws Exception {
        return Server.at(
                new Endpoint(
                        "127.0.0.1",
                        target.port(),
                        TestCluster.SUPERUSER,
                        "postgres",
                        PostgresConfig.SslMode.DISABLE,
                        null,
                        null,
                        null),
                Optional.empty(),
                new TestRunContext());
    }

    private List<String> contentsOf(String database) throws Exception {
        try (TargetServer inside = TargetServer.connect(server(), database)) {
            return UserObjects.of(inside);
        }
    }

    private void remove(String database) throws Exception {
        try (TargetServer maintenance = TargetServer.connect(server(), "postgres")) {
            assertThat(maintenance.dropQuietly(List.of(database))).isEmpty();
        }
    }

    private interface Deed {
        void execute() throws Exception;
    }

    /** Does something when the work comes to a phase. */
    private static RunContext at(String phase, TestRunContext run, Deed deed) {
        return (RunContext) Proxy.newProxyInstance(
                RunContext.class.getClassLoader(), new Class<?>[] {RunContext.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("phase") && arguments[0].equals(phase)) {
                        deed.execute();
                    }
                    try {
                        return method.invoke(run, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
