package cloud.lvs.backup.sink.s3.upload;

import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.client.Md5;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** An upload in parts, several of them on their way at once. Used from one thread; the parts are sent by others. */
public final class MultipartUpload {
    private final Bucket bucket;
    private final ObjectKey key;
    private final String fullKey;
    private final String uploadId;
    private final ObjectLocks.Terms terms;
    private final Executor senders;
    private final Deque<Part> inFlight = new ArrayDeque<>();
    private final SortedMap<Integer, CompletedPart> sent = new TreeMap<>();
    private final MessageDigest md5OfMd5s = Md5.digest();
    private int parts;
    private long sizeBytes;
    private volatile @Nullable BackupException failure;

    private MultipartUpload(
            Bucket bucket, ObjectKey key, String fullKey, String uploadId, ObjectLocks.Terms terms, Executor senders) {
        this.bucket = bucket;
        this.key = key;
        this.fullKey = fullKey;
        this.uploadId = uploadId;
        this.terms = terms;
        this.senders = senders;
    }

    public static MultipartUpload begin(
            Bucket bucket, ObjectKey key, Map<String, String> metadata, ObjectLocks.Terms terms, Executor senders)
            throws BackupException {
        String fullKey = bucket.keyOf(key);
        // To its end even if interrupted: an upload whose id is not known could not be discarded.
        String uploadId = bucket.finish(
                "begin object " + key,
                client -> client.createMultipartUpload(request -> request.bucket(bucket.name())
                                .key(fullKey)
                                .metadata(metadata)
                                .storageClass(bucket.attributes().storageClass())
                                .serverSideEncryption(bucket.attributes().encryption())
                                .ssekmsKeyId(bucket.attributes().kmsKeyId())
                                .tagging(bucket.attributes().tagging())
                                .objectLockMode(terms.mode())
                                .objectLockRetainUntilDate(terms.until())
                                .objectLockLegalHoldStatus(terms.hold()))
                        .uploadId());
        if (uploadId == null || uploadId.isEmpty()) {
            throw new BackupException(
                    Kind.SINK,
                    bucket.target(),
                    "began object " + key + " without naming the upload",
                    "this does not look like an S3 store; check the endpoint");
        }
        return new MultipartUpload(bucket, key, fullKey, uploadId, terms, senders);
    }

    public String uploadId() {
        return uploadId;
    }

