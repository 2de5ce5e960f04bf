package cloud.lvs.backup.toolkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The last 64 KiB of a stream of text, however much of it there is. */
final class TailBuffer {
    private static final int MOST = 1 << 16;

    private final byte[] ring = new byte[MOST];
    private long count;

    /** Reads to the end, so that the writer never blocks. */
    void drain(InputStream in) {
        byte[] buffer = new byte[1 << 13];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                add(buffer, n);
            }
        } catch (IOException e) {
            // Closed under our hands: what was read has to do.
        }
    }

    private synchronized void add(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            ring[(int) (count++ % MOST)] = bytes[i];
        }
    }

    /** What was kept so far. */
    synchronized String text() {
        if (count <= MOST) {
            return new String(ring, 0, (int) count, StandardCharsets.UTF_8);
        }
        int begin = (int) (count % MOST);
        byte[] ordered = new byte[MOST];
        System.arraycopy(ring, begin, ordered, 0, MOST - begin);
        System.arraycopy(ring, 0, ordered, MOST - begin, begin);
        return new String(ordered, StandardCharsets.UTF_8);
    }
}
