package cloud.lvs.backup.provider.postgres.capture;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfigBuilder;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.fixture.HookedSource;
import cloud.lvs.backup.provider.postgres.testing.ClusterState;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A database that is dumped by several processes comes back as it was, by stock tools. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SplitTest {
    private TestCluster cluster;

    @TempDir
    Path temporary = Path.of("");

    private CaptureBench bench;

    @BeforeAll
    void startCluster() {
        cluster = TestCluster.running();
        SampleCluster.fillSmall(cluster);
        cluster.execute("postgres", "CREATE DATABASE \"two 'large' tables\"");
        cluster.execute(
                "two 'large' tables",
                "CREATE TABLE a AS SELECT i, repeat(md5(i::text), 30) AS text FROM generate_series(1, 8000) i",
                "CREATE TABLE b AS SELECT * FROM a",
                "CREATE TABLE c AS SELECT * FROM a");
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

    private PostgresConfigBuilder split(int parts) {
        return CaptureBench.config(cluster).splitTables(new PostgresConfig.SplitTables(new ByteSize(0), parts));
    }

    @Test
    void comesBackAsItWas() throws Exception {
        CaptureReport report = bench.capture(split(3).include("app").build());

        assertThat(item(report.items(), "app").status()).isEqualTo(ItemResult.Status.DONE);
        assertThat(bench.artifacts.stored())
                .extracting(StoredArtifact::role)
                .containsExactly("pg-globals", "pg-pre-data", "pg-data-1", "pg-data-2", "pg-data-3", "pg-post-data");
        try (TestCluster fresh = TestCluster.running()) {
            restoreByHand(fresh);

            assertThat(ClusterState.database(fresh, "app"))
                    .containsExactlyInAnyOrderElementsOf(ClusterState.database(cluster, "app"));
        }
    }

    /** As the hints say, in the order of the ordinals. */
    private void restoreByHand(TestCluster fresh) throws Exception {
        Path tablespace = fresh.newDirectory("tablespace");
        for (StoredArtifact artifact : bench.artifacts.stored()) {
            String tail = bench.artifacts.artifacts().stream()
                    .filter(each -> each.role().equals(artifact.role()))
                    .findFirst()
                    .orElseThrow()
                    .restoreTail();
            String rewritten = artifact.role().equals("pg-globals")
                    ? "| sed \"s#LOCATION '.*'#LOCATION '" + tablespace + "'#\" " + tail
                    : tail;
            ProcessBuilder shell =
                    new ProcessBuilder("sh", "-c", "cat \"$DUMP\" " + rewritten).redirectErrorStream(true);
            shell.environment()
                    .putAll(Map.of(
                            "DUMP", bench.file(artifact).toString(),
                            "PGHOST", fresh.socketDirectory().toString(),
                            "PGPORT", Integer.toString(fresh.port()),
                            "PGUSER", TestCluster.SUPERUSER));
            Process process = shell.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(artifact.role() + ": " + said).isZero();
        }
    }

    @Test
    void everyTableIsInExactlyOnePart() throws Exception {
        bench.capture(split(4).include("app").build());

        List<String> dumped = new ArrayList<>();
        for (StoredArtifact artifact : bench.artifacts.stored()) {
            if (artifact.facts().getOrDefault("section", "").equals("data")) {
                List<String> tables = listing(bench.file(artifact)).stream()
                        .filter(line -> line.contains(" TABLE DATA "))
                        .map(line -> line.substring(line.indexOf(" TABLE DATA ")))
                        .toList();
                assertThat(artifact.facts()).containsEntry("tables", Integer.toString(tables.size()));
                dumped.addAll(tables);
            }
        }
        assertThat(dumped).doesNotHaveDuplicates();
        assertThat(dumped)
                .hasSize(cluster.query(
                                "app",
                                "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                        + " WHERE c.relkind = 'r' AND n.nspname IN ('sales', 'public', 'Odd, Schema')")
                        .size());
        assertThat(bench.artifacts.stored())
                .filteredOn(artifact -> artifact.facts().containsKey("largeObjects"))
                .extracting(artifact -> artifact.facts().get("largeObjects"))
                .containsExactly("true", "false", "false", "false");
    }

    @Test
    void allPartsSeeTheSameInstant() throws Exception {
        String database = "two 'large' tables";
        PostgresConfig config = split(3).include(database)
                .parallelism(1)
                .contents(PostgresConfig.Contents.COUNTS)
                .build();
        try (Source source = new HookedSource(
                bench.source(config),
                database,
                1,
                () -> cluster.execute(
                        database,
                        "INSERT INTO a SELECT -1, 'AFTERWARDS'",
                        "INSERT INTO b SELECT -1, 'AFTERWARDS'",
                        "INSERT INTO c SELECT -1, 'AFTERWARDS'"))) {
            CaptureReport report = source.capture(bench.artifacts, bench.run);

            assertThat(item(report.items(), database).facts())
                    .containsEntry("table \"public\".\"a\"", "8000")
                    .containsEntry("table \"public\".\"b\"", "8000")
                    .containsEntry("table \"public\".\"c\"", "8000");
        }
        for (StoredArtifact artifact : bench.artifacts.stored()) {
            assertThat(new String(bench.artifacts.bytes(artifact), StandardCharsets.ISO_8859_1))
                    .as(artifact.role())
                    .doesNotContain("AFTERWARDS");
        }
    }

    @Test
    void partsAreDumpedAtTheSameTime() throws Exception {
        String database = "two 'large' tables";
        List<String> seen = new CopyOnWriteArrayList<>();
        // Each part waits with its first bytes until all are there; meanwhile their backends cannot end.
        CyclicBarrier together = new CyclicBarrier(3, () -> {
            while (seen.size() < 3) {
                seen.clear();
                seen.addAll(cluster.query(
                        "postgres",
                        "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'two%' AND query LIKE 'COPY%'"));
            }
        });
        ArtifactWriter gathering = new ArtifactWriter() {
            @Override
            public StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException {
                return bench.artifacts.write(
                        artifact,
                        artifact.role().startsWith("pg-data-")
                                ? out -> body.writeTo(new Gathered(out, together))
                                : body);
            }

            @Override
            public void intend(ExternalReference reference) {
                bench.artifacts.intend(reference);
            }
        };
        try (Source source =
                bench.source(split(3).include(database).parallelism(3).build())) {
            CaptureReport report = source.capture(gathering, bench.run);

            assertThat(item(report.items(), database).status()).isEqualTo(ItemResult.Status.DONE);
        }
        assertThat(seen).hasSize(3);
    }

    private static final class Gathered extends FilterOutputStream {
        private final CyclicBarrier together;
        private boolean begun;

        Gathered(OutputStream out, CyclicBarrier together) {
            super(out);
            this.together = together;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!begun) {
                begun = true;
                try {
                    together.await(2, TimeUnit.MINUTES);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                    throw new IOException("the parts did not come together", e);
                }
            }
            out.write(bytes, offset, length);
        }
    }

    private List<String> listing(Path dump) throws Exception {
        Process process = new ProcessBuilder(
                        cluster.binaries().program("pg_restore").toString(), "--list", dump.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return lines;
    }
}