    /** How many parts were handed over. */
    int parts() {
        return parts;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** What S3 makes the ETag of the parts handed over; ends the upload's digest. */
    String etag() {
        return ExpectedObject.etagOf(md5OfMd5s.digest(), parts);
    }

    /** What the finished object is to be locked by. */
    ObjectLocks.Terms terms() {
        return terms;
    }

    public void throwFailure() throws BackupException {
        BackupException seen = failure;
        if (seen != null) {
            throw seen;
        }
    }

    /** Takes over a sealed part and its memory. */
    public void send(PartBuffer buffer) {
        parts++;
        sizeBytes += buffer.length();
        md5OfMd5s.update(buffer.digest());
        Part part = new Part(parts, buffer);
        inFlight.add(part);
        try {
            senders.execute(part);
        } catch (RejectedExecutionException e) {
            part.end();
            throw new IllegalStateException("the sink of " + bucket.target() + " is closed", e);
        }
    }

    /** Waits for the part that has been on its way longest; false if there is none. */
    public boolean awaitOldest() throws BackupException, InterruptedException {
        Part oldest = inFlight.peek();
        if (oldest == null) {
            return false;
        }
        oldest.ended.await();
        inFlight.remove();
        throwFailure();
        return true;
    }

    /** Sends the final request; every part has to be handed over. */
    public void complete() throws BackupException, InterruptedException {
        while (awaitOldest()) {
            throwFailure();
        }
        List<CompletedPart> all;
        synchronized (sent) {
            all = List.copyOf(sent.values());
        }
        bucket.call(
                "complete object " + key,
                client -> client.completeMultipartUpload(request -> request.bucket(bucket.name())
                        .key(fullKey)
                        .uploadId(uploadId)
                        .overrideConfiguration(bucket.large())
                        .multipartUpload(completed -> completed.parts(all))));
    }

    /** Stops the parts on their way and discards what the store has of them; works on an interrupted thread. */
    public void abort() throws BackupException {
        inFlight.forEach(Part::cancel);
        boolean late = false;
        for (Part part : inFlight) {
            late |= part.ended.getCount() > 0;
            awaitUninterrupted(part.ended);
        }
        inFlight.clear();
        discard();
        if (late) {
            // A part that arrived while the upload was discarded may have survived it.
            discard();
        }
    }

    private void discard() throws BackupException {
        bucket.finish("discard the unfinished object " + key, client -> {
            try {
                client.abortMultipartUpload(
                        request -> request.bucket(bucket.name()).key(fullKey).uploadId(uploadId));
            } catch (S3Exception e) {
                if (e.statusCode() != 404) {
                    throw e;
                }
            }
            return true;
        });
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Part implements Runnable {
        private final int number;
        private final PartBuffer buffer;
        private final CountDownLatch ended = new CountDownLatch(1);
        private boolean cancelled;
        private @Nullable Thread sender;

        Part(int number, PartBuffer buffer) {
            this.number = number;
            this.buffer = buffer;
        }

        @Override
        public void run() {
            try {
                if (begin() && failure == null) {
                    upload();
                }
            } catch (BackupException e) {
                failure = e;
            } catch (InterruptedException e) {
                // Only cancel() interrupts a sender: nobody waits for this part any more.
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                failure = new BackupException(
                        Kind.FAILED,
                        bucket.target(),
                        "cannot write part " + number + " of object " + key + " ("
                                + e.getClass().getSimpleName() + ")",
                        e instanceof OutOfMemoryError
                                ? "give the process more memory, or lower partSize"
                                : "report this as a bug",
                        e);
            } finally {
                end();
            }
        }

        private synchronized boolean begin() {
            sender = Thread.currentThread();
            return !cancelled;
        }

        private void upload() throws BackupException, InterruptedException {
            UploadPartResponse answer = bucket.call(
                    "write part " + number + " of object " + key,
                    client -> client.uploadPart(
                            request -> request.bucket(bucket.name())
                                    .key(fullKey)
                                    .uploadId(uploadId)
                                    .partNumber(number)
                                    .contentMD5(buffer.contentMd5())
                                    .overrideConfiguration(bucket.large()),
                            RequestBody.fromContentProvider(
                                    buffer::open, buffer.length(), "application/octet-stream")));
            String expected = ExpectedObject.etagOf(buffer.digest());
            String etag = answer.eTag();
            boolean telling = bucket.hasTellingEtags()
                    && (answer.serverSideEncryption() == null
                            || answer.serverSideEncryption() == ServerSideEncryption.AES256)
                    && answer.sseCustomerAlgorithm() == null;
            if (telling && ExpectedObject.contradicts(expected, etag)) {
                throw new BackupException(
                        Kind.SINK,
                        bucket.target(),
                        "kept other bytes of part " + number + " of object " + key + " than were sent",
                        "use another store, or set opaqueEtags: true if this one's ETags are not MD5 sums");
            }
            String reference = etag == null || etag.isEmpty() ? '"' + expected + '"' : etag;
            synchronized (sent) {
                sent.put(
                        number,
                        CompletedPart.builder()
                                .partNumber(number)
                                .eTag(reference)
                                .build());
            }
        }

        synchronized void cancel() {
            cancelled = true;
            buffer.cancel();
            if (sender != null) {
                sender.interrupt();
                bucket.giveUp(sender);
            }
        }

        /** After it nobody interrupts the sender, which goes on to other parts. */
        private void end() {
            synchronized (this) {
                if (sender != null) {
                    sender = null;
                    Thread.interrupted();
                }
            }
            buffer.release();
            ended.countDown();
        }
    }
}
