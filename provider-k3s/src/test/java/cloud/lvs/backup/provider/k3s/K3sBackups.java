package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Makes backups in memory, and changes them. */
final class K3sBackups {
    private K3sBackups() {}

    /** What a run over a data directory would have committed. */
    static InMemoryBackup of(Path dataDir) throws Exception {
        Path scratch = Files.createTempDirectory("k3s-test-");
        var written = new InMemoryArtifacts();
        var run = new TestRunContext();
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return InMemoryBackup.of(written, source.capture(written, run), run, "k3s");
        } finally {
            Files.delete(scratch);
        }
    }

    /** Its artifact of that role. */
    static StoredArtifact artifact(BackupReader backup, String role) throws Exception {
        return backup.manifest().artifacts().stream()
                .filter(artifact -> artifact.role().equals(role))
                .findFirst()
                .orElseThrow();
    }

    /** As the old job left it, or an adoption finds it: no facts, and perhaps no token. */
    static InMemoryBackup adopted(InMemoryBackup backup, Predicate<StoredArtifact> kept) {
        Manifest manifest = backup.manifest();
        return backup.describedBy(Manifest.builder(manifest.id(), manifest.sourceType())
                .formatVersion(manifest.formatVersion())
                .outcome(Outcome.ADOPTED)
                .startedAt(manifest.startedAt())
                .finishedAt(manifest.finishedAt())
                .items(List.of(ItemResult.done("datastore", Map.of())))
                .artifacts(manifest.artifacts().stream().filter(kept).toList())
                .build());
    }

    /** Without its token. */
    static InMemoryBackup withoutToken(InMemoryBackup backup) {
        return adopted(backup, artifact -> !artifact.role().equals("k3s-token"));
    }
}
