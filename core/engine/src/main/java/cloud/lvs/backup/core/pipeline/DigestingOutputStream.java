package cloud.lvs.backup.core.pipeline;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts and digests the bytes on their way to the sink. Used from one thread. Only bytes that the stream below accepted
 * count.
 */
public final class DigestingOutputStream extends OutputStream {
    private final OutputStream out;
    private final MessageDigest digest = Sha256.newDigest();
    private long count;
    private @Nullable String sha256;

    /** @param out where the bytes go; flushed and closed with this stream */
    public DigestingOutputStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (sha256 != null) {
            throw new IOException("written to after the digest was taken");
        }
        out.write(bytes, offset, length);
        digest.update(bytes, offset, length);
        count += length;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** How many bytes were written so far. */
    public long count() {
        return count;
    }

    /** Lower-case hex SHA-256 of all bytes written, 64 characters; after this nothing more can be written. */
    public String sha256() {
        if (sha256 == null) {
            sha256 = HexFormat.of().formatHex(digest.digest());
        }
        return sha256;
    }
}
