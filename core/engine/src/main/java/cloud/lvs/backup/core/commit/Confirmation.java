package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.pipeline.VerifiedInputStream;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Compares what a store says it keeps with what it was sent, since a store can lie.
 *
 * @param readBack up to which size the object is also read back in full
 */
public record Confirmation(Sink sink, ByteSize readBack) {
    void confirm(ObjectKey key, long sizeBytes, String sha256) throws IOException, InterruptedException {
        StoredObject seen = sink.stat(key).orElseThrow(() -> lie(key, "is not there although the store accepted it"));
        if (seen.sizeBytes() != sizeBytes) {
            throw lie(key, "was sent with " + sizeBytes + " bytes but the store keeps " + seen.sizeBytes());
        }
        String reported = seen.sha256();
        if (reported != null && !reported.equals(sha256)) {
            throw lie(key, "has another SHA-256 in the store than was sent");
        }
        if (sizeBytes <= readBack.bytes()) {
            try (InputStream in = new VerifiedInputStream(sink.open(key), sizeBytes, sha256, "object " + key)) {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (BackupException e) {
                // Right after it was written it is the store that altered it.
                throw e.kind() == Kind.VERIFICATION ? lie(key, "reads otherwise than it was sent: " + e.problem()) : e;
            }
        }
    }

    private static BackupException lie(ObjectKey key, String problem) {
        return new BackupException(
                Kind.SINK, "object " + key, problem, "this store does not keep what it is given; use another");
    }
}
