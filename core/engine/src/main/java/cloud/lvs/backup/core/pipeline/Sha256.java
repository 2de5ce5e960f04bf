package cloud.lvs.backup.core.pipeline;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest of stored bytes. */
public final class Sha256 {
    private Sha256() {}

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The digest of these bytes, in lower-case hexadecimal digits as {@code sha256sum} writes it. */
    public static String hexOf(byte[] content) {
        return HexFormat.of().formatHex(newDigest().digest(content));
    }
}
