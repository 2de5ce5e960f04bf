package cloud.lvs.backup.sink.s3.upload;

import cloud.lvs.backup.sink.s3.S3SinkConfig.LockMode;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * S3 Object Lock on what a restore needs: payload, manifest, checksums and signature, and from the commit on the {@code begun}
 * without which the journal does not know the backup. Everything else in the journal has to be removable at any time: a mark
 * that could not be withdrawn would hide a living backup. Thread-safe.
 */
public final class ObjectLocks {
    /** What {@code doctor} tries out lies below it, and has to go again. */
    public static final String UNLOCKED = ".lvs-backup-doctor/";

    private static final Pattern JOURNAL = Pattern.compile("(?<directory>\\.lvs-backup/.*/)(?<name>[^/]*)");
    private static final Pattern LASTING = Pattern.compile("committed-.*|SHA256SUMS|signature\\.json");

    /** What one object is given; all null if it is not locked. */
    public record Terms(
            @Nullable ObjectLockMode mode,
            @Nullable Instant until,
            @Nullable ObjectLockLegalHoldStatus hold) {
        public static final Terms NONE = new Terms(null, null, null);

        private boolean retentionIsMetBy(HeadObjectResponse head) {
            return until == null
                    || head.objectLockRetainUntilDate() != null
                            // Stores keep whole seconds, or milliseconds.
                            && !head.objectLockRetainUntilDate().isBefore(until)
                            && (mode == ObjectLockMode.GOVERNANCE
                                    || head.objectLockMode() == ObjectLockMode.COMPLIANCE);
        }

        private boolean holdIsMetBy(HeadObjectResponse head) {
            return hold == null || head.objectLockLegalHoldStatus() == ObjectLockLegalHoldStatus.ON;
        }
    }

    private final Bucket bucket;
    private final @Nullable ObjectLock config;
    private final Clock clock;
    private volatile boolean possible;

    public ObjectLocks(Bucket bucket, @Nullable ObjectLock config, Clock clock) {
        this.bucket = bucket;
        this.config = config;
        this.clock = clock;
    }

    /**
     * What an object of this key is to be given if it is written now.
     *
     * @throws BackupException of kind {@code SINK} if the bucket has no Object Lock
     */
    Terms termsOf(ObjectKey key) throws BackupException, InterruptedException {
        if (config == null || !isLasting(key)) {
            return Terms.NONE;
        }
        requirePossible();
        return terms(config);
    }

    private Terms terms(ObjectLock lock) {
        return new Terms(
                lock.retention() == null
                        ? null
                        : lock.mode() == LockMode.COMPLIANCE ? ObjectLockMode.COMPLIANCE : ObjectLockMode.GOVERNANCE,
                lock.retention() == null
                        ? null
                        : clock.instant().plus(lock.retention()).truncatedTo(ChronoUnit.SECONDS),
                lock.legalHold() ? ObjectLockLegalHoldStatus.ON : null);
    }

    private static boolean isLasting(ObjectKey key) {
        if (key.value().startsWith(UNLOCKED)) {
            return false;
        }
        Matcher journal = JOURNAL.matcher(key.value());
        return !journal.matches() || LASTING.matcher(journal.group("name")).matches();
    }

    /** Before a manifest is written: locks the {@code begun} beside it, which until then a sweep may have to remove. */
    void beforeCommit(ObjectKey key) throws BackupException, InterruptedException {
        Matcher journal = JOURNAL.matcher(key.value());
        if (config == null || !journal.matches() || !journal.group("name").startsWith("committed-")) {
            return;
        }
        ObjectKey begun = new ObjectKey(journal.group("directory") + "begun.json");
        Optional<HeadObjectResponse> head = bucket.head(begun);
        if (head.isPresent()) {
            requirePossible();
            enforce(begun, terms(config), head.get());
        }
    }

    /**
     * Sees to it that an object has what it was to be given. Some stores (Ceph before 19) drop what a multipart upload asks for.
     *
     * @param head what the store says of the object
     * @throws BackupException of kind {@code SINK} if the object cannot be locked
     */
    void enforce(ObjectKey key, Terms terms, HeadObjectResponse head) throws BackupException, InterruptedException {
        boolean retained = terms.retentionIsMetBy(head);
        boolean held = terms.holdIsMetBy(head);
        if (retained && held) {
            return;
        }
        String fullKey = bucket.keyOf(key);
        if (!retained) {
            bucket.call(
                    "lock object " + key,
                    client -> client.putObjectRetention(request -> request.bucket(bucket.name())
                            .key(fullKey)
                            .versionId(head.versionId())
                            .retention(retention -> retention
                                    .mode(ObjectLockRetentionMode.fromValue(String.valueOf(terms.mode())))
                                    .retainUntilDate(terms.until()))));
        }
        if (!held) {
            bucket.call(
                    "put a legal hold on object " + key,
                    client -> client.putObjectLegalHold(request -> request.bucket(bucket.name())
                            .key(fullKey)
                            .versionId(head.versionId())
                            .legalHold(hold -> hold.status(terms.hold()))));
        }
        Optional<HeadObjectResponse> again = bucket.head(key);
        if (again.isEmpty() || !terms.retentionIsMetBy(again.get()) || !terms.holdIsMetBy(again.get())) {
            throw new BackupException(
                    Kind.SINK,
                    bucket.target(),
                    "does not show the Object Lock that was put on object " + key,
                    "let the key read locks (s3:GetObjectRetention, s3:GetObjectLegalHold); if it may, this store"
                            + " does not lock: remove objectLock, or use another");
        }
    }

    /** Sends no gigabytes to a bucket that would refuse them at the end. */
    private void requirePossible() throws BackupException, InterruptedException {
        if (possible) {
            return;
        }
        boolean enabled = bucket.call("read the Object Lock configuration", client -> {
            try {
                client.getObjectLockConfiguration(request -> request.bucket(bucket.name()));
                return true;
            } catch (S3Exception e) {
                if (ExceptionTranslator.code(e).equals("NoSuchBucket")) {
                    throw e;
                }
                // Who may not ask will be told at the first write.
                return e.statusCode() == 403;
            }
        });
        if (!enabled) {
            throw new BackupException(
                    Kind.SINK,
                    bucket.target(),
                    "has no Object Lock, and objectLock is configured",
                    "use a bucket that was made with Object Lock (createBucket: true makes one), or remove objectLock");
        }
        possible = true;
    }
}
