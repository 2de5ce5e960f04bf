package cloud.lvs.backup.core.read;

import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers which artifacts were read to their end, where it is found that they are what was stored. Thread-safe. */
public final class DigestCheckingReader implements BackupReader {
    private final StoredBackup backup;
    private final Set<ObjectKey> proved = ConcurrentHashMap.newKeySet();

    DigestCheckingReader(StoredBackup backup) {
        this.backup = backup;
    }

    boolean hasProved(StoredArtifact artifact) {
        return proved.contains(artifact.key());
    }

    @Override
    public Manifest manifest() {
        return backup.manifest();
    }

    @Override
    public InputStream open(StoredArtifact artifact) throws IOException, InterruptedException {
        return new FilterInputStream(backup.open(artifact)) {
            @Override
            public int read() throws IOException {
                return noting(super.read());
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return noting(super.read(bytes, offset, length));
            }

            private int noting(int read) {
                if (read < 0) {
                    proved.add(artifact.key());
                }
                return read;
            }
        };
    }
}
