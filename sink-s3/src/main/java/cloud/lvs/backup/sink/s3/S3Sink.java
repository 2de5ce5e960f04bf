package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.bucket.BucketUsage;
import cloud.lvs.backup.sink.s3.bucket.Listing;
import cloud.lvs.backup.sink.s3.bucket.ObjectDeletion;
import cloud.lvs.backup.sink.s3.bucket.RangedInputStream;
import cloud.lvs.backup.sink.s3.bucket.UnfinishedUploads;
import cloud.lvs.backup.sink.s3.client.StoreLocation;
import cloud.lvs.backup.sink.s3.diagnosis.StoreDiagnosis;
import cloud.lvs.backup.sink.s3.upload.ConditionalWrites;
import cloud.lvs.backup.sink.s3.upload.ExpectedObject;
import cloud.lvs.backup.sink.s3.upload.ObjectLocks;
import cloud.lvs.backup.sink.s3.upload.PartBuffers;
import cloud.lvs.backup.sink.s3.upload.PartPlan;
import cloud.lvs.backup.sink.s3.upload.S3ObjectWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.spi.Usage;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Keeps objects in a bucket. Uploads share a fixed amount of memory, {@code partSize × (partsInFlight + 1)}, and at most
 * 64 KiB for each object that is open; each stream that is read takes up to 8 MiB. When the shared memory is in use, a write
 * waits: so one thread must not write more than {@code partsInFlight} large objects in turns.
 *
 * <p>Every object carries the metadata {@code lvs-write}, a random text that tells one write from another.
 *
 * <p>Of a versioned bucket only what is seen now counts: an object under a delete marker is absent. {@link #delete} frees the
 * space of all versions, see {@link ObjectDeletion}; the first one that refused nothing also discards stale uploads, see
 * {@link UnfinishedUploads#sweepOnce}.
 */
final class S3Sink implements Sink {
    private static final int CONDITIONAL_LIMIT = 64 * 1024;

    private final Bucket bucket;
    private final S3SinkConfig config;
    private final Clock clock;
    private final PartBuffers memory;
    private final PartPlan plan;
    private final ThreadPoolExecutor senders;
    private final ConditionalWrites conditional;
    private final ObjectLocks locks;
    private final UnfinishedUploads uploads;

    S3Sink(S3SinkConfig config, Bucket bucket, Clock clock) {
        this(config, bucket, clock, (int) config.partSize().bytes());
    }

    /** @param partBytes instead of the part size of the configuration, which S3 does not let be small */
    S3Sink(S3SinkConfig config, Bucket bucket, Clock clock, int partBytes) {
        this.bucket = bucket;
        this.config = config;
        this.clock = clock;
        int blocks = config.partsInFlight() + 1;
        this.memory = new PartBuffers(partBytes, blocks);
        int mostBlocks = config.equalParts() ? 1 : (int) Math.min(blocks, Integer.MAX_VALUE / partBytes);
        this.plan = new PartPlan(config.maxParts(), mostBlocks);
        this.senders = new ThreadPoolExecutor(
                config.partsInFlight(),
                config.partsInFlight(),
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                daemons());
        this.senders.allowCoreThreadTimeOut(true);
        this.locks = new ObjectLocks(bucket, config.objectLock(), clock);
        this.uploads = new UnfinishedUploads(bucket);
        this.conditional = new ConditionalWrites(bucket);
    }

    private static ThreadFactory daemons() {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "s3-upload-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws BackupException {
        bucket.keyOf(key);
        Map<String, String> all = new HashMap<>(metadata);
        all.forEach((name, value) -> {
            if (!(name + value).chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw new IllegalArgumentException("metadata '" + name + "' of object " + key + " is not plain ASCII");
            }
        });
        all.put(ExpectedObject.WRITE_ID, UUID.randomUUID().toString());
        return new S3ObjectWriter(bucket, key, Map.copyOf(all), locks, memory, plan, senders);
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws BackupException, InterruptedException {
        if (content.length > CONDITIONAL_LIMIT) {
            throw new IllegalArgumentException(
                    "at most 64 KiB can be created conditionally, " + key + " has " + content.length + " bytes");
        }
        return conditional.create(key, content);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws BackupException, InterruptedException {
        return bucket.head(key).map(head -> new StoredObject(key.value(), head.contentLength(), head.lastModified()));
    }

    @Override
    public InputStream open(ObjectKey key) throws BackupException, InterruptedException {
        return RangedInputStream.open(bucket, key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) {
        return list(prefix, "");
    }

    @Override
    public Stream<StoredObject> list(String prefix, String after) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        new Listing(bucket, prefix, after), Spliterator.ORDERED | Spliterator.NONNULL),
                false);
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws BackupException {
        DeleteReport report = new ObjectDeletion(bucket, uploads, keys).run();
        if (!keys.isEmpty() && report.isComplete()) {
            uploads.sweepOnce();
        }
        return report;
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        String command =
                "aws s3 cp " + quoted("s3://" + bucket.name() + "/" + bucket.prefix() + key) + " - --only-show-errors";
        StoreLocation location = bucket.location();
        if (location.endpoint() != null) {
            command += " --endpoint-url " + quoted(location.endpoint().toString());
        }
        command += " --region " + quoted(location.region());
        Path customerKey = bucket.customerKeyFile();
        return customerKey == null
                ? command
                : command + " --sse-c AES256 --sse-c-key " + quoted("fileb://" + customerKey);
    }

    private static String quoted(String argument) {
        return "'" + argument.replace("'", "'\\''") + "'";
    }

    @Override
    public List<Check> diagnose() throws InterruptedException {
        return new StoreDiagnosis(bucket, config, senders, clock).run();
    }

    @Override
    public List<Usage> usage(Usage.Scope scope) throws BackupException, InterruptedException {
        return new BucketUsage(bucket).of(scope);
    }

    @Override
    public void close() {
        senders.shutdown();
        bucket.close();
    }

    /** How many blocks of the upload memory are not in use; all of them when nothing is being written. */
    int freeBlocks() {
        return memory.free();
    }
}
