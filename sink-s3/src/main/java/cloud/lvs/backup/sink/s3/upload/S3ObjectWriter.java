package cloud.lvs.backup.sink.s3.upload;

import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.client.Md5;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.Tag;

/**
 * An object on its way. Up to 64 KiB wait in memory of their own, up to a part in one block of the sink's; they become a
 * single PUT. More become parts.
 *
 * <p>A part is read to its end before it is sent: a store cuts a connection on which a slow source leaves it waiting.
 */
public final class S3ObjectWriter implements ObjectWriter {
    private static final int SMALL = 64 * 1024;

    private enum State {
        OPEN,
        COMMITTED,
        ABORTED
    }

    private final Bucket bucket;
    private final ObjectKey key;
    private final Map<String, String> metadata;
    private final ObjectLocks locks;
    private final PartBuffers memory;
    private final PartPlan plan;
    private final Executor senders;
    private final Body body = new Body();

    private State state = State.OPEN;
    private @Nullable ByteArrayOutputStream small = new ByteArrayOutputStream(1024);
    private @Nullable PartBuffer filling;
    private @Nullable MultipartUpload upload;
    private @Nullable IOException broken;

    /** @param metadata with the {@link ExpectedObject#WRITE_ID} */
    public S3ObjectWriter(
            Bucket bucket,
            ObjectKey key,
            Map<String, String> metadata,
            ObjectLocks locks,
            PartBuffers memory,
            PartPlan plan,
            Executor senders) {
        this.bucket = bucket;
        this.key = key;
        this.metadata = metadata;
        this.locks = locks;
        this.memory = memory;
        this.plan = plan;
        this.senders = senders;
    }

    @Override
    public OutputStream body() {
        return body;
    }

    @Override
    public StoredObject commit() throws IOException, InterruptedException {
        requireOpen();
        if (broken != null) {
            throw broken;
        }
        locks.beforeCommit(key);
        StoredObject stored = upload == null ? put() : complete(upload);
        state = State.COMMITTED;
        releaseFilling();
        memory.trim();
        return stored;
    }

    private StoredObject put() throws BackupException, InterruptedException {
        Supplier<InputStream> content;
        byte[] md5;
        int length;
        PartBuffer block = filling;
        if (block != null) {
            block.seal();
            content = block::open;
            md5 = block.digest();
            length = block.length();
        } else {
            byte[] bytes = small == null ? new byte[0] : small.toByteArray();
            content = () -> new ByteArrayInputStream(bytes);
            md5 = Md5.digest().digest(bytes);
            length = bytes.length;
        }
        String fullKey = bucket.keyOf(key);
        ExpectedObject sent = sent(length, ExpectedObject.etagOf(md5));
        ObjectLocks.Terms terms = locks.termsOf(key);
        try {
            bucket.call(
                    "write object " + key,
                    client -> client.putObject(
                            request -> request.bucket(bucket.name())
                                    .key(fullKey)
                                    .metadata(metadata)
                                    .contentMD5(Base64.getEncoder().encodeToString(md5))
                                    .storageClass(bucket.attributes().storageClass())
                                    .serverSideEncryption(bucket.attributes().encryption())
                                    .ssekmsKeyId(bucket.attributes().kmsKeyId())
                                    .tagging(bucket.attributes().tagging())
                                    .objectLockMode(terms.mode())
                                    .objectLockRetainUntilDate(terms.until())
                                    .objectLockLegalHoldStatus(terms.hold())
                                    .overrideConfiguration(bucket.large()),
                            RequestBody.fromContentProvider(content::get, length, "application/octet-stream")));
        } catch (BackupException e) {
            return storedAllTheSame(sent, terms, e);
        }
        return confirm(sent, terms);
    }

    private StoredObject complete(MultipartUpload parts) throws BackupException, InterruptedException {
        PartBuffer last = filling;
        if (last != null) {
            send(last);
        }
        while (parts.awaitOldest()) {
            // Until every part has arrived.
        }
        ExpectedObject sent = sent(parts.sizeBytes(), parts.etag());
        try {
            parts.complete();
        } catch (BackupException e) {
            return storedAllTheSame(sent, parts.terms(), e);
        }
        StoredObject stored = confirm(sent, parts.terms());
        tagAgain();
        return stored;
    }

    /** Ceph drops the tags of an upload in parts, as it does its locks. */
    private void tagAgain() throws BackupException, InterruptedException {
        List<Tag> wanted = bucket.attributes().tags();
        if (wanted.isEmpty()) {
            return;
        }
        String fullKey = bucket.keyOf(key);
        bucket.call("tag object " + key, client -> {
            List<Tag> found = client.getObjectTagging(
                            request -> request.bucket(bucket.name()).key(fullKey))
                    .tagSet();
            if (!found.containsAll(wanted)) {
                client.putObjectTagging(request ->
                        request.bucket(bucket.name()).key(fullKey).tagging(tagging -> tagging.tagSet(wanted)));
            }
            return true;
        });
    }

