package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A k3s server and a PostgreSQL cluster, backed up to buckets by one file, as README and docs/postgres.md describe it. */
abstract class PlatformEndToEnd {
    static final String BY_HAND = "check: by hand, a database from S3";
    static final String GLOBALS = "check: executed, globals from S3";
    static final String ROLE = "check: executed, role";

    private static final String PASSWORD = "change me";
    private static final DateTimeFormatter LEGACY = DateTimeFormatter.ofPattern(
                    "uuuu/MM/'pgdumpall-'uuuuMMdd'T'HHmmss'Z.sql.gz'")
            .withZone(ZoneOffset.UTC);

    private static TestCluster cluster;

    @TempDir
    Path directory;

    private final List<Program.Result> results = new ArrayList<>();
    private K3sWorkspace workspace;
    private String k3sBucket;
    private String postgresBucket;

    abstract ObjectStore store();

    @BeforeAll
    static void startTheCluster() {
        cluster = TestCluster.plan().password("the superuser's").start();
        SampleCluster.fillSmall(cluster);
        cluster.execute(
                "postgres", Block.marked("docs/postgres.md", ROLE).text().split("(?<=;)\\s*\n"));
        // What `doctor` asks for: this database took CONNECT from PUBLIC.
        cluster.execute("postgres", "GRANT CONNECT ON DATABASE app TO pgbackup");
    }

    @AfterAll
    static void stopTheCluster() {
        cluster.close();
    }

    @BeforeEach
    void configure() throws Exception {
        workspace = K3sWorkspace.small(directory);
        k3sBucket = store().newBucket();
        postgresBucket = store().newBucket();
        Files.writeString(directory.resolve("password"), PASSWORD + "\n");
        Files.writeString(directory.resolve("lvs.yaml"), """
                version: 1
                sources:
                  node:    {type: k3s, dataDir: k3s}
                  cluster: {type: postgres, host: 127.0.0.1, port: %d, user: pgbackup, passwordFile: ./password, %s}
                sinks:
                  k3s:      {type: s3, bucket: %s, endpoint: "${AWS_ENDPOINTS}", %s}
                  postgres: {type: s3, bucket: %s, endpoint: "${AWS_ENDPOINTS}", %s}
                defaults:
                  %s
                jobs:
                  k3s: {source: node, sink: k3s, retention: {keepLast: 3}}
                  postgres: {source: cluster, sink: postgres, retention: {keepWithin: 7d}}
                """.formatted(
                        cluster.port(),
                        "contents: fingerprints",
                        k3sBucket,
                        store().settings(),
                        postgresBucket,
                        store().settings(),
                        workspace.encryption()));
    }

    @AfterEach
    void noOutputHoldsAPassword() {
        assertThat(results)
                .isNotEmpty()
                .allSatisfy(result -> assertThat(result.out() + result.err())
                        .doesNotContain(store().secret())
                        .doesNotContain(PASSWORD)
                        .doesNotContain("the target's"));
    }

    @Test
    void oneFileBacksUpBothAndOneCommandRehearsesBoth() throws Exception {
        lvsBackup("doctor").expect(0);
        lvsBackup("run").expect(0);
        lvsBackup("verify", "latest", "-j", "postgres", "--level", "content").expect(0);

        lvsBackup("drill", "--report", "drill.json", "--report", "drill.md").expect(0);

        assertThat(directory.resolve("drill.json")).content().contains("\"k3s-").contains("\"postgres-");
        assertThat(directory.resolve("drill.md")).content().contains("RTO").contains("globals");
        assertThat(store().payload(postgresBucket))
                .anyMatch(key -> key.matches("\\d{4}/\\d{2}/pg-globals-.*\\.sql\\.zst\\.age"))
                .anyMatch(key -> key.matches("\\d{4}/\\d{2}/pg-app-.*\\.dump\\.zst\\.age"));
        assertThat(sessionsOfRuns()).containsExactly("0");
    }

    @Test
    void theLineOfTheReadmeRestoresADatabase() throws Exception {
        lvsBackup("run", "postgres").expect(0);
        try (TestCluster other = TestCluster.running()) {
            String tablespace = other.newDirectory("tablespace").toString();
            Program shell = store().secretsFor(Program.shell(directory))
                    .with(
                            "ENDPOINT",
                            store().direct()
                                    .serviceClientConfiguration()
                                    .endpointOverride()
                                    .orElseThrow()
                                    .toString())
                    .with("BUCKET", postgresBucket)
                    .with("IDENTITY", workspace.identity().toString())
                    .with("PGHOST", other.socketDirectory().toString())
                    .with("PGPORT", Integer.toString(other.port()))
                    .with("PGUSER", TestCluster.SUPERUSER);
            // The old directory is in use on this host.
            shell.with("GLOBALS", key("pg-globals"))
                    .run(Block.marked("docs/restore.md", GLOBALS)
                            .text()
                            .replace("| psql", "| sed \"s|LOCATION '.*'|LOCATION '" + tablespace + "'|\" | psql"))
                    .expect(0);

            keep(shell.with("KEY", key("pg-app"))
                    .run(Block.marked("README.md", BY_HAND).text())
                    .expect(0));

            assertThat(ClusterState.database(other, SampleCluster.APP))
                    .containsExactlyInAnyOrderElementsOf(ClusterState.database(cluster, SampleCluster.APP));
        }
    }

