package cloud.lvs.backup.sink.s3.diagnosis;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.bucket.UnfinishedUploads;
import cloud.lvs.backup.sink.s3.client.Md5;
import cloud.lvs.backup.sink.s3.upload.ExpectedObject;
import cloud.lvs.backup.sink.s3.upload.MultipartUpload;
import cloud.lvs.backup.sink.s3.upload.ObjectLocks;
import cloud.lvs.backup.sink.s3.upload.PartBuffers;
import cloud.lvs.backup.sink.s3.upload.PartPlan;
import cloud.lvs.backup.sink.s3.upload.S3ObjectWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Tries out uploads in parts: what they make, how it is read, what is left of those that are broken off. Used once. */
final class MultipartTrials {
    /** The least that S3 takes for a part that is not the last. */
    private static final int PART = 5 << 20;

    private static final int REST = 1024;
    private static final int BORDER = 16;

    private final Bucket bucket;
    private final S3SinkConfig config;
    private final Executor senders;
    private final Clock clock;
    private final Probes probes;
    private final Checks checks;

    MultipartTrials(Bucket bucket, S3SinkConfig config, Executor senders, Clock clock, Probes probes, Checks checks) {
        this.bucket = bucket;
        this.config = config;
        this.senders = senders;
        this.clock = clock;
        this.probes = probes;
        this.checks = checks;
    }

    void run() throws InterruptedException {
        ObjectKey key = probes.key("multipart");
        checks.attempt(
                "multipart", Check.Status.FAILED, "nothing larger than partSize can be stored", () -> multipart(key));
        boolean stored = checks.lastStatus() != Check.Status.FAILED;
        if (stored) {
            checks.attempt(
                    "ranges",
                    Check.Status.FAILED,
                    "what is larger than 8 MiB could not be read back",
                    () -> ranges(key));
            checks.attempt(
                    "conditional-complete",
                    Check.Status.WARNED,
                    "whether a multipart upload heeds If-None-Match is not known",
                    () -> conditionalComplete(key));
        }
        if (stored) {
            ObjectKey parts = probes.key("parts");
            checks.attempt(
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
                Map.of(ExpectedObject.WRITE_ID, UUID.randomUUID().toString()),
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
            content[n] = Probes.WORDS[(from + n) % Probes.WORDS.length];
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
        MultipartUpload upload = probes.begin(taken);
        Check check = bucket.call("complete an upload conditionally", client -> {
            try {
                client.completeMultipartUpload(request -> request.bucket(bucket.name())
                        .key(full)
                        .uploadId(upload.uploadId())
                        .ifNoneMatch("*")
                        .multipartUpload(completed -> completed.parts(CompletedPart.builder()
                                .partNumber(1)
                                .eTag('"' + ExpectedObject.etagOf(Md5.digest().digest(Probes.WORDS)) + '"')
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
        probes.abort(upload);
        return check;
    }

    /** Two checks: what a killed run leaves has to be found, and has to go. */
    private void unfinishedUploads() throws InterruptedException {
        List<MultipartUpload> uploads = new ArrayList<>();
        String lifecycle = "; have the bucket's lifecycle rules abort incomplete uploads";
        checks.attempt(
                "unfinished-uploads",
                Check.Status.WARNED,
                "what a killed run has uploaded cannot be found, stays and is billed" + lifecycle,
                () -> {
                    uploads.add(probes.begin(probes.key("unfinished")));
                    return listsUpload()
                            ? Check.passed("unfinished-uploads", "are listed, so that those of a killed run are found")
                            : Check.warned(
                                    "unfinished-uploads",
                                    "are not listed: what a killed run has uploaded stays and is billed" + lifecycle);
                });
        if (uploads.isEmpty()) {
            return;
        }
        checks.attempt(
                "multipart-abort",
                Check.Status.WARNED,
                "what a failed run has uploaded stays and is billed" + lifecycle,
                () -> {
                    probes.abort(uploads.get(0));
                    return checks.lastStatus() == Check.Status.PASSED && listsUpload()
                            ? Check.warned(
                                    "multipart-abort",
                                    "an aborted upload is still listed, and may still be billed" + lifecycle)
                            : Check.passed("multipart-abort", "an aborted upload is gone");
                });
    }

    private boolean listsUpload() throws BackupException {
        String full = bucket.keyOf(probes.key("unfinished"));
        List<String> listed = new ArrayList<>();
        new UnfinishedUploads(bucket).visit(full, (upload, storeTime) -> listed.add(upload.key()));
        return listed.contains(full);
    }
}
