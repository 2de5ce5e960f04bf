package cloud.lvs.backup.provider.postgres.capture;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.config;
import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Captures of one rich cluster that nobody changes. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CaptureTest {
    private TestCluster cluster;

    @TempDir
    Path temporary = Path.of("");

    private CaptureBench bench;

    @BeforeAll
    void startCluster() {
        cluster = TestCluster.plan().initdb("--data-checksums").start();
        SampleCluster.fill(cluster);
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void makeScratch() throws Exception {
        bench = new CaptureBench(cluster, Files.createDirectories(temporary.resolve("scratch")));
    }

    @AfterEach
    void leavesNothingBehind() {
        assertThat(bench.leftSessions()).as("sessions").isEmpty();
        assertThat(bench.leftProcesses()).as("processes").isEmpty();
        assertThat(temporary.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void capturesEveryDatabaseWhateverItsName() throws Exception {
        CaptureReport report = bench.capture(config(cluster).build());

        assertThat(report.items())
                .filteredOn(item -> item.status() == ItemResult.Status.FAILED)
                .isEmpty();
        assertThat(databasesDone(report.items())).isEqualTo(SampleCluster.databases());
        for (String name : SampleCluster.databases()) {
            StoredArtifact artifact = bench.artifact(ItemNames.ofDatabase(name));
            Path dump = bench.file(artifact);
            assertThat(listing(dump)).as(name).contains("; Archive created at").contains("Compression: 0");
            assertThat(artifact.facts()).containsEntry("format", "custom").containsEntry("section", "all");
        }
    }

    @Test
    void givesEachDatabaseAKeyOfItsOwnThatSaysItsName() throws Exception {
        bench.capture(config(cluster).build());

        assertThat(bench.artifacts.artifacts())
                .extracting(Artifact::item, Artifact::stem, Artifact::extension)
                .contains(
                        tuple("app", "pg-app", ".dump"),
                        tuple("globals", "pg-%67lobals", ".dump"),
                        tuple("database:cluster", "pg-cluster", ".dump"),
                        tuple("-leading-dash", "pg-%2Dleading-dash", ".dump"),
                        tuple("two\nlines", "pg-two%0Alines", ".dump"),
                        tuple("sla/sh", "pg-sla%2Fsh", ".dump"));
    }

    @Test
    void takesRolesAndTablespacesFirst() throws Exception {
        bench.capture(config(cluster).build());

        Artifact first = bench.artifacts.artifacts().get(0);
        assertThat(first.stem()).isEqualTo("pg-globals");
        assertThat(first.sensitivity()).isEqualTo(Sensitivity.SECRET);
        assertThat(text(bench.artifacts.stored().get(0)))
                .contains("CREATE ROLE \"Odd \"\"Role\"\"\"", "SCRAM-SHA-256$", "CREATE TABLESPACE \"fast disk\"");
    }

    @Test
    void leavesPasswordVerifiersOutWhenToldTo() throws Exception {
        bench.capture(config(cluster).withoutRolePasswords().include("app").build());

        assertThat(text(bench.artifacts.stored().get(0)))
                .contains("CREATE ROLE")
                .doesNotContain("SCRAM-SHA-256$");
        assertThat(bench.artifacts.artifacts().get(0).sensitivity()).isEqualTo(Sensitivity.ORDINARY);
    }

    @Test
    void accountsForEveryRowOfPgDatabase() throws Exception {
        try (Source source = bench.source(config(cluster).exclude("per%*").build())) {
            List<Item> inventory = source.inventory(bench.run);
            CaptureReport report = source.capture(bench.artifacts, bench.run);

            Set<String> existing =
                    cluster.query("postgres", "SELECT replace(datname, E'\\n', '|') FROM pg_database").stream()
                            .map(name -> ItemNames.ofDatabase(name.replace('|', '\n')))
                            .collect(Collectors.toCollection(TreeSet::new));
            existing.add(ItemNames.CLUSTER);
            assertThat(inventory).extracting(Item::id).containsExactlyInAnyOrderElementsOf(existing);
            assertThat(report.items()).extracting(ItemResult::item).containsExactlyInAnyOrderElementsOf(existing);
            assertThat(item(report.items(), "per%cent").reason()).isEqualTo("exclude names it: per%*");
            assertThat(item(report.items(), "template0").status()).isEqualTo(ItemResult.Status.SKIPPED);
        }
    }

    @Test
    void recordsWhatADatabaseIs() throws Exception {
        CaptureReport report =
                bench.capture(config(cluster).include("app", "latin").build());

        assertThat(item(report.items(), "app").facts())
                .containsEntry("owner", "app_owner")
                .containsEntry("encoding", "UTF8")
                .containsEntry("collate", "C.UTF-8")
                .containsEntry("connectionLimit", "50")
                .containsEntry("isTemplate", "false")
                .containsEntry("largeObjects", "2")
                .containsEntry("tablespace", "pg_default")
                .containsKeys("oid", "sizeBytes", "snapshotLsn", "snapshotAt", "acl")
                .hasEntrySatisfying("extensions", text -> assertThat(text).contains("hstore=", "pg_trgm=", "plpgsql="))
                .hasEntrySatisfying("settings", text -> assertThat(text).contains("statement_timeout=90s"));
        assertThat(item(report.items(), "latin").facts()).containsEntry("encoding", "LATIN1");
        assertThat(item(report.items(), ItemNames.CLUSTER).facts()).containsKeys("walLsn", "roles", "tablespaces");
        assertThat(report.source())
                .containsEntry("dataChecksums", "on")
                .containsEntry("inRecovery", "false")
                .containsEntry(
                        "systemIdentifier",
                        cluster.query("postgres", "SELECT system_identifier FROM pg_control_system()")
                                .get(0))
                .containsKeys("serverVersion", "serverVersionNum", "pgDumpVersion");
    }

    @Test
    void countsAndHashesRowsWhenToldTo() throws Exception {
        CaptureReport report = bench.capture(config(cluster)
                .include("app")
                .contents(PostgresConfig.Contents.FINGERPRINTS)
                .build());

        var facts = item(report.items(), "app").facts();
        assertThat(facts.get("table \"sales\".\"customer\"")).matches("500 -?\\d+");
        assertThat(facts.get("table \"public\".\"no_columns\"")).isEqualTo("0 0");
        assertThat(facts.get("table \"Odd, Schema\".\"select\"")).startsWith("4 ");
        assertThat(facts).containsEntry("sequence \"public\".\"invoice_number\"", "1014");
        assertThat(bench.run.warnings()).isEmpty();
    }

    @Test
    void leavesRowsOfExcludedTablesOut() throws Exception {
        CaptureReport report = bench.capture(config(cluster)
                .include("app")
                .excludeTableData("app.sales.event", "*.dump_like", "app.nowhere.*")
                .contents(PostgresConfig.Contents.COUNTS)
                .build());

        String listing = listing(bench.file(bench.artifact("app")));
        assertThat(listing)
                .contains(" TABLE sales event_2025 ", " TABLE public dump_like ", "TABLE DATA sales customer")
                .doesNotContain("TABLE DATA sales event", "TABLE DATA public dump_like");
        assertThat(item(report.items(), "app").facts())
                .containsEntry(
                        "excludedTableData",
                        "\"public\".\"dump_like\", \"sales\".\"event_2025\", \"sales\".\"event_2026\","
                                + " \"sales\".\"event_rest\"")
                .doesNotContainKey("table \"public\".\"dump_like\"");
        assertThat(bench.run.warnings())
                .containsExactly("excludeTableData app.nowhere.* matches no database.schema.table");
    }

    @Test
    void writesScriptsWhoseRowsMayLookLikeTheirEnd() throws Exception {
        CaptureReport report = bench.capture(config(cluster)
                .format(PostgresConfig.Format.PLAIN)
                .include("app", "two*", "postgres")
                .build());

        assertThat(databasesDone(report.items())).containsExactlyInAnyOrder("app", "postgres", "two\nlines");
        assertThat(text(bench.artifact("app")))
                .startsWith("--\n-- PostgreSQL database dump\n")
                .contains("CREATE DATABASE app ", "\\connect app")
                .contains("\n-- PostgreSQL database dump complete\n");
        assertThat(bench.artifact("two\nlines").facts())
                .as("no script can name it")
                .containsEntry("format", "custom");
    }

    @Test
    void notesOrTellsWhatTheOneScriptLacks() throws Exception {
        try (TestCluster other = TestCluster.running()) {
            other.execute(
                    "postgres",
                    "ALTER ROLE ALL SET work_mem = '9MB'",
                    "ALTER DATABASE postgres SET work_mem = '5MB'",
                    "ALTER DATABASE postgres CONNECTION LIMIT 50");
            CaptureBench its = new CaptureBench(other, Files.createTempDirectory(temporary, "other"));

            CaptureReport report = its.capture(
                    config(other).layout(PostgresConfig.Layout.CLUSTER).build());

            assertThat(item(report.items(), "cluster").facts())
                    .containsEntry("settingsOfAllRoles", "[\"work_mem=9MB\"]");
            assertThat(its.run.warnings())
                    .containsExactly("database 'postgres' has settings and a connection limit, which no script of"
                            + " pg_dumpall holds; set them again after a restore, or use layout: databases");
        }
    }

    @Test
    void writesOneScriptOfEverything() throws Exception {
        CaptureReport report = bench.capture(config(cluster)
                .layout(PostgresConfig.Layout.CLUSTER)
                .exclude("per*", "quo\"*")
                .build());

        assertThat(bench.artifacts.artifacts()).singleElement().satisfies(artifact -> {
            assertThat(artifact.stem()).isEqualTo("pgdumpall");
            assertThat(artifact.sensitivity()).isEqualTo(Sensitivity.SECRET);
        });
        assertThat(text(bench.artifact("cluster")))
                .contains("-- Database \"app\" dump", "CREATE TABLESPACE", "-- Database \"equals=sign\" dump")
                .doesNotContain("-- Database \"per", "-- Database \"quo", "-- Database \"two");
        assertThat(item(report.items(), "two\nlines").status()).isEqualTo(ItemResult.Status.FAILED);
        assertThat(item(report.items(), "per%cent").status()).isEqualTo(ItemResult.Status.SKIPPED);
        assertThat(item(report.items(), "cluster").facts()).containsKeys("database app", "database latin");
        assertThat(bench.artifact("cluster").facts())
                .containsEntry("format", "cluster")
                .containsEntry(
                        "databases", Integer.toString(SampleCluster.databases().size() - 3));
    }

    @Test
    void aRunThroughTheEngineIsWhole() {
        RunReport report = bench.engineRun(config(cluster).build());

        assertThat(report.failures()).isEmpty();
        // The password verifiers are stored unencrypted here.
        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(report.artifacts()).hasSize(SampleCluster.databases().size() + 1);
    }

    @Test
    void refusesAnIncludeThatMatchesNothing() {
        assertThatThrownBy(() ->
                        bench.capture(config(cluster).include("app", "shpo").build()))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.CONFIG);
                    assertThat(e).hasMessage("include [shpo]: matches no database");
                });
    }

    @Test
    void isEmptyWhenNoDatabaseIsLeft() {
        RunReport report = bench.engineRun(config(cluster).exclude("*").build());

        assertThat(report.outcome()).isEqualTo(Outcome.EMPTY);
    }

    private static Set<String> databasesDone(List<ItemResult> items) {
        return items.stream()
                .filter(item -> item.status() == ItemResult.Status.DONE)
                .map(ItemResult::item)
                .filter(id -> !id.equals(ItemNames.CLUSTER))
                .map(ItemNames::databaseOf)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String text(StoredArtifact artifact) {
        return new String(bench.artifacts.bytes(artifact), StandardCharsets.UTF_8);
    }

    private String listing(Path dump) throws Exception {
        Process process = new ProcessBuilder(
                        cluster.binaries().program("pg_restore").toString(), "--list", dump.toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text;
    }
}