    @Test
    void aDatabaseIsRestoredUnderAnotherNameWhereItsRolesAreUnknown() throws Exception {
        lvsBackup("run", "postgres").expect(0);
        try (TestCluster other = TestCluster.plan().password("the target's").start()) {
            // A policy names its role whoever owns the table.
            other.execute(
                    "postgres",
                    "CREATE ROLE reporting",
                    "CREATE TABLESPACE " + SampleCluster.identifier(SampleCluster.TABLESPACE) + " LOCATION '"
                            + other.newDirectory("tablespace") + "'");
            keep(store().secretsFor(Program.launcher(Checkout.distribution(), directory))
                            .with("PGPASSWORD", "the target's")
                            .run(
                                    "-c",
                                    "lvs.yaml",
                                    "restore",
                                    "latest",
                                    "-j",
                                    "postgres",
                                    "--to",
                                    "postgresql://postgres@127.0.0.1:" + other.port() + "/",
                                    "--item",
                                    SampleCluster.APP,
                                    "--set",
                                    "as=app_again",
                                    "--set",
                                    "ownership=ignore"))
                    .expect(0);

            assertThat(rows(other, "app_again")).isNotEmpty().isEqualTo(rows(cluster, SampleCluster.APP));
        }
    }

    @Test
    void objectsOfTheReplacedJobAreAdoptedVerifiedRehearsedAndPruned() throws Exception {
        Instant now = TestTime.machine().instant().truncatedTo(ChronoUnit.SECONDS);
        String recent = putLegacy(now.minus(1, ChronoUnit.DAYS));
        String old = putLegacy(now.minus(9, ChronoUnit.DAYS));

        lvsBackup("adopt", "-j", "postgres", "--yes").expect(0);

        String listed =
                lvsBackup("list", "-j", "postgres", "-o", "json").expect(0).out();
        assertThat(K3sWorkspace.keys(listed)).containsExactly(recent, old);
        lvsBackup("verify", "latest", "-j", "postgres", "--level", "content").expect(0);
        lvsBackup("drill", "-j", "postgres").expect(0);
        lvsBackup("run", "postgres").expect(0);
        assertThat(store().payload(postgresBucket)).contains(recent).doesNotContain(old);
    }

    @Test
    void aCutObjectOfTheReplacedJobIsFoundOut() throws Exception {
        String key =
                putLegacy(TestTime.machine().instant().minus(1, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS));
        Program.shell(directory)
                .run("gunzip < legacy.gz > legacy.sql; head -c 20000 legacy.sql | gzip > cut.gz; gzip -t cut.gz")
                .expect(0);
        store().put(postgresBucket, key, Files.readAllBytes(directory.resolve("cut.gz")));

        assertThat(lvsBackup("adopt", "-j", "postgres", "--yes").exitCode()).isNotZero();

        assertThat(K3sWorkspace.keys(lvsBackup("list", "-j", "postgres", "-o", "json")
                        .expect(0)
                        .out()))
                .isEmpty();
    }

    /** Does what the replaced CronJob does. */
    private String putLegacy(Instant when) throws Exception {
        Program.shell(directory)
                .with("PGPASSWORD", "the superuser's")
                .run(cluster.binaries().program("pg_dumpall") + " -h 127.0.0.1 -p " + cluster.port()
                        + " -U postgres | gzip -9 > legacy.gz")
                .expect(0);
        String key = LEGACY.format(when);
        store().put(postgresBucket, key, Files.readAllBytes(directory.resolve("legacy.gz")));
        return key;
    }

    private String key(String stem) {
        return store().payload(postgresBucket).stream()
                .filter(key -> key.contains("/" + stem + "-"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> rows(TestCluster of, String database) {
        return ClusterState.contents(of, database).stream()
                .filter(line -> line.startsWith("rows|"))
                .sorted()
                .toList();
    }

    private static List<String> sessionsOfRuns() {
        return cluster.query(
                "postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lvs-backup%'");
    }

    private Program.Result lvsBackup(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("-c", "lvs.yaml"));
        line.addAll(List.of(arguments));
        return keep(store().secretsFor(Program.launcher(Checkout.distribution(), directory))
                .run(line.toArray(String[]::new)));
    }

    private Program.Result keep(Program.Result result) {
        results.add(result);
        return result;
    }
}
