package cloud.lvs.backup.sink.s3;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest S3 checks uploads by. */
final class Md5 {
    private Md5() {}

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
