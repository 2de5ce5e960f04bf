package cloud.lvs.backup.toolkit;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that throws where it ends before all its bytes came, as {@code Store.open} promises. For one thread. */
public final class CompleteInputStream extends FilterInputStream {
    private final IOException cut;
    private long left;

    /**
     * @param in is closed with this stream
     * @param bytes how many there are
     * @param cut what to throw where there are fewer
     */
    public CompleteInputStream(InputStream in, long bytes, IOException cut) {
        super(in);
        this.left = bytes;
        this.cut = cut;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        if (read < 0 && left > 0) {
            throw cut;
        }
        left -= Math.max(0, read);
        return read;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long skipped = super.skip(bytes);
        left -= skipped;
        return skipped;
    }

    /** A mark would not know how many bytes are left. */
    @Override
    public boolean markSupported() {
        return false;
    }
}
