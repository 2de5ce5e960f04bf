package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes one gzip member (RFC 1952) whose blocks are compressed side by side.
 *
 * <p>Each block is primed with the 32 KiB before it (the window of RFC 1951), so that hardly anything is lost against one
 * pass, and ends at a byte boundary with an empty stored block (zlib's sync flush), so that the parts can be put one after the
 * other. Everything is written from the calling thread. Threads start with the first full block only.
 */
final class GzipEncoding extends EncodingStage {
    static final int BLOCK_BYTES = 256 << 10;

    private static final int WINDOW_BYTES = 32 << 10;
    private static final byte[] NOTHING = {};

    private final int level;
    private final int workers;
    private final OutputStream out;
    private final CRC32 crc = new CRC32();
    private final Deque<Future<Deflated>> pending = new ArrayDeque<>();
    private @Nullable ExecutorService threads;
    private byte[] before = NOTHING;
    private byte[] block = new byte[BLOCK_BYTES];
    private int filled;
    private long plainBytes;

    private record Deflated(byte[] bytes, int length) {}

    private enum Ending {
        /** At a byte boundary, more to follow. */
        SYNC,
        /** Of the member. */
        LAST
    }

    GzipEncoding(Compression.Gzip settings, OutputStream out) throws IOException {
        this.level = settings.level();
        this.workers = settings.workers();
        this.out = out;
        // Deflate, no flags, no time (equal content gives equal bytes), XFL as zlib sets it, written on an unknown
        // system.
        int extra = level == 9 ? 2 : level == 1 ? 4 : 0;
        out.write(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, (byte) extra, (byte) 0xff});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        crc.update(bytes, offset, length);
        plainBytes += length;
        int from = offset;
        int end = offset + length;
        while (from < end) {
            if (filled == BLOCK_BYTES) {
                passOn();
            }
            int count = Math.min(end - from, BLOCK_BYTES - filled);
            System.arraycopy(bytes, from, block, filled, count);
            filled += count;
            from += count;
        }
    }

    @Override
    void finish() throws IOException {
        Deflated last = deflate(before, block, filled, Ending.LAST);
        while (!pending.isEmpty()) {
            emit(await(pending.remove()));
        }
        emit(last);
        byte[] trailer = new byte[8];
        putLittleEndian(trailer, 0, crc.getValue());
        putLittleEndian(trailer, 4, plainBytes);
        out.write(trailer);
        close();
    }

    @Override
    public void close() {
        if (threads != null) {
            // Not awaited: each thread ends with the block in its hands, within milliseconds.
            threads.shutdownNow();
        }
        pending.clear();
    }

    private void passOn() throws IOException {
        byte[] previous = before;
        byte[] full = block;
        if (workers == 1) {
            emit(deflate(previous, full, BLOCK_BYTES, Ending.SYNC));
            block = previous.length == 0 ? new byte[BLOCK_BYTES] : previous;
        } else {
            if (threads == null) {
                threads = Executors.newFixedThreadPool(workers, task -> {
                    Thread thread = new Thread(task, "lvs-backup-gzip");
                    thread.setDaemon(true);
                    return thread;
                });
            }
            // One block more than there are threads, so that none waits while this thread writes.
            if (pending.size() > workers) {
                emit(await(pending.remove()));
            }
            pending.add(threads.submit(() -> deflate(previous, full, BLOCK_BYTES, Ending.SYNC)));
            block = new byte[BLOCK_BYTES];
        }
        before = full;
        filled = 0;
    }

    private Deflated deflate(byte[] previous, byte[] plain, int length, Ending ending) {
        boolean last = ending == Ending.LAST;
        Deflater deflater = new Deflater(level, true);
        try {
            if (previous.length > 0) {
                deflater.setDictionary(previous, previous.length - WINDOW_BYTES, WINDOW_BYTES);
            }
            deflater.setInput(plain, 0, length);
            if (last) {
                deflater.finish();
            }
            byte[] bytes = new byte[length / 2 + 1024];
            int count = 0;
            while (true) {
                count += deflater.deflate(
                        bytes, count, bytes.length - count, last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH);
                if (last ? deflater.finished() : count < bytes.length) {
                    return new Deflated(bytes, count);
                }
                bytes = Arrays.copyOf(bytes, bytes.length + length / 2 + 1024);
            }
        } finally {
            deflater.end();
        }
    }

    private void emit(Deflated part) throws IOException {
        out.write(part.bytes(), 0, part.length());
    }

    private static Deflated await(Future<Deflated> part) throws IOException {
        try {
            return part.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while compressing");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            throw new BackupException(
                    Kind.FAILED,
                    "gzip",
                    "cannot compress: " + e.getCause(),
                    "give the process more memory, or configure fewer compression.workers",
                    e.getCause());
        }
    }

    private static void putLittleEndian(byte[] bytes, int offset, long value) {
        for (int i = 0; i < 4; i++) {
            bytes[offset + i] = (byte) (value >>> (8 * i));
        }
    }
}
