package cloud.lvs.backup.sink.s3.diagnosis;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.sink.s3.client.Md5;
import cloud.lvs.backup.sink.s3.upload.ConditionalWrites;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.ObjectKey;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Tries out what a store can and cannot do, with objects below {@code .lvs-backup-doctor/} that it removes on every path. A
 * check warns of what a backup copes with, and fails where backups would be impossible or unsafe. Used once.
 */
public final class StoreDiagnosis {
    private final Bucket bucket;
    private final @Nullable ObjectLock lock;
    private final Clock clock;
    private final Probes probes;
    private final Checks checks = new Checks();
    private final MultipartTrials multipart;

    /**
     * @param config of the sink; what it says of locks is not done to what is tried here
     * @param senders carries the parts of uploads
     */
    public StoreDiagnosis(Bucket bucket, S3SinkConfig config, Executor senders, Clock clock) {
        this.bucket = bucket;
        this.lock = config.objectLock();
        this.clock = clock;
        this.probes = new Probes(bucket, senders, clock);
        this.multipart = new MultipartTrials(bucket, config, senders, clock, probes, checks);
    }

    public List<Check> run() throws InterruptedException {
        try {
            Optional<SdkHttpResponse> reached = reach();
            if (reached.isPresent()) {
                look(reached.get());
                tryObjects();
                multipart.run();
            }
        } finally {
            probes.remove(checks);
        }
        return checks.all();
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
            checks.add(Check.failed("bucket", "no backup can be made: " + e.target() + ": " + Checks.told(e)));
            return Optional.empty();
        }
    }

    private void look(SdkHttpResponse head) throws InterruptedException {
        ReadOnlyChecks view = new ReadOnlyChecks(bucket, lock, clock);
        checks.add(view.transport());
        checks.add(view.addressing());
        checks.add(view.region(head));
        checks.add(view.clockSkew(head));
        checks.add(view.usage(head));
        checks.attempt(
                "versioning", Check.Status.WARNED, "whether the bucket keeps versions is not known", view::versioning);
        checks.attempt("object-lock", Check.Status.WARNED, "whether Object Lock is on is not known", view::objectLock);
    }

    private void tryObjects() throws InterruptedException {
        checks.attempt("content-md5", Check.Status.FAILED, "no object can be written", this::contentMd5);
        checks.attempt("create-if-absent", Check.Status.FAILED, "no object can be created", this::conditionalPut);
    }

    private Check contentMd5() throws BackupException, InterruptedException {
        ObjectKey key = probes.key("damaged");
        String full = bucket.keyOf(key);
        String other = Base64.getEncoder().encodeToString(Md5.digest().digest(new byte[] {1}));
        return bucket.call("write a damaged object", client -> {
            try {
                client.putObject(
                        request -> request.bucket(bucket.name())
                                .key(full)
                                .contentMD5(other)
                                .storageClass(bucket.attributes().storageClass())
                                .serverSideEncryption(bucket.attributes().encryption())
                                .ssekmsKeyId(bucket.attributes().kmsKeyId()),
                        RequestBody.fromBytes(Probes.WORDS));
                return Check.warned(
                        "content-md5",
                        "accepts bytes that do not fit their checksum: damage on the way is found only afterwards, by"
                                + " comparing ETags and reading back");
            } catch (S3Exception e) {
                if (ExceptionTranslator.code(e).endsWith("Digest")) {
                    return Check.passed("content-md5", "refuses bytes that do not fit their checksum");
                }
                throw e;
            }
        });
    }

    private Check conditionalPut() throws BackupException, InterruptedException {
        ObjectKey key = probes.key("created");
        ConditionalWrites conditional = new ConditionalWrites(bucket);
        if (conditional.create(key, Probes.WORDS) == Creation.UNSUPPORTED) {
            return Check.warned(
                    "create-if-absent",
                    "cannot create an object only if it is absent, so jobs are not locked: two runs at once make two"
                            + " valid backups");
        }
        return conditional.create(key, Probes.WORDS) == Creation.EXISTS
                ? Check.passed("create-if-absent", "creates an object only if it is absent (412 if not)")
                : Check.failed(
                        "create-if-absent",
                        "claims to create the same object twice, so two runs could both hold the lock; use a store that"
                                + " honours If-None-Match");
    }
}
