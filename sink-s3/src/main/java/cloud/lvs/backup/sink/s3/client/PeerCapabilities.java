package cloud.lvs.backup.sink.s3.client;

import java.util.concurrent.atomic.AtomicLong;

/** What requests have shown of whoever answers them: the store, or a proxy before it. Thread-safe. */
final class PeerCapabilities {
    private final AtomicLong largestBodyTaken = new AtomicLong();
    private volatile boolean silentOnExpect;

    /** Whether to ask before a large body is sent, by {@code Expect: 100-continue}. */
    boolean isToBeAsked() {
        return !silentOnExpect;
    }

    /** It does not answer the question, or refuses to be asked. */
    void doNotAsk() {
        silentOnExpect = true;
    }

    /** Whether bodies about as large have been accepted; the parts of an upload grow by less than that at a time. */
    boolean hasTakenAbout(long bytes) {
        return largestBodyTaken.get() >= bytes / 2;
    }

    void took(long bytes) {
        largestBodyTaken.accumulateAndGet(bytes, Math::max);
    }
}
