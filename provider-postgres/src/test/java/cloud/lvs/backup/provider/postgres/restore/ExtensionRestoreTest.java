package cloud.lvs.backup.provider.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.fixture.HandMadeBackup;
import cloud.lvs.backup.provider.postgres.fixture.Restoring;
import cloud.lvs.backup.provider.postgres.server.Endpoint;
import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.provider.postgres.server.ServerInfo;
import cloud.lvs.backup.provider.postgres.testing.PostgresBinaries;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Extensions that ask where they are, that have to be preloaded, and what would begin to work in a restored database. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
class ExtensionRestoreTest {
    private final TestCluster source = TestCluster.plan()
            .setting("shared_preload_libraries", "pg_stat_statements")
            .start();

    @TempDir
    Path scratch = Path.of("");

    @BeforeAll
    void fill() throws Exception {
        source.execute("postgres", "CREATE DATABASE shop", "CREATE DATABASE stats", "CREATE DATABASE jobs");
        source.execute("shop", "CREATE TABLE orders AS SELECT generate_series(1, 5) AS id");
        source.execute(
                "stats",
                "CREATE EXTENSION pg_stat_statements",
                "CREATE MATERIALIZED VIEW calls AS SELECT count(*) FROM pg_stat_statements");
        source.execute(
                "jobs",
                "CREATE SCHEMA cron",
                "CREATE TABLE cron.job (jobid bigint, command text, active boolean)",
                "INSERT INTO cron.job VALUES (1, 'SELECT 1', true), (2, 'SELECT 2', false), (3, 'SELECT 3', true)",
                "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION p WITH (connect = false)");
        addExtension();
    }

    @AfterAll
    void stop() {
        source.close();
    }

    /** One that can be in one database alone, as pg_cron. */
    private static void addExtension() throws Exception {
        Path extensions = PostgresBinaries.newer().directory().resolveSibling("share/postgresql/extension");
        Files.writeString(extensions.resolve("onlyhere.control"), "default_version = '1.0'\nrelocatable = false\n");
        Files.writeString(extensions.resolve("onlyhere--1.0.sql"), """
                DO $$ BEGIN
                  IF current_database() <> 'shop' THEN
                    RAISE EXCEPTION 'can only be installed in database shop';
                  END IF;
                END $$;
                CREATE TABLE only_rows (n int);
                SELECT pg_catalog.pg_extension_config_dump('only_rows', '');
                """);
    }

    // In one database alone

