package cloud.lvs.backup.sink.s3.upload;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a sink's uploads: a fixed number of blocks of one size, made when first needed, used again, and let go when
 * none is in use, so that a job's sinks have it one after the other. Thread-safe.
 */
public final class PartBuffers {
    private final int blockBytes;
    private final int count;
    private final Semaphore available;
    private final Deque<byte[]> idle = new ArrayDeque<>();
    private int made;

    public PartBuffers(int blockBytes, int count) {
        this.blockBytes = blockBytes;
        this.count = count;
        this.available = new Semaphore(count, true);
    }

    int blockBytes() {
        return blockBytes;
    }

    int count() {
        return count;
    }

    /** How many blocks are not in use. */
    public int free() {
        return available.availablePermits();
    }

    /** Waits for a block, first come first served. */
    public byte[] take() throws InterruptedException {
        available.acquire();
        return block();
    }

    /** A block if one is free now, else null. */
    byte @Nullable [] takeIfFree() {
        return available.tryAcquire() ? block() : null;
    }

    private byte[] block() {
        synchronized (idle) {
            byte[] block = idle.poll();
            if (block != null) {
                return block;
            }
        }
        try {
            byte[] block = new byte[blockBytes];
            synchronized (idle) {
                made++;
            }
            return block;
        } catch (OutOfMemoryError e) {
            available.release();
            throw e;
        }
    }

    void giveBack(byte[] block) {
        synchronized (idle) {
            idle.push(block);
        }
        available.release();
    }

    /** Lets the memory go if nothing is being written; to be called when an object is finished. */
    void trim() {
        synchronized (idle) {
            if (idle.size() == made) {
                idle.clear();
                made = 0;
            }
        }
    }
}
