package cloud.lvs.backup.sink.s3;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The memory of a sink's uploads: a fixed number of blocks of one size, made when first needed and used again. Thread-safe. */
final class PartBuffers {
    private final int blockBytes;
    private final int count;
    private final Semaphore available;
    private final Deque<byte[]> idle = new ArrayDeque<>();

    PartBuffers(int blockBytes, int count) {
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
    int free() {
        return available.availablePermits();
    }

    /** Waits for a block, first come first served. */
    byte[] take() throws InterruptedException {
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
            return new byte[blockBytes];
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
}
