package cloud.lvs.backup.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.LibraryContext;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.StoredArtifact;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingTest {
    @TempDir
    Path directory;

    @Test
    void backsUpALiveDatastoreWithItsToken() throws Exception {
        Path dataDir = directory.resolve("k3s");
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        RunReport report;
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put("/registry/configmaps/default/app", "a value");
            report = Embedding.backUp(dataDir, directory.resolve("backups"), scratch);
        }

        assertThat(report.failures()).isEmpty();
        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(report.warnings()).singleElement().asString().contains("unencrypted");
        assertThat(report.artifacts()).extracting(StoredArtifact::role).containsExactly("k3s-sqlite", "k3s-token");
        assertThat(report.artifacts())
                .allSatisfy(artifact -> assertThat(directory.resolve("backups/" + artifact.key()))
                        .hasSize(artifact.storedBytes()));
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void looksAfterWhatIsStoredAndRestoresItWhenTheServerIsGone() throws Exception {
        Path dataDir = directory.resolve("k3s");
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        List<BackupId> made = new ArrayList<>();
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put("/registry/configmaps/default/app", "a value");
            for (int n = 0; n < 8; n++) {
                made.add(Embedding.backUp(dataDir, directory.resolve("backups"), scratch)
                        .id());
            }
        }
        TestClock clock = TestClock.machine();
        clock.advance(Duration.ofMinutes(1));
        List<String> log = new ArrayList<>();
        BackupEngine engine = new BackupEngine(clock, new Random(1), Map.of("test", "1"), new EventLog(log::add));
        NamedSink disk = new NamedSink("disk", new DirectorySink(directory.resolve("backups")));

        List<PruneReport> pruned = StoredBackups.lookAfter(engine, disk);
        RestoreReport restored =
                StoredBackups.restore(engine, new LibraryContext(clock, scratch), disk, directory.resolve("restored"));

        assertThat(pruned)
                .singleElement()
                .satisfies(report -> assertThat(report.deleted()).hasSize(1).isSubsetOf(made));
        assertThat(restored.checks()).noneMatch(check -> check.status() == Check.Status.FAILED);
        assertThat(directory.resolve("restored/state.db")).isNotEmptyFile();
        assertThat(log).contains("k3s: verify", "k3s: prune", "k3s: restore", "k3s: ended");
        assertThat(log).anyMatch(line -> line.matches("k3s: [1-9]\\d* bytes transferred"));
    }

    @Test
    void keepsAReportAsTextAndAsJsonWithoutASecret() throws Exception {
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        LibraryContext context = new LibraryContext(TestClock.machine(), scratch);
        context.secrets().add("no-such-place");
        RunReport report = Embedding.backUp(directory.resolve("no-such-place"), directory.resolve("backups"), scratch);
        List<String> log = new ArrayList<>();

        new RunRecords(log::add, directory).keep(report, context);

        assertThat(log)
                .singleElement()
                .asString()
                .contains("job k3s: preflight: ", "***", "job k3s: FAILED: 0 items")
                .doesNotContain("no-such-place");
        JsonNode json =
                new ObjectMapper().readTree(directory.resolve("run.json").toFile());
        assertThat(json.get("outcome").asText()).isEqualTo("FAILED");
        assertThat(json.get("stageSeconds").fieldNames())
                .toIterable()
                .containsExactly("begin", "lock", "catalog", "preflight");
        assertThat(json.at("/failures/0/problem").asText()
                        + json.at("/failures/0/target").asText())
                .contains("***")
                .doesNotContain("no-such-place");
    }

    @Test
    void reportsAFailureInsteadOfThrowing() throws Exception {
        Path scratch = Files.createDirectory(directory.resolve("scratch"));

        RunReport report = Embedding.backUp(directory.resolve("nowhere"), directory.resolve("backups"), scratch);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures()).isNotEmpty().allSatisfy(failure -> {
            assertThat(failure.problem()).isNotBlank();
            assertThat(failure.remedy()).isNotBlank();
        });
        assertThat(directory.resolve("backups/2026")).doesNotExist();
    }
}
