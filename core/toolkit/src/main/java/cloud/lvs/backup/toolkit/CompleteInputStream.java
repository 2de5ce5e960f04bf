package cloud.lvs.backup.toolkit;

import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

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

    /**
     * The bytes of a file, as many as it has now. Does not mind an interrupted thread, unlike what {@code Files} opens.
     *
     * @throws java.io.FileNotFoundException if it is not there or may not be read
     */
    public static CompleteInputStream of(Path file, IOException cut) throws IOException {
        FileInputStream in = new FileInputStream(file.toFile());
        try {
            return new CompleteInputStream(in, in.getChannel().size(), cut);
        } catch (IOException e) {
            in.close();
            throw e;
        }
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
