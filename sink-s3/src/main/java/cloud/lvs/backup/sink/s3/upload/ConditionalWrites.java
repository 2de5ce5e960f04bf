package cloud.lvs.backup.sink.s3.upload;

import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.client.Md5;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.ObjectKey;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * {@code PutObject} with {@code If-None-Match: *}. Some stores accept the header and ignore it, Ceph for one in versioned
 * buckets, so the first object created is put a second time: only a store that refuses that is trusted. Thread-safe.
 */
public final class ConditionalWrites {
    private static final int ATTEMPTS_IN_A_RACE = 5;
    private static final long PAUSE_IN_A_RACE_MILLIS = 200;

    /** What is known of the store. */
    private enum Support {
        UNKNOWN,
        PROVEN,
        NONE
    }

    /** How the store took a request. */
    private enum Answer {
        STORED,
        PRESENT,
        CONFLICT,
        NOT_IMPLEMENTED
    }

    /** @param version of the object that was stored; null in a bucket without versions */
    private record Reply(Answer answer, @Nullable String version) {}

    private final Bucket bucket;
    private volatile Support support = Support.UNKNOWN;

    public ConditionalWrites(Bucket bucket) {
        this.bucket = bucket;
    }

    public Creation create(ObjectKey key, byte[] content) throws BackupException, InterruptedException {
        if (support == Support.NONE) {
            return Creation.UNSUPPORTED;
        }
        // Without proof a put might overwrite what is there.
        boolean proven = support == Support.PROVEN;
        if (!proven && bucket.head(key).isPresent()) {
            return Creation.EXISTS;
        }
        String writeId = UUID.randomUUID().toString();
        Reply reply = settled(key, content, writeId);
        switch (reply.answer()) {
            case NOT_IMPLEMENTED -> {
                support = Support.NONE;
                return Creation.UNSUPPORTED;
            }
            case PRESENT, CONFLICT -> {
                support = Support.PROVEN;
                // It may be our own, if the reply to a first attempt was lost.
                return bucket.head(key).filter(head -> isOurs(head, writeId)).isPresent()
                        ? Creation.CREATED
                        : Creation.EXISTS;
            }
            case STORED -> {
                return proven || proves(key, content, writeId, reply) ? Creation.CREATED : Creation.UNSUPPORTED;
            }
        }
        throw new IllegalStateException("no such reply");
    }

    private boolean proves(ObjectKey key, byte[] content, String writeId, Reply first)
            throws BackupException, InterruptedException {
        Reply second = settled(key, content, writeId);
        if (second.answer() != Answer.STORED) {
            support = Support.PROVEN;
            return true;
        }
        support = Support.NONE;
        withdraw(key, second);
        if (first.version() != null) {
            withdraw(key, first);
        }
        return false;
    }

    private void withdraw(ObjectKey key, Reply stored) throws BackupException {
        String fullKey = bucket.keyOf(key);
        bucket.finish(
                "delete object " + key,
                client -> client.deleteObject(
                        request -> request.bucket(bucket.name()).key(fullKey).versionId(stored.version())));
    }

    private Reply settled(ObjectKey key, byte[] content, String writeId) throws BackupException, InterruptedException {
        Reply reply = put(key, content, writeId);
        for (int attempt = 1; reply.answer() == Answer.CONFLICT && attempt < ATTEMPTS_IN_A_RACE; attempt++) {
            Thread.sleep(PAUSE_IN_A_RACE_MILLIS * attempt);
            reply = put(key, content, writeId);
        }
        return reply;
    }

    private Reply put(ObjectKey key, byte[] content, String writeId) throws BackupException, InterruptedException {
        String fullKey = bucket.keyOf(key);
        String md5 = Base64.getEncoder().encodeToString(Md5.digest().digest(content));
        return bucket.call("create object " + key, client -> {
            try {
                PutObjectResponse stored = client.putObject(
                        request -> request.bucket(bucket.name())
                                .key(fullKey)
                                .ifNoneMatch("*")
                                .contentMD5(md5)
                                .metadata(Map.of(ExpectedObject.WRITE_ID, writeId))
                                .serverSideEncryption(bucket.attributes().encryption())
                                .ssekmsKeyId(bucket.attributes().kmsKeyId()),
                        RequestBody.fromBytes(content));
                return new Reply(Answer.STORED, stored.versionId());
            } catch (S3Exception e) {
                Answer answer = switch (e.statusCode()) {
                    case 412 -> Answer.PRESENT;
                    case 409 -> Answer.CONFLICT;
                    case 501 -> Answer.NOT_IMPLEMENTED;
                    default -> throw e;
                };
                return new Reply(answer, null);
            }
        });
    }

    private static boolean isOurs(HeadObjectResponse head, String writeId) {
        return Optional.ofNullable(head.metadata().get(ExpectedObject.WRITE_ID))
                .filter(writeId::equals)
                .isPresent();
    }
}
