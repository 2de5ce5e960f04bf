package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Plain bytes of which the number is known. Used from one thread.
 *
 * <p>Throws a {@link BackupException} of kind {@code VERIFICATION} as soon as more come out, whatever a decoder below would
 * still produce (a decompression bomb), and where the stream would end with fewer. Whoever stops before the end has had
 * nothing verified, and {@link #close()} does not complain.
 */
public final class SizedInputStream extends InputStream {
    private static final String REMEDY =
            "it is not what was backed up: use a copy of this backup or another backup, and find out who wrote it";

    private final InputStream plain;
    private final long expectedBytes;
    private final String target;
    private long count;
    private boolean ended;
    private @Nullable IOException failure;

    /**
     * @param plain closed with this stream
     * @param expectedBytes plain size as the manifest has it
     * @param target names the object in errors, e.g. {@code object 2026/11/k3s.db.zst}
     */
    public SizedInputStream(InputStream plain, long expectedBytes, String target) {
        this.plain = plain;
        this.expectedBytes = expectedBytes;
        this.target = target;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (failure != null) {
            throw DecodingStream.again(failure);
        }
        if (length == 0) {
            return 0;
        }
        if (ended) {
            return -1;
        }
        try {
            // At the expected end one byte more is asked for, so that the streams below come to their own end and
            // verify.
            int read = plain.read(bytes, offset, (int) Math.min(length, expectedBytes - count + 1));
            if (read < 0) {
                if (count < expectedBytes) {
                    throw differs("decodes to " + count + " of the expected " + expectedBytes + " plain bytes");
                }
                ended = true;
                return -1;
            }
            count += read;
            if (count > expectedBytes) {
                throw differs("decodes to more than the expected " + expectedBytes + " plain bytes");
            }
            return read;
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private BackupException differs(String problem) {
        return new BackupException(Kind.VERIFICATION, target, problem, REMEDY);
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }
}