    @Test
    void anExtensionFindsTheNameThatItAsksFor() throws Exception {
        InMemoryBackup backup = demanding("onlyhere");
        try (TestCluster target =
                TestCluster.plan().binaries(PostgresBinaries.newer()).start()) {
            RestoreReport rehearsed = Restoring.of(
                            backup, new RestoreTarget.Scratch(Files.createTempDirectory(scratch, "drill")), scratch)
                    .drillOn(target.url())
                    .execute();
            RestoreReport report = Restoring.of(backup, target, scratch).execute();

            assertThat(rehearsed.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
            assertThat(report.checks()).allMatch(check -> check.status() == Check.Status.PASSED);
            assertThat(target.query("shop", "SELECT count(*) FROM only_rows")).containsExactly("3");
            assertThat(target.query("shop", "SELECT count(*) FROM orders")).containsExactly("5");

            BackupException refused = catchThrowableOfType(
                    BackupException.class,
                    () -> Restoring.of(backup, target, scratch)
                            .item("shop")
                            .as("shop_copy")
                            .execute());
            assertThat(refused)
                    .hasMessageContaining("extension onlyhere: ERROR: can only be installed in database shop");
            assertThat(target.databases()).containsExactlyInAnyOrder("postgres", "shop", "template1");
        }
    }

    @Test
    void withoutAnExtensionThatTheServerLacksTheRestIsThereOnRequest() throws Exception {
        InMemoryBackup backup = demanding("nosuch");
        try (TestCluster target = TestCluster.running()) {
            BackupException refused = catchThrowableOfType(
                    BackupException.class,
                    () -> Restoring.of(backup, target, scratch).execute());
            RestoreReport report =
                    Restoring.of(backup, target, scratch).onErrorContinue().execute();

            assertThat(refused.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refused.remedy()).contains("--set onError=continue");
            assertThat(target.query("shop", "SELECT count(*) FROM orders")).containsExactly("5");
            assertThat(report.omissions())
                    .extracting(Omission::object)
                    .containsExactlyInAnyOrder("extension nosuch", "rows of table public.only_rows");
            assertThat(report.checks()).noneMatch(check -> check.status() == Check.Status.FAILED);
        }
    }

    // Preloaded

    @Test
    void aRehearsalPreloadsWhatTheSourceDoes() throws Exception {
        InMemoryBackup backup = HandMadeBackup.from(
                HandMadeBackup.of(source).database("stats", "custom").build(),
                "sharedPreloadLibraries",
                "pg_stat_statements");

        RestoreReport report = rehearse(backup);

        assertThat(report.checks()).isNotEmpty().allMatch(check -> check.status() == Check.Status.PASSED);
    }

    @Test
    void aRehearsalThatCannotPreloadThemSaysNothingOfTheBackup() throws Exception {
        InMemoryBackup stats =
                HandMadeBackup.of(source).database("stats", "custom").build();

        BackupException unknown = catchThrowableOfType(
                BackupException.class,
                () -> rehearse(HandMadeBackup.from(stats, "sharedPreloadLibraries", "no_such_library")));
        BackupException unnoted = catchThrowableOfType(BackupException.class, () -> rehearse(stats));

        assertThat(unknown.kind()).isEqualTo(Kind.CONFIG);
        assertThat(unknown)
                .hasMessageContaining(
                        "does not start with shared_preload_libraries='no_such_library', as the source has" + " it")
                .hasMessageContaining("could not access file \"no_such_library\"");
        assertThat(unnoted.kind()).isEqualTo(Kind.CONFIG);
        assertThat(unnoted)
                .hasMessageContaining("lacks what database 'stats' needs: ")
                .hasMessageContaining("shared_preload_libraries");
        assertThat(unnoted.remedy()).contains("--set server=URL");
    }

    @Test
    void theManifestNotesThem() throws Exception {
        Endpoint endpoint =
                Endpoint.of(PostgresConfig.at("127.0.0.1").user("postgres").build());
        try (Connection connection = source.connect("postgres")) {
            assertThat(ServerInfo.read(connection, endpoint).identity(new PostgresVersion(15, 0, "15")))
                    .containsEntry("sharedPreloadLibraries", "pg_stat_statements");
        }
    }

    // What works by itself

    @Test
    void nothingScheduledOrSubscribedRunsBeforeSomebodyWantsIt() throws Exception {
        InMemoryBackup backup =
                HandMadeBackup.of(source).database("jobs", "custom").build();
        try (TestCluster target = TestCluster.running()) {
            RestoreReport report = Restoring.of(backup, target, scratch).execute();

            assertThat(target.query("jobs", "SELECT count(*) FROM cron.job WHERE active"))
                    .containsExactly("0");
            assertThat(target.query("jobs", "SELECT subenabled FROM pg_subscription"))
                    .containsExactly("f");
            assertThat(report.nextSteps())
                    .anyMatch(step -> step.startsWith("JOBS OF pg_cron DO NOT RUN in database 'jobs'")
                            && step.endsWith("UPDATE cron.job SET active = true WHERE jobid IN (1, 3);"))
                    .anyMatch(step -> step.contains("ALTER SUBSCRIPTION \"s\" ENABLE;"));
            assertThat(target.logText()).doesNotContain("nowhere.invalid");
        }
    }

    // Vocabulary

    private RestoreReport rehearse(InMemoryBackup backup) throws Exception {
        return Restoring.of(backup, new RestoreTarget.Scratch(Files.createTempDirectory(scratch, "drill")), scratch)
                .execute();
    }

    /** {@code shop} as if it had an extension with a table of three rows. */
    private InMemoryBackup demanding(String extension) throws Exception {
        InMemoryBackup plain =
                HandMadeBackup.of(source).database("shop", "plain").build();
        StoredArtifact dump = plain.manifest().artifacts().get(0);
        String text = HandMadeBackup.text(plain, dump);
        return plain.holding(
                dump,
                text.replaceFirst(
                                "\nCREATE TABLE",
                                "\n-- Name: " + extension + "; Type: EXTENSION; Schema: -; Owner: -\n--\n\n"
                                        + "CREATE EXTENSION IF NOT EXISTS " + extension
                                        + " WITH SCHEMA public;\n\nCREATE TABLE")
                        .replaceFirst(
                                "\nCOPY public.orders",
                                "\n-- Data for Name: only_rows; Type: TABLE DATA; Schema: public; Owner: -\n--\n\n"
                                        + "COPY public.only_rows (n) FROM stdin;\n1\n2\n3\n\\\\.\n\n\nCOPY public.orders")
                        .getBytes(StandardCharsets.UTF_8));
    }
}
