package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.InputStream;

/** A backup whose object rots between the first time it is read and the second. */
final class SecondReadBreaks implements BackupReader {
    private final InMemoryBackup whole;
    private final StoredArtifact artifact;
    private int opened;

    SecondReadBreaks(InMemoryBackup whole, StoredArtifact artifact) {
        this.whole = whole;
        this.artifact = artifact;
    }

    @Override
    public Manifest manifest() {
        return whole.manifest();
    }

    @Override
    public InputStream open(StoredArtifact wanted) throws IOException {
        boolean again = wanted.key().equals(artifact.key()) && ++opened > 1;
        return again ? whole.breaking(artifact).open(wanted) : whole.open(wanted);
    }
}
