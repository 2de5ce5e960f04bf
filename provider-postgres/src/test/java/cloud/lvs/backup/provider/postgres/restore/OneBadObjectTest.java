package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases with objects that a dump holds and a server does not take back, or not in the order of the dump. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class OneBadObjectTest {
    private final TestCluster source = TestCluster.running();
    private final TestCluster target = TestCluster.running();

    @TempDir
    Path scratch = Path.of("");

    @BeforeAll
    void fill() {
        make("shop", "CREATE TABLE orders AS SELECT generate_series(1, 100) AS id");
        make(
                "mv",
                "CREATE TABLE documents (id int, body text)",
                "INSERT INTO documents SELECT i, 'x' FROM generate_series(1, 50) i",
                "CREATE FUNCTION words() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM documents'",
                "CREATE MATERIALIZED VIEW mv1 AS SELECT words() AS n");
        make(
                "ck",
                "CREATE TABLE val (val text)",
                "CREATE TABLE zdict (word text)",
                "CREATE FUNCTION exists_in_dict(w text) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN EXISTS (SELECT FROM zdict WHERE word = w); END'",
                "INSERT INTO zdict VALUES ('a'), ('b')",
                "INSERT INTO val VALUES ('a'), ('b'), ('a')",
                "ALTER TABLE val ADD CONSTRAINT known CHECK (exists_in_dict(val))",
                "COMMENT ON CONSTRAINT known ON val IS 'looked up'",
                "CREATE DOMAIN word AS text CONSTRAINT word_known CHECK (exists_in_dict(VALUE))",
                "CREATE TABLE typed (w word)",
                "INSERT INTO typed VALUES ('b')");
        make(
                "ix",
                "CREATE SCHEMA app",
                "CREATE TABLE app.factor AS SELECT 2 AS f",
                "CREATE TABLE app.t AS SELECT generate_series(1, 30) AS i",
                "CREATE FUNCTION app.scaled(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS"
                        + " 'BEGIN RETURN i * (SELECT f FROM factor); END'",
                "SET search_path TO app",
                "CREATE INDEX scaled_i ON app.t (app.scaled(i))");
        make(
                "gen",
                "CREATE FUNCTION base() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 7'",
                "CREATE FUNCTION derived(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS"
                        + " 'BEGIN RETURN i + base(); END'",
                "CREATE TABLE g (i int, d int GENERATED ALWAYS AS (derived(i)) STORED)",
                "INSERT INTO g SELECT generate_series(1, 20)");
        make("dup", "CREATE TABLE acc (id int, u text)", "CREATE UNIQUE INDEX acc_u ON acc (u)");
        duplicate();
        make(
                "lie",
                "CREATE TABLE small (n int)",
                "CREATE FUNCTION below(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 100'",
                "ALTER TABLE small ADD CONSTRAINT is_below CHECK (below(n))",
                "INSERT INTO small SELECT generate_series(1, 40)",
                "CREATE OR REPLACE FUNCTION below(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 10'");
        make(
                "fk",
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (id int, p int REFERENCES parent)",
                "INSERT INTO parent VALUES (1)",
                "INSERT INTO child VALUES (1, 1)",
                "SET session_replication_role = replica",
                "DELETE FROM parent");
        make("lob", "SELECT lo_from_bytea(77, 'abc')");
        make(
                "view",
                "CREATE TABLE base_table AS SELECT 1 AS one",
                "CREATE FUNCTION gone() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE TABLE d (a int DEFAULT gone())",
                "INSERT INTO d VALUES (1), (2)");
    }

    @AfterAll
    void stop() {
        source.close();
        target.close();
    }

    @AfterEach
    void leavesNothing() {
        assertThat(target.databases()).noneMatch(name -> name.startsWith("lvs_"));
        target.databases().stream()
                .filter(name -> !List.of("postgres", "template1").contains(name))
                .forEach(name -> target.execute("postgres", "DROP DATABASE \"" + name + "\""));
    }

    // Independence

    @Test
    void oneThatFailsKeepsNoOtherFromComingBack() throws Exception {
        InMemoryBackup backup = of("custom", "dup", "shop", "mv");

        RestoreReport report = Restoring.of(backup, target, scratch).execute();

        assertThat(target.databases()).contains("shop", "mv").doesNotContain("dup");
        assertThat(target.query("shop", "SELECT count(*) FROM orders")).containsExactly("100");
        ItemResult failed = item(report, "dup");
        assertThat(failed.status()).isEqualTo(ItemResult.Status.FAILED);
        assertThat(failed.reason())
                .isEqualTo("the restore of 'dup': index public.acc_u: ERROR: could not create unique index \"acc_u\""
                        + " (the source holds duplicates): CREATE UNIQUE INDEX acc_u ON public.acc USING btree (u);");
        assertThat(failed.remedy())
                .isEqualTo("restore " + backup.manifest().id() + " -j "
                        + backup.manifest().id().job() + " --to " + target.url()
                        + " --item dup --set onError=continue restores it without that");
        assertThat(item(report, "shop").status()).isEqualTo(ItemResult.Status.DONE);
        assertThat(report.checks()).isNotEmpty().allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(report.omissions()).isEmpty();
    }

    @Test
    void ifNoneComesBackThatIsTold() throws Exception {
        InMemoryBackup backup = of("custom", "dup", "lie");

        BackupException failed = catchThrowableOfType(
                BackupException.class,
                () -> Restoring.of(backup, target, scratch).execute());

        assertThat(failed.kind()).isEqualTo(Kind.FAILED);
        assertThat(failed).hasMessageContaining("acc_u").hasMessageContaining("is_below");
        assertThat(target.databases()).containsExactlyInAnyOrder("postgres", "template1");
    }

    @Test
    void oneOutOfAScriptOfEverythingKeepsNoOtherFromComingBack() throws Exception {
        InMemoryBackup backup = HandMadeBackup.of(source).script().build();

        RestoreReport report = Restoring.of(backup, target, scratch).execute();

        assertThat(target.databases())
                .contains("shop", "mv", "ck", "ix", "gen", "view")
                .doesNotContain("dup", "lie", "fk");
        assertThat(report.items())
                .filteredOn(each -> each.status() == ItemResult.Status.FAILED)
                .extracting(ItemResult::item)
                .containsExactlyInAnyOrder("dup", "lie", "fk");
    }

    // A second try

    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain"})
    void whatFailsUnderAnEmptySearchPathIsDoneUnderThatOfTheApplication(String format) throws Exception {
        InMemoryBackup backup = of(format, "mv", "ix", "gen");

        RestoreReport report = Restoring.of(backup, target, scratch).execute();

        assertThat(target.query("mv", "SELECT n FROM mv1")).containsExactly("50");
        assertThat(target.query("ix", "SELECT indisvalid FROM pg_index WHERE indexrelid = 'app.scaled_i'::regclass"))
                .containsExactly("t");
        assertThat(target.query("gen", "SELECT sum(d) FROM g")).containsExactly("350");
        assertThat(report.steps())
                .anyMatch(step -> step.startsWith(
                                "Loaded database 'mv' statement by statement, for in one go it did not" + " load: ")
                        && step.contains("relation \"documents\" does not exist"));
        assertThat(report.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
        assertThat(report.omissions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain", "split"})
    void checksThatLookIntoOtherTablesComeWhenAllRowsAreThere(String format) throws Exception {
        InMemoryBackup backup = of(format, "ck");

        RestoreReport report = Restoring.of(backup, target, scratch).execute();

        assertThat(target.query("ck", "SELECT count(*) FROM val")).containsExactly("3");
        assertThat(target.query("ck", "SELECT count(*) FROM typed")).containsExactly("1");
        assertThat(target.query(
                        "ck",
                        "SELECT conname, convalidated, obj_description(oid, 'pg_constraint') FROM pg_constraint"
                                + " WHERE contype = 'c' AND conname LIKE '%known' ORDER BY 1"))
                .containsExactly("known|t|looked up", "word_known|t|∅");
        assertThat(report.omissions()).isEmpty();
    }

    // Without what fails

    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain", "split"})
    void onRequestAllThatLoadsIsThereAndTheRestIsNamed(String format) throws Exception {
        InMemoryBackup backup = of(format, "dup", "lie", "fk");

        RestoreReport report =
                Restoring.of(backup, target, scratch).onErrorContinue().execute();

        assertThat(target.query("dup", "SELECT count(*) FROM acc")).containsExactly("2");
        assertThat(target.query("lie", "SELECT count(*) FROM small")).containsExactly("40");
        assertThat(target.query("lie", "SELECT convalidated FROM pg_constraint WHERE conname = 'is_below'"))
                .containsExactly("f");
        assertThat(target.query("fk", "SELECT count(*) FROM child")).containsExactly("1");
        assertThat(target.query("fk", "SELECT convalidated FROM pg_constraint WHERE conname = 'child_p_fkey'"))
                .containsExactly("f");
        assertThat(report.omissions())
                .extracting(Omission::item, Omission::object)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("dup", "index public.acc_u"),
                        org.assertj.core.groups.Tuple.tuple("lie", "check constraint is_below of table public.small"),
                        org.assertj.core.groups.Tuple.tuple("fk", "foreign key public.child child_p_fkey"));
        assertThat(report.omissions())
                .filteredOn(each -> each.item().equals("fk"))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.reason())
                            .startsWith("ERROR: insert or update on table \"child\" violates foreign key constraint")
                            .endsWith("the foreign key is NOT VALID");
                    assertThat(each.statement()).startsWith("ALTER TABLE ONLY public.child");
                });
        assertThat(report.items()).allMatch(each -> each.status() == ItemResult.Status.DONE);
        assertThat(report.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
    }

    /** Alone and later its first statement would succeed, and what the large object holds would be missing without a word. */
    @Test
    void whatIsLostWithItsTransactionIsNamed() throws Exception {
        InMemoryBackup backup = HandMadeBackup.rewritten(
                HandMadeBackup.of(source).script().build(),
                text -> text.replace("SELECT pg_catalog.lo_create('77');\n", "")
                        .replace("\nCOMMIT;\n", "\nCOMMIT;\nSELECT pg_catalog.lo_create('77');\n"));

        try (TestCluster another = TestCluster.running()) {
            RestoreReport report =
                    Restoring.of(backup, another, scratch).onErrorContinue().execute();

            assertThat(report.omissions())
                    .filteredOn(each -> each.item().equals("lob"))
                    .anySatisfy(each -> {
                        assertThat(each.statement()).startsWith("SELECT pg_catalog.lo_open('77'");
                        assertThat(each.reason()).endsWith("; all of its transaction was taken back");
                    });
        }
    }

    @Test
    void aKeyToRowsThatTheBackupLeavesOutKeepsNothingFromComingBack() throws Exception {
        InMemoryBackup without = HandMadeBackup.noting(
                of("custom", "fk"), "fk", "excludedTableData", "\"public\".\"parent\", \"public\".\"other\"");

        RestoreReport report = Restoring.of(without, target, scratch).execute();

        assertThat(target.query("fk", "SELECT count(*) FROM child")).containsExactly("1");
        assertThat(report.omissions()).isEmpty();
        assertThat(report.nextSteps())
                .anyMatch(step -> step.contains("foreign key public.child child_p_fkey asks for rows that the backup"
                        + " leaves out (excludeTableData)"));
    }

    @Test
    void aSettingThatTheServerRefusesIsNamed() throws Exception {
        source.execute("postgres", "ALTER DATABASE shop SET work_mem = '7MB'");
        InMemoryBackup plain = of("plain", "shop");
        InMemoryBackup odd = plain.holding(
                plain.manifest().artifacts().get(0),
                HandMadeBackup.text(plain, plain.manifest().artifacts().get(0))
                        .replace("SET work_mem TO '7MB'", "SET work_mem TO 'much'")
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));

        BackupException refused = catchThrowableOfType(
                BackupException.class, () -> Restoring.of(odd, target, scratch).execute());
        RestoreReport report =
                Restoring.of(odd, target, scratch).onErrorContinue().execute();

        assertThat(refused)
                .hasMessageContaining("setting work_mem of the database: ERROR: invalid value for parameter");
        assertThat(target.query("shop", "SELECT count(*) FROM orders")).containsExactly("100");
        assertThat(report.omissions()).extracting(Omission::object).containsExactly("setting work_mem of the database");
    }

    // A rehearsal

    @Test
    void aRehearsalFailsWithDatabaseObjectAndReason() throws Exception {
        InMemoryBackup backup = of("custom", "dup", "shop");

        RestoreReport report = Restoring.of(
                        backup, new RestoreTarget.Scratch(Files.createTempDirectory(scratch, "drill")), scratch)
                .execute();

        assertThat(report.checks())
                .filteredOn(check -> check.status() == Check.Status.FAILED)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.name()).isEqualTo("restore dup");
                    assertThat(check.detail()).startsWith("index public.acc_u: ERROR: could not create unique index");
                });
        assertThat(report.checks()).extracting(Check::name).contains("rows shop");
    }

    @Test
    void aRehearsalOfNothingThatLoadsFailsToo() throws Exception {
        RestoreReport report = Restoring.of(
                        of("custom", "dup"),
                        new RestoreTarget.Scratch(Files.createTempDirectory(scratch, "drill")),
                        scratch)
                .execute();

        assertThat(report.checks())
                .filteredOn(check -> check.status() == Check.Status.FAILED)
                .extracting(Check::name)
                .containsExactly("restore dup");
    }

    // Vocabulary

    private void make(String database, String... statements) {
        source.execute("postgres", "CREATE DATABASE " + database);
        source.execute(database, statements);
    }

    /** As after a change of the locale: an index that hides duplicates. */
    private void duplicate() {
        source.execute(
                "dup",
                "INSERT INTO acc VALUES (1, 'x')",
                "UPDATE pg_index SET indisready = false WHERE indexrelid = 'acc_u'::regclass");
        source.execute("dup", "INSERT INTO acc VALUES (2, 'x')");
        source.execute("dup", "UPDATE pg_index SET indisready = true WHERE indexrelid = 'acc_u'::regclass");
    }

    private InMemoryBackup of(String format, String... databases) throws Exception {
        HandMadeBackup backup = HandMadeBackup.of(source);
        for (String database : databases) {
            if (format.equals("split")) {
                backup.splitDatabase(database);
            } else {
                backup.database(database, format);
            }
        }
        return backup.build();
    }

    private static ItemResult item(RestoreReport report, String item) {
        return report.items().stream()
                .filter(each -> each.item().equals(item))
                .findFirst()
                .orElseThrow();
    }
}
