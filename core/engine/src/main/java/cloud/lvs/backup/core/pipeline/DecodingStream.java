package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One codec on the way back. It ends only after the stream below has ended too, so that whatever checks the stored bytes has
 * seen the last of them; and once it has failed it keeps failing.
 */
abstract class DecodingStream extends InputStream {
    final InputStream stored;
    final String target;
    private boolean ended;
    private @Nullable IOException failure;

    /** @param target names the object in errors */
    DecodingStream(InputStream stored, String target) {
        this.stored = stored;
        this.target = target;
    }

    /**
     * Reads at least one byte.
     *
     * @param length at least 1
     * @return the number of bytes, or -1 once the stream below has ended at a proper end
     */
    abstract int decode(byte[] bytes, int offset, int length) throws IOException;

    /** Frees memory. Called at every {@link #close()}. */
    abstract void release();

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (failure != null) {
            throw again(failure);
        }
        if (length == 0) {
            return 0;
        }
        if (ended) {
            return -1;
        }
        try {
            int count = decode(bytes, offset, length);
            ended = count < 0;
            return count;
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (failure == null) {
            failure = new IOException("the stream is closed");
        }
        release();
        stored.close();
    }

    final BackupException damaged(String problem, @Nullable Throwable cause) {
        return new BackupException(
                Kind.VERIFICATION,
                target,
                problem,
                "it was cut or altered after it was written: use a copy of this backup or another backup",
                cause);
    }

    /** A new exception, since one thrown twice could end up suppressing itself. */
    static IOException again(IOException failure) {
        if (failure instanceof BackupException e) {
            return new BackupException(e.kind(), e.target(), e.problem(), e.remedy(), e);
        }
        return new IOException(failure.getMessage(), failure);
    }
}