    private ExpectedObject sent(long sizeBytes, String etag) {
        return new ExpectedObject(
                sizeBytes,
                etag,
                metadata.getOrDefault(ExpectedObject.WRITE_ID, ""),
                bucket.hasTellingEtags() ? ExpectedObject.Etags.TELLING : ExpectedObject.Etags.OPAQUE);
    }

    /** The last request failed, but it may have been only its reply that was lost. */
    private StoredObject storedAllTheSame(ExpectedObject sent, ObjectLocks.Terms terms, BackupException failure)
            throws BackupException, InterruptedException {
        if (failure.kind() == Kind.CREDENTIALS) {
            throw failure;
        }
        Optional<HeadObjectResponse> found;
        try {
            found = bucket.head(key);
        } catch (BackupException e) {
            failure.addSuppressed(e);
            throw failure;
        }
        HeadObjectResponse head = found.filter(sent::isCertainly).orElseThrow(() -> failure);
        locks.enforce(key, terms, head);
        return stored(head);
    }

    private StoredObject confirm(ExpectedObject sent, ObjectLocks.Terms terms)
            throws BackupException, InterruptedException {
        HeadObjectResponse head =
                bucket.head(key).orElseThrow(() -> lie("does not have object " + key + " although it accepted it", ""));
        if (sent.compare(head) == ExpectedObject.Verdict.ALTERED) {
            throw head.contentLength() == sent.sizeBytes()
                    ? lie(
                            "keeps other bytes of object " + key + " than were sent",
                            " (if only its ETags are no MD5 sums, set opaqueEtags: true)")
                    : lie(
                            "keeps " + head.contentLength() + " bytes of object " + key + ", " + sent.sizeBytes()
                                    + " were sent",
                            "");
        }
        locks.enforce(key, terms, head);
        return stored(head);
    }

    private StoredObject stored(HeadObjectResponse head) {
        return new StoredObject(key.value(), head.contentLength(), head.lastModified());
    }

    private BackupException lie(String problem, String furtherRemedy) {
        return new BackupException(
                Kind.SINK,
                bucket.target(),
                problem,
                "this store does not keep what it is given; use another" + furtherRemedy);
    }

    @Override
    public void close() throws BackupException {
        if (state != State.OPEN) {
            return;
        }
        state = State.ABORTED;
        releaseFilling();
        try {
            if (upload != null) {
                upload.abort();
            }
        } finally {
            memory.trim();
        }
    }

    private void releaseFilling() {
        small = null;
        if (filling != null) {
            filling.release();
            filling = null;
        }
    }

    private void requireOpen() {
        if (state != State.OPEN) {
            throw new IllegalStateException(
                    "object " + key + " is " + (state == State.COMMITTED ? "committed" : "aborted"));
        }
    }

    private void append(byte[] bytes, int offset, int length) throws BackupException, InterruptedException {
        if (small != null) {
            if (small.size() + length <= SMALL) {
                small.write(bytes, offset, length);
                return;
            }
            byte[] head = small.toByteArray();
            small = null;
            fill(head, 0, head.length);
        }
        fill(bytes, offset, length);
    }

    private void fill(byte[] bytes, int offset, int length) throws BackupException, InterruptedException {
        int done = 0;
        while (done < length) {
            if (upload != null) {
                upload.throwFailure();
            }
            PartBuffer part = filling;
            if (part == null) {
                part = new PartBuffer(memory, memory.take());
                filling = part;
            } else if (part.isFull() && !grow(part)) {
                send(part);
                continue;
            }
            done += part.append(bytes, offset + done, length - done);
        }
    }

    /** A block more, if a part of this number may have one and there is one, now or after parts of this object are sent. */
    private boolean grow(PartBuffer part) throws BackupException, InterruptedException {
        MultipartUpload parts = upload;
        if (parts == null || part.blockCount() >= plan.blocksOf(parts.parts() + 1)) {
            return false;
        }
        byte[] block = memory.takeIfFree();
        while (block == null && parts.awaitOldest()) {
            block = memory.takeIfFree();
        }
        // Never waiting for other objects' blocks while holding some: two could wait for each other.
        if (block == null) {
            return false;
        }
        part.extend(block);
        return true;
    }

    private void send(PartBuffer part) throws BackupException, InterruptedException {
        if (upload == null) {
            upload = MultipartUpload.begin(bucket, key, metadata, locks.termsOf(key), senders);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted when object " + key + " was begun");
            }
        }
        if (upload.parts() == plan.maxParts()) {
            throw new BackupException(
                    Kind.SINK,
                    "object " + key,
                    "is larger than " + plan.maxParts() + " parts, all that the store takes",
                    "raise partSize");
        }
        part.seal();
        filling = null;
        upload.send(part);
    }

    private final class Body extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            requireOpen();
            if (broken != null) {
                throw broken;
            }
            try {
                append(bytes, offset, length);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                InterruptedIOException stopped = new InterruptedIOException("asked to stop writing object " + key);
                stopped.initCause(e);
                broken = stopped;
                throw stopped;
            } catch (IOException e) {
                broken = e;
                throw e;
            }
        }
    }
}
