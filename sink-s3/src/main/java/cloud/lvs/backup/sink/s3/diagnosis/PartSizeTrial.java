package cloud.lvs.backup.sink.s3.diagnosis;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.sink.s3.upload.ExpectedObject;
import cloud.lvs.backup.sink.s3.upload.MultipartUpload;
import cloud.lvs.backup.sink.s3.upload.ObjectLocks;
import cloud.lvs.backup.sink.s3.upload.PartBuffer;
import cloud.lvs.backup.sink.s3.upload.PartBuffers;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Tries out whether a store takes parts as large as an upload sends them, and of different sizes: some want all parts but the
 * last of one size, and say so only when everything has been sent.
 */
record PartSizeTrial(Bucket bucket, S3SinkConfig config, Executor senders) {
    static final String NAME = "part-sizes";

    /** Larger ones would take more memory than a doctor should. */
    private static final int LARGEST = 32 << 20;

    private static final byte[] CONTENT = new byte[64 * 1024];

    /** @param key of the object that is made, and left to the caller */
    Check run(ObjectKey key) throws BackupException, InterruptedException {
        int smallest = (int) S3SinkConfig.SMALLEST_PART.bytes();
        int full = (int) Math.min(LARGEST, config.partSize().bytes());
        List<Integer> sizes = config.equalParts()
                ? List.of(full, CONTENT.length)
                : List.of(smallest, Math.max(full, smallest + CONTENT.length), CONTENT.length);
        MultipartUpload upload = MultipartUpload.begin(
                bucket,
                key,
                Map.of(ExpectedObject.WRITE_ID, UUID.randomUUID().toString()),
                ObjectLocks.Terms.NONE,
                senders);
        boolean complete = false;
        try {
            for (int size : sizes) {
                send(upload, size);
            }
            upload.complete();
            complete = true;
        } catch (BackupException e) {
            if (e.getCause() instanceof S3Exception answer
                    && ExceptionTranslator.code(answer).equals("InvalidPart")
                    && !config.equalParts()) {
                return Check.failed(
                        NAME,
                        "wants all parts but the last of one size, so a large object would be refused after all of it was"
                                + " sent; set equalParts: true");
            }
            throw e;
        } finally {
            if (!complete) {
                upload.abort();
            }
        }
        ByteSize tried = new ByteSize(full);
        return Check.passed(
                NAME,
                config.equalParts()
                        ? "takes a part of " + tried + "; all but the last have one size"
                        : "takes parts of different sizes, up to " + tried + " here");
    }

    private static void send(MultipartUpload upload, int size) throws BackupException, InterruptedException {
        PartBuffers memory = new PartBuffers(size, 1);
        PartBuffer part = new PartBuffer(memory, memory.take());
        while (!part.isFull()) {
            part.append(CONTENT, 0, CONTENT.length);
        }
        part.seal();
        upload.send(part);
        upload.awaitOldest();
    }
}
