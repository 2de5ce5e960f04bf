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
        return copy(in, out, item, totalBytes, Long.MAX_VALUE, run);
    }

    /**
     * As {@link #copy}, of what is known to have a length: copies to the end, but no further than one byte beyond it, since what is
     * longer may not end at all, or fill a disk.
     *
     * @param expectedBytes how many there should be
     * @return {@code expectedBytes} if there are as many; fewer, or one more, if there are not
     */
    public static long copyExpected(InputStream in, OutputStream out, String item, long expectedBytes, RunContext run)
            throws IOException, InterruptedException {
        return copy(in, out, item, expectedBytes, expectedBytes + 1, run);
    }

    private static long copy(
            InputStream in, OutputStream out, String item, long totalBytes, long mostBytes, RunContext run)
            throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long copied = 0;
        while (copied < mostBytes) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, mostBytes - copied));
            if (read < 0) {
                break;
            }
            run.checkpoint();
            out.write(buffer, 0, read);
            copied += read;
            run.progress(item, copied, totalBytes);
        }
        return copied;
    }
}
