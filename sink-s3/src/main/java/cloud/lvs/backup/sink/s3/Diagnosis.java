package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Tries out what a store can and cannot do, with objects below {@code .lvs-backup-doctor/} that it removes on every path. A
 * check warns of what a backup copes with, and fails where backups would be impossible or unsafe. Used once.
 */
final class Diagnosis {
    private static final Logger LOG = LoggerFactory.getLogger(Diagnosis.class);
    /** No object below it is ever locked. */
    static final String ROOT = ".lvs-backup-doctor/";
    /** The least that S3 takes for a part that is not the last. */
    private static final int PART = 5 << 20;

    private static final int REST = 1024;
    private static final int BORDER = 16;
    private static final byte[] WORDS = "What a doctor of lvs-backup wrote. ".getBytes(StandardCharsets.US_ASCII);
    /** What another doctor wrote longer ago than this, it is not going to remove any more. */
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    private final Bucket bucket;
    private final S3SinkConfig config;
    private final @Nullable ObjectLock lock;
    private final Executor senders;
    private final Clock clock;
    private final String directory = ROOT + UUID.randomUUID() + "/";
    private final Set<ObjectKey> probes = new LinkedHashSet<>();
    private final List<Check> checks = new ArrayList<>();
    private final List<MultipartUpload> begun = new ArrayList<>();

    /**
     * @param config of the sink; what it says of locks is not done to what is tried here
     * @param senders carries the parts of uploads
     */
    Diagnosis(Bucket bucket, S3SinkConfig config, Executor senders, Clock clock) {
        this.bucket = bucket;
        this.config = config;
        this.lock = config.objectLock();
        this.senders = senders;
        this.clock = clock;
    }

    List<Check> run() throws InterruptedException {
        try {
            Optional<SdkHttpResponse> reached = reach();
            if (reached.isPresent()) {
                look(reached.get());
                tryObjects();
                tryUploads();
            }
        } finally {
            removeProbes();
        }
        return List.copyOf(checks);
    }

    // What is tried

    private interface Trial {
        Check run() throws IOException, InterruptedException;
    }

    /** @param consequence what it means for backups if this cannot be tried */
    private void attempt(String name, Check.Status otherwise, String consequence, Trial trial)
            throws InterruptedException {
        try {
            checks.add(trial.run());
        } catch (BackupException e) {
            checks.add(new Check(name, otherwise, consequence + ": " + told(e)));
        } catch (IOException | UncheckedIOException e) {
            checks.add(
                    new Check(name, otherwise, consequence + " (" + e.getClass().getSimpleName() + ")"));
        }
    }

    private static String told(BackupException e) {
        return e.problem() + "; " + e.remedy();
    }

    /** Empty if there is no use in going on. */
    private Optional<SdkHttpResponse> reach() throws InterruptedException {
        try {
            return Optional.of(bucket.call("reach the bucket", client -> {
                try {
                    SdkHttpResponse answer = client.headBucket(request -> request.bucket(bucket.name()))
                            .sdkHttpResponse();
                    checks.add(Check.passed("bucket", bucket.target() + " answers"));
                    return answer;
                } catch (S3Exception e) {
                    if (e.statusCode() >= 500) {
                        throw e;
                    }
                }
                // The answer to HEAD has no body that could say what is wrong; that to a listing does.
                SdkHttpResponse answer = client.listObjectsV2(request -> request.bucket(bucket.name())
                                .prefix(bucket.prefix())
                                .maxKeys(1))
                        .sdkHttpResponse();
                checks.add(Check.warned("bucket", bucket.target() + " can be listed, but not asked for with HEAD"));
                return answer;
            }));
        } catch (BackupException e) {
            checks.add(Check.failed("bucket", "no backup can be made: " + e.target() + ": " + told(e)));
            return Optional.empty();
        }
    }

    private void look(SdkHttpResponse head) throws InterruptedException {
        BucketView view = new BucketView(bucket, lock, clock);
        checks.add(view.transport());
        checks.add(view.addressing());
        checks.add(view.region(head));
        checks.add(view.clockSkew(head));
        checks.add(view.usage(head));
        attempt("versioning", Check.Status.WARNED, "whether the bucket keeps versions is not known", view::versioning);
        attempt("object-lock", Check.Status.WARNED, "whether Object Lock is on is not known", view::objectLock);
    }

