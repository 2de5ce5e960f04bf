package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.pipeline.SizedInputStream;
import cloud.lvs.backup.core.pipeline.VerifiedInputStream;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Store;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.InputStream;

/** Reads a backup out of a store, checking digests and sizes on the way. */
public record StoredBackup(Manifest manifest, Store store, Pipeline pipeline) implements BackupReader {
    @Override
    public InputStream open(StoredArtifact artifact) throws IOException, InterruptedException {
        InputStream stored = openStored(artifact);
        try {
            return new SizedInputStream(
                    pipeline.decode(stored, artifact.codecs(), target(artifact)),
                    artifact.plainBytes(),
                    target(artifact));
        } catch (IOException | RuntimeException e) {
            stored.close();
            throw e;
        }
    }

    /** The stored bytes of an artifact; throws at their end if they are not those that were stored. */
    public InputStream openStored(StoredArtifact artifact) throws IOException, InterruptedException {
        try {
            return new VerifiedInputStream(
                    store.open(artifact.key()), artifact.storedBytes(), artifact.sha256(), target(artifact));
        } catch (BackupException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            throw new BackupException(
                    Kind.VERIFICATION, target(artifact), "is missing from the store", "restore another backup", e);
        }
    }

    /** What checks call an artifact: its role, and its item where several artifacts have that role. */
    public String nameOf(StoredArtifact artifact) {
        String role = artifact.role();
        boolean shared = manifest.artifacts().stream()
                .anyMatch(other -> other.role().equals(role) && !other.key().equals(artifact.key()));
        return shared ? role + " of " + artifact.item() : role;
    }

    private static String target(StoredArtifact artifact) {
        return "object " + artifact.key();
    }
}
