package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stored bytes that are checked against the manifest while they are read. Used from one thread.
 *
 * <p>Where the stream would end it throws a {@link BackupException} of kind {@code VERIFICATION} instead, unless size and
 * SHA-256 are the expected ones; one that is longer throws at the first byte too many. Whoever stops before the end has had
 * nothing verified, and {@link #close()} does not complain.
 */
public final class VerifiedInputStream extends InputStream {
    private static final String REMEDY =
            "it was altered or replaced after it was written: use a copy of this backup or another backup";

    private final InputStream stored;
    private final long expectedBytes;
    private final String expectedSha256;
    private final String target;
    private final MessageDigest digest = Sha256.newDigest();
    private long count;
    private boolean verified;
    private @Nullable IOException failure;

    /**
     * @param stored closed with this stream
     * @param expectedBytes size as the manifest has it
     * @param expectedSha256 lower-case hex, 64 characters
     * @param target names the object in errors, e.g. {@code object 2026/11/k3s.db.zst}
     */
    public VerifiedInputStream(InputStream stored, long expectedBytes, String expectedSha256, String target) {
        this.stored = stored;
        this.expectedBytes = expectedBytes;
        this.expectedSha256 = expectedSha256;
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
        if (verified) {
            return -1;
        }
        try {
            int read = stored.read(bytes, offset, length);
            if (read < 0) {
                verify();
                verified = true;
                return -1;
            }
            digest.update(bytes, offset, read);
            count += read;
            if (count > expectedBytes) {
                throw differs("is longer than the " + expectedBytes + " bytes that were stored");
            }
            return read;
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private void verify() throws BackupException {
        if (count < expectedBytes) {
            throw differs("ends after " + count + " of the " + expectedBytes + " bytes that were stored");
        }
        String sha256 = HexFormat.of().formatHex(digest.digest());
        if (!sha256.equals(expectedSha256)) {
            throw differs("has SHA-256 " + sha256 + " instead of " + expectedSha256);
        }
    }

    private BackupException differs(String problem) {
        return new BackupException(Kind.VERIFICATION, target, problem, REMEDY);
    }

    @Override
    public void close() throws IOException {
        stored.close();
    }
}