    private void tryObjects() throws InterruptedException {
        attempt("content-md5", Check.Status.FAILED, "no object can be written", this::contentMd5);
        attempt("create-if-absent", Check.Status.FAILED, "no object can be created", this::conditionalPut);
    }

    private Check contentMd5() throws BackupException, InterruptedException {
        ObjectKey key = probe("damaged");
        String full = bucket.keyOf(key);
        String other = Base64.getEncoder().encodeToString(Md5.digest().digest(new byte[] {1}));
        return bucket.call("write a damaged object", client -> {
            try {
                client.putObject(
                        request -> request.bucket(bucket.name())
                                .key(full)
                                .contentMD5(other)
                                .storageClass(bucket.storageClass())
                                .serverSideEncryption(bucket.encryption())
                                .ssekmsKeyId(bucket.kmsKeyId()),
                        RequestBody.fromBytes(WORDS));
                return Check.warned(
                        "content-md5",
                        "accepts bytes that do not fit their checksum: damage on the way is found only afterwards, by"
                                + " comparing ETags and reading back");
            } catch (S3Exception e) {
                if (Failures.code(e).endsWith("Digest")) {
                    return Check.passed("content-md5", "refuses bytes that do not fit their checksum");
                }
                throw e;
            }
        });
    }

    private Check conditionalPut() throws BackupException, InterruptedException {
        ObjectKey key = probe("created");
        ConditionalWrites conditional = new ConditionalWrites(bucket);
        if (conditional.create(key, WORDS) == Creation.UNSUPPORTED) {
            return Check.warned(
                    "create-if-absent",
                    "cannot create an object only if it is absent, so jobs are not locked: two runs at once make two"
                            + " valid backups");
        }
        return conditional.create(key, WORDS) == Creation.EXISTS
                ? Check.passed("create-if-absent", "creates an object only if it is absent (412 if not)")
                : Check.failed(
                        "create-if-absent",
                        "claims to create the same object twice, so two runs could both hold the lock; use a store that"
                                + " honours If-None-Match");
    }

    private void tryUploads() throws InterruptedException {
        ObjectKey key = probe("multipart");
        attempt("multipart", Check.Status.FAILED, "nothing larger than partSize can be stored", () -> multipart(key));
        boolean stored = checks.get(checks.size() - 1).status() != Check.Status.FAILED;
        if (stored) {
            attempt(
                    "ranges",
                    Check.Status.FAILED,
                    "what is larger than 8 MiB could not be read back",
                    () -> ranges(key));
            attempt(
                    "conditional-complete",
                    Check.Status.WARNED,
                    "whether a multipart upload heeds If-None-Match is not known",
                    () -> conditionalComplete(key));
        }
        if (stored) {
            ObjectKey parts = probe("parts");
            attempt(
                    PartSizeTrial.NAME,
                    Check.Status.FAILED,
                    "large objects could not be stored",
                    () -> new PartSizeTrial(bucket, config, senders).run(parts));
        }
        unfinishedUploads();
    }

    private Check multipart(ObjectKey key) throws IOException, InterruptedException {
        PartBuffers memory = new PartBuffers(PART, 1);
        try (S3ObjectWriter writer = new S3ObjectWriter(
                bucket,
                key,
                Map.of(Sent.WRITE_ID, UUID.randomUUID().toString()),
                // What was tried has to go again.
                new ObjectLocks(bucket, null, clock),
                memory,
                new PartPlan(2, 1),
                senders)) {
            writer.body().write(content(0, PART + REST));
            StoredObject stored = writer.commit();
            return Check.passed("multipart", "two parts became one object of " + stored.sizeBytes() + " bytes");
        }
    }

    private static byte[] content(int from, int to) {
        byte[] content = new byte[to - from];
        for (int n = 0; n < content.length; n++) {
            content[n] = WORDS[(from + n) % WORDS.length];
        }
        return content;
    }

    private Check ranges(ObjectKey key) throws BackupException, InterruptedException {
        String full = bucket.keyOf(key);
        int first = PART - BORDER;
        int last = PART + BORDER - 1;
        byte[] answer = bucket.call(
                "read a range",
                client -> client.getObject(
                        request -> request.bucket(bucket.name()).key(full).range("bytes=" + first + "-" + last),
                        (response, in) -> in.readNBytes(2 * BORDER + 1)));
        return Arrays.equals(answer, content(first, last + 1))
                ? Check.passed("ranges", "gives out ranges of an object, here across two parts")
                : Check.failed(
                        "ranges",
                        "gives out something else than the range asked for, so what is larger than 8 MiB could not be"
                                + " read back; use a store that honours Range requests");
    }

