package cloud.lvs.backup.sink.s3.diagnosis;

import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.bucket.Listing;
import cloud.lvs.backup.sink.s3.bucket.ObjectDeletion;
import cloud.lvs.backup.sink.s3.bucket.UnfinishedUploads;
import cloud.lvs.backup.sink.s3.upload.ExpectedObject;
import cloud.lvs.backup.sink.s3.upload.MultipartUpload;
import cloud.lvs.backup.sink.s3.upload.ObjectLocks;
import cloud.lvs.backup.sink.s3.upload.PartBuffer;
import cloud.lvs.backup.sink.s3.upload.PartBuffers;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredObject;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The objects and uploads that are made to try a store out, in a directory of their own. Used from one thread. */
final class Probes {
    private static final Logger LOG = LoggerFactory.getLogger(StoreDiagnosis.class);
    /** What another doctor wrote longer ago than this, it is not going to remove any more. */
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    static final byte[] WORDS = "What a doctor of lvs-backup wrote. ".getBytes(StandardCharsets.US_ASCII);

    private final Bucket bucket;
    private final Executor senders;
    private final Clock clock;
    private final String directory = ObjectLocks.UNLOCKED + UUID.randomUUID() + "/";
    private final Set<ObjectKey> keys = new LinkedHashSet<>();
    private final List<MultipartUpload> begun = new ArrayList<>();

    /** @param senders carries the parts of uploads */
    Probes(Bucket bucket, Executor senders, Clock clock) {
        this.bucket = bucket;
        this.senders = senders;
        this.clock = clock;
    }

    /** A key for an object that is going to be made, and removed. */
    ObjectKey key(String name) {
        ObjectKey key = new ObjectKey(directory + name);
        keys.add(key);
        return key;
    }

    /** An upload with one part, {@link #WORDS}. */
    MultipartUpload begin(ObjectKey key) throws BackupException, InterruptedException {
        MultipartUpload upload = MultipartUpload.begin(
                bucket,
                key,
                Map.of(ExpectedObject.WRITE_ID, UUID.randomUUID().toString()),
                ObjectLocks.Terms.NONE,
                senders);
        begun.add(upload);
        PartBuffers memory = new PartBuffers(WORDS.length, 1);
        PartBuffer part = new PartBuffer(memory, memory.take());
        part.append(WORDS, 0, WORDS.length);
        part.seal();
        upload.send(part);
        while (upload.awaitOldest()) {
            upload.throwFailure();
        }
        return upload;
    }

    void abort(MultipartUpload upload) throws BackupException {
        upload.abort();
        begun.remove(upload);
    }

    /** Removes everything, and tells what is left. */
    void remove(Checks checks) throws InterruptedException {
        if (keys.isEmpty()) {
            return;
        }
        Set<String> left = new LinkedHashSet<>();
        String why = "";
        boolean hidden = false;
        for (MultipartUpload upload : List.copyOf(begun)) {
            try {
                abort(upload);
            } catch (BackupException e) {
                left.add("an unfinished upload below " + directory);
                why = Checks.told(e);
            }
        }
        try {
            ObjectDeletion deletion = new ObjectDeletion(bucket, new UnfinishedUploads(bucket), keys);
            deletion.run().refused().forEach((key, reason) -> left.add(key + " (" + reason + ")"));
            hidden = deletion.hasOnlyHidden();
        } catch (BackupException e) {
            keys.forEach(key -> left.add(key.value()));
            why = Checks.told(e);
        }
        if (left.isEmpty()) {
            checks.add(hidden ? hidden() : gone());
            return;
        }
        String named = String.join(", ", left) + (why.isEmpty() ? "" : ": " + why);
        // Whoever interrupted this sees no result.
        LOG.warn("{}: left {}", bucket.target(), named);
        checks.add(Check.warned(
                "leftovers",
                "this key may not delete everything it writes: backups are valid, but retention has to use another key;"
                        + " left " + named));
    }

    private static Check hidden() {
        return Check.warned(
                "leftovers",
                "what was tried is hidden, but as older versions it takes space, as pruned backups will: give the key"
                        + " s3:ListBucketVersions and s3:DeleteObjectVersion, or let a lifecycle rule expire noncurrent"
                        + " versions");
    }

    private Check gone() throws InterruptedException {
        Instant limit = clock.instant().minus(FORGOTTEN);
        List<String> forgotten = new ArrayList<>();
        if (!Thread.currentThread().isInterrupted()) {
            try {
                for (Iterator<StoredObject> all = new Listing(bucket, ObjectLocks.UNLOCKED, ""); all.hasNext(); ) {
                    StoredObject object = all.next();
                    if (object.lastModified().isBefore(limit)) {
                        forgotten.add(object.key());
                    }
                }
            } catch (UncheckedIOException e) {
                if (Thread.interrupted()) {
                    throw (InterruptedException) new InterruptedException("asked to stop").initCause(e);
                }
                return Check.passed("leftovers", "what was tried is gone");
            }
        }
        return forgotten.isEmpty()
                ? Check.passed("leftovers", "what was tried is gone")
                : Check.warned(
                        "leftovers",
                        "what was tried is gone, but an earlier doctor that was killed has left "
                                + String.join(", ", forgotten) + "; delete them");
    }
}
