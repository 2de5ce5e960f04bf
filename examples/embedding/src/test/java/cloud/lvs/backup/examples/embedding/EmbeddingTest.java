package cloud.lvs.backup.examples.embedding;

import cloud.lvs.backup.core.report.RunReport;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.file.Files;
import java.nio.file.Path;
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