    private Check conditionalComplete(ObjectKey taken) throws BackupException, InterruptedException {
        String full = bucket.keyOf(taken);
        MultipartUpload upload = begin(taken);
        Check check = bucket.call("complete an upload conditionally", client -> {
            try {
                client.completeMultipartUpload(request -> request.bucket(bucket.name())
                        .key(full)
                        .uploadId(upload.uploadId())
                        .ifNoneMatch("*")
                        .multipartUpload(completed -> completed.parts(CompletedPart.builder()
                                .partNumber(1)
                                .eTag('"' + Sent.etagOf(Md5.digest().digest(WORDS)) + '"')
                                .build())));
                return Check.warned(
                        "conditional-complete",
                        "replaces an object although If-None-Match forbids it; no two uploads have the same key, since"
                                + " keys hold the run's id");
            } catch (S3Exception e) {
                if (e.statusCode() == 412 || e.statusCode() == 409) {
                    return Check.passed(
                            "conditional-complete", "does not replace an object if If-None-Match forbids it");
                }
                throw e;
            }
        });
        abort(upload);
        return check;
    }

    private MultipartUpload begin(ObjectKey key) throws BackupException, InterruptedException {
        MultipartUpload upload = MultipartUpload.begin(
                bucket, key, Map.of(Sent.WRITE_ID, UUID.randomUUID().toString()), ObjectLocks.Terms.NONE, senders);
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

    private void abort(MultipartUpload upload) throws BackupException {
        upload.abort();
        begun.remove(upload);
    }

    /** Two checks: what a killed run leaves has to be found, and has to go. */
    private void unfinishedUploads() throws InterruptedException {
        List<MultipartUpload> uploads = new ArrayList<>();
        String lifecycle = "; have the bucket's lifecycle rules abort incomplete uploads";
        attempt(
                "unfinished-uploads",
                Check.Status.WARNED,
                "what a killed run has uploaded cannot be found, stays and is billed" + lifecycle,
                () -> {
                    uploads.add(begin(probe("unfinished")));
                    return listsUpload()
                            ? Check.passed("unfinished-uploads", "are listed, so that those of a killed run are found")
                            : Check.warned(
                                    "unfinished-uploads",
                                    "are not listed: what a killed run has uploaded stays and is billed" + lifecycle);
                });
        if (uploads.isEmpty()) {
            return;
        }
        attempt(
                "multipart-abort",
                Check.Status.WARNED,
                "what a failed run has uploaded stays and is billed" + lifecycle,
                () -> {
                    abort(uploads.get(0));
                    return checks.get(checks.size() - 1).status() == Check.Status.PASSED && listsUpload()
                            ? Check.warned(
                                    "multipart-abort",
                                    "an aborted upload is still listed, and may still be billed" + lifecycle)
                            : Check.passed("multipart-abort", "an aborted upload is gone");
                });
    }

    private boolean listsUpload() throws BackupException {
        String full = bucket.keyOf(new ObjectKey(directory + "unfinished"));
        List<String> listed = new ArrayList<>();
        new UnfinishedUploads(bucket).visit(full, (upload, storeTime) -> listed.add(upload.key()));
        return listed.contains(full);
    }

    // What was written

    private ObjectKey probe(String name) {
        ObjectKey key = new ObjectKey(directory + name);
        probes.add(key);
        return key;
    }

    private void removeProbes() throws InterruptedException {
        if (probes.isEmpty()) {
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
                why = told(e);
            }
        }
        try {
            Deletion deletion = new Deletion(bucket, new UnfinishedUploads(bucket), probes);
            deletion.run().refused().forEach((key, reason) -> left.add(key + " (" + reason + ")"));
            hidden = deletion.hasOnlyHidden();
        } catch (BackupException e) {
            probes.forEach(key -> left.add(key.value()));
            why = told(e);
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
                for (Iterator<StoredObject> all = new Listing(bucket, ROOT, ""); all.hasNext(); ) {
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
