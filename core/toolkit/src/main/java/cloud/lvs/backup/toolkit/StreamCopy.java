package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;

/** Copies a stream while it tells how far it is and looks whether it should stop. */
public final class StreamCopy {
    /** The fact of an artifact that tells how many bytes it had when it was captured. */
    public static final String BYTES = "bytes";

    private static final int BUFFER_BYTES = 128 << 10;

    private StreamCopy() {}

    /**
     * Copies to the end of {@code in}. Closes neither stream.
     *
     * @param item whose bytes these are, for {@link RunContext#progress}
     * @param totalBytes about how many there are, or 0 if unknown
     * @return how many were copied
     * @throws BackupException of kind {@code FAILED} if the deadline of the run has passed
     * @throws InterruptedException if the run was asked to stop; a read or write that blocks is not woken by that
     */
    public static long copy(InputStream in, OutputStream out, String item, long totalBytes, RunContext run)
            throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long copied = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            run.checkpoint();
            out.write(buffer, 0, read);
            copied += read;
            run.progress(item, copied, totalBytes);
        }
        return copied;
    }

    /**
     * Copies a file to its end, for an artifact that is this file. Does not close {@code out}.
     *
     * @return the facts of the artifact, {@link #BYTES}
     * @throws BackupException of kind {@code SOURCE} if the file changes meanwhile
     * @throws IOException if it cannot be read
     * @throws InterruptedException if the run was asked to stop
     */
    public static Map<String, String> copyFile(Path file, OutputStream out, String item, RunContext run)
            throws IOException, InterruptedException {
        BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
        long bytes;
        // Not Files.newInputStream: its channel closes when the thread is interrupted; run.checkpoint() says so
        // properly.
        try (InputStream in = new FileInputStream(file.toFile())) {
            bytes = copy(in, out, item, before.size(), run);
        }
        BasicFileAttributes after = Files.readAttributes(file, BasicFileAttributes.class);
        if (bytes != before.size() || !after.lastModifiedTime().equals(before.lastModifiedTime())) {
            throw new BackupException(
                    Kind.SOURCE, "file " + file, "changed while it was read", "leave it alone, and run again");
        }
        return Map.of(BYTES, Long.toString(bytes));
    }

    /**
     * Copies an artifact to its end, and checks that it has as many bytes as its capture told under {@link #BYTES}. Does not close
     * {@code out}.
     *
     * @return passed, with the number of bytes
     * @throws BackupException of kind {@code VERIFICATION} if there are more or fewer
     * @throws InterruptedException if the run was asked to stop
     */
    public static Check copy(BackupReader backup, StoredArtifact artifact, OutputStream out, RunContext run)
            throws IOException, InterruptedException {
        try (InputStream in = backup.open(artifact)) {
            long bytes = copy(in, out, artifact.item(), artifact.plainBytes(), run);
            String captured = artifact.facts().get(BYTES);
            if (!Long.toString(bytes).equals(captured)) {
                throw new BackupException(
                        Kind.VERIFICATION,
                        "item " + artifact.item(),
                        "has " + bytes + " bytes, not " + captured,
                        "use another backup");
            }
            return Check.passed("size of " + artifact.item(), bytes + " bytes");
        }
    }
}
