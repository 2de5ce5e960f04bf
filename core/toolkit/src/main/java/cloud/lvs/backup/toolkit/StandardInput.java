package cloud.lvs.backup.toolkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Pours a stream into a child on a thread of its own, so that the owner can read what comes out. Closing it stops it.
 */
public final class StandardInput implements AutoCloseable {
    /** What to do with the rest when the child takes no more. */
    public enum OnBrokenPipe {
        /** Reads it to the end: whether the stream is what was stored shows only there. */
        DRAIN,
        /** Leaves it. */
        STOP
    }

    private static final int CHUNK = 1 << 17;
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(5);

    private final InputStream from;
    private final OutputStream to;
    private final Thread thread;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private StandardInput(InputStream from, OutputStream to, OnBrokenPipe onBrokenPipe) {
        this.from = from;
        this.to = to;
        this.thread = new Thread(() -> pour(onBrokenPipe), "feed");
        thread.setDaemon(true);
    }

    /** Begins to pour; closes {@code to} at the end. The caller closes {@code from}, after this. */
    public static StandardInput start(InputStream from, OutputStream to, OnBrokenPipe onBrokenPipe) {
        StandardInput input = new StandardInput(from, to, onBrokenPipe);
        input.thread.start();
        return input;
    }

    private void pour(OnBrokenPipe onBrokenPipe) {
        byte[] buffer = new byte[CHUNK];
        boolean taken = true;
        try {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                if (taken && !give(buffer, n)) {
                    if (onBrokenPipe == OnBrokenPipe.STOP) {
                        return;
                    }
                    taken = false;
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            // Also what the heap says: a child whose input merely ended could take it for the whole.
            failure.set(e);
        } finally {
            try {
                to.close();
            } catch (IOException e) {
                // The child has ended; its exit code tells why.
            }
        }
    }

    private boolean give(byte[] buffer, int length) {
        try {
            to.write(buffer, 0, length);
            return true;
        } catch (IOException e) {
            // The child takes no more; its exit code tells why.
            return false;
        }
    }

    /**
     * Waits until everything was read.
     *
     * @throws IOException what reading threw: the stream is not what it should be
     */
    public void finish() throws IOException, InterruptedException {
        thread.join();
        Throwable thrown = failure.get();
        if (thrown instanceof IOException e) {
            throw e;
        }
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }

    /** Waits until nobody reads any more, also on an interrupted thread: the stream may be closed then. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            to.close();
        } catch (IOException e) {
            // What was to be written is of no use any more.
        }
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(STOPPED_WITHIN.toMillis());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
