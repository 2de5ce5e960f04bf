package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copies a stream while it tells how far it is and looks whether it should stop. */
public final class StreamCopy {
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
}
