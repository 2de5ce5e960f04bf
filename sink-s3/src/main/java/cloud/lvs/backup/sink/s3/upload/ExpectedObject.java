package cloud.lvs.backup.sink.s3.upload;

import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * What was sent, to be compared with what the store has.
 *
 * @param sizeBytes how many bytes
 * @param etag what S3 makes the ETag of these bytes, in these parts; without quotes
 * @param writeId of this write, stored with the object
 * @param etags whether the store's ETags are like that
 */
public record ExpectedObject(long sizeBytes, String etag, String writeId, Etags etags) {
    /** The metadata key of the write id. */
    public static final String WRITE_ID = "lvs-write";

    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}(-[0-9]{1,5})?");

    /** Whether ETags say something about the bytes. */
    enum Etags {
        TELLING,
        OPAQUE
    }

    /** What a comparison shows. */
    enum Verdict {
        /** The store has these bytes. */
        KEPT,
        /** Another write of the key came after. */
        REPLACED,
        /** The store has something else. */
        ALTERED
    }

    public static String etagOf(byte[] md5) {
        return HexFormat.of().formatHex(md5);
    }

    public static String etagOf(byte[] md5OfMd5s, int parts) {
        return etagOf(md5OfMd5s) + "-" + parts;
    }

    Verdict compare(HeadObjectResponse head) {
        if (head.contentLength() == sizeBytes && !contradicts(head)) {
            return Verdict.KEPT;
        }
        @Nullable String found = head.metadata().get(WRITE_ID);
        return found == null || found.equals(writeId) ? Verdict.ALTERED : Verdict.REPLACED;
    }

    /** Whether the object is certainly the one of this write: for deciding what became of a request without a reply. */
    boolean isCertainly(HeadObjectResponse head) {
        return writeId.equals(head.metadata().get(WRITE_ID)) && compare(head) == Verdict.KEPT;
    }

    private boolean contradicts(HeadObjectResponse head) {
        boolean foreignKey =
                head.serverSideEncryption() != null && head.serverSideEncryption() != ServerSideEncryption.AES256
                        || head.sseCustomerAlgorithm() != null;
        return etags == Etags.TELLING && !foreignKey && contradicts(etag, head.eTag());
    }

    /** Whether an ETag that looks like an MD5 sum is another one; ETags of any other shape say nothing. */
    static boolean contradicts(String expected, @Nullable String etag) {
        if (etag == null) {
            return false;
        }
        String bare = etag.replace("\"", "");
        return MD5.matcher(bare).matches() && !bare.equals(expected);
    }
}
