package cloud.lvs.backup.sink.s3.client;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest S3 checks uploads by. */
public final class Md5 {
    private Md5() {}

    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
