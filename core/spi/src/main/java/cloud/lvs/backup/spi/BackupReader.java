package cloud.lvs.backup.spi;

import java.io.IOException;
import java.io.InputStream;

/** Reads one stored backup. Callable from several threads; each stream from one. */
public interface BackupReader {
    /** What the backup holds. */
    Manifest manifest();

    /**
     * The plain bytes of an artifact, decrypted and decompressed; the caller closes the stream.
     *
     * <p>Whether the bytes are those that were stored is known only at their end: a stream that is cut, altered or longer
     * than the manifest says throws a {@link BackupException} of kind {@code VERIFICATION} there instead of ending.
     * Whoever restores publishes only after the end.
     *
     * @throws BackupException of kind {@code CREDENTIALS} if the artifact is encrypted and no identity opens it
     */
    InputStream open(StoredArtifact artifact) throws IOException, InterruptedException;
}
