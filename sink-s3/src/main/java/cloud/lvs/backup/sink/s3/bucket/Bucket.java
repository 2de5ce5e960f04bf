package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfig.Encryption;
import cloud.lvs.backup.sink.s3.client.EnvironmentVariables;
import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.sink.s3.client.LazyS3Client;
import cloud.lvs.backup.sink.s3.client.StoreLocation;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ProviderContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** One bucket: sends requests to it and explains their failures. Thread-safe. */
public final class Bucket implements AutoCloseable {
    /** Makes one request, any exception of the SDK's passing through. */
    @FunctionalInterface
    public interface Request<T> {
        T send(S3Client client);
    }

    private static final int MAX_KEY_BYTES = 1024;

    private final S3SinkConfig config;
    private final String name;
    private final LazyS3Client connection;
    private final ExceptionTranslator failures;
    private final ObjectAttributes attributes;
    private final String prefix;
    private final AwsRequestOverrideConfiguration large;
    private volatile boolean known;
    private volatile @Nullable Boolean versioned;

    private Bucket(S3SinkConfig config, String name, String prefix, LazyS3Client connection) {
        this.config = config;
        this.name = name;
        this.connection = connection;
        this.failures = new ExceptionTranslator(config, name, connection.location(), connection.proxyBefore(name));
        this.attributes = new ObjectAttributes(config);
        this.prefix = prefix;
        this.large = AwsRequestOverrideConfiguration.builder()
                .apiCallAttemptTimeout(config.requestTimeout())
                .build();
    }

    /**
     * The bucket of a sink. Asks nothing yet.
     *
     * @throws IllegalArgumentException if there can be no such store; the message names the key
     */
    public static Bucket of(S3SinkConfig config, EnvironmentVariables environment, ProviderContext context) {
        return new Bucket(
                config,
                config.bucket(),
                config.prefix().isEmpty() ? "" : config.prefix() + "/",
                LazyS3Client.of(config, environment, context));
    }

    public String name() {
        return name;
    }

    /** All of a bucket of the same store, to look at: it is never made. Shares the connection, so it is not to be closed. */
    Bucket whole(String bucket) {
        Bucket whole = new Bucket(config, bucket, "", connection);
        whole.known = true;
        return whole;
    }

    public StoreLocation location() {
        return connection.location();
    }

    /** Host and port of the proxy that requests go through, if they do. */
    public Optional<String> proxy() {
        return connection.proxyBefore(name);
    }

    /** What every key of the sink begins with: empty, or with a slash at its end. */
    public String prefix() {
        return prefix;
    }

    /** For messages. */
    public String target() {
        return failures.target();
    }

    /** For requests that carry an object's bytes or wait for the store to put them together. */
    public AwsRequestOverrideConfiguration large() {
        return large;
    }

    public String keyOf(ObjectKey key) throws BackupException {
        String full = prefix + key;
        if (full.getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
            throw new BackupException(
                    Kind.SINK,
                    "object " + key,
                    "its key with the sink's prefix is longer than 1,024 bytes, the limit of S3",
                    "shorten the prefix");
        }
        return full;
    }

    /** What new objects are given. */
    public ObjectAttributes attributes() {
        return attributes;
    }

    /** For {@link Encryption#CUSTOMER}. */
    @Nullable
    public Path customerKeyFile() {
        return config.customerKeyFile();
    }

    /** Whether the ETags of what this sink writes are the MD5 sums that S3 describes. */
    public boolean hasTellingEtags() {
        return !config.opaqueEtags()
                && config.encryption() != Encryption.KMS
                && config.encryption() != Encryption.CUSTOMER;
    }

    /**
     * Sends a request.
     *
     * @param doing for the message, e.g. {@code list objects}
     * @throws InterruptedException if the thread was interrupted; what the request did is not known
     */
    public <T> T call(String doing, Request<T> request) throws BackupException, InterruptedException {
        S3Client client = connection.client();
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before the request to " + doing);
        }
        try {
            if (config.createBucket() && !known) {
                createIfMissing(client);
            }
            T answer = request.send(client);
            known = true;
            return answer;
        } catch (AbortedException e) {
            Thread.interrupted();
            throw (InterruptedException)
                    new InterruptedException("interrupted in the request to " + doing).initCause(e);
        } catch (SdkException e) {
            throw failures.explain(doing, e);
        }
    }

    /**
     * As {@link #call}, for what changes nothing: an interrupt ends it at once, even if the store does not answer, so that
     * there is time to clean up.
     */
    <T> T ask(String doing, Request<T> request) throws BackupException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(() -> call(doing, request));
        Thread sender = start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            sender.interrupt();
            connection.giveUp(sender);
            throw (InterruptedException)
                    new InterruptedException("interrupted in the request to " + doing).initCause(e);
        } catch (ExecutionException e) {
            throw thrown(doing, e.getCause());
        }
    }

    /**
     * As {@link #call}, to its end whoever interrupts the thread, which then stays interrupted: for cleaning up, and for what
     * could not be cleaned up if its answer got lost. The request is sent by a thread of its own, since the SDK drops an
     * answer that has come to an interrupted one.
     */
    public <T> T finish(String doing, Request<T> request) throws BackupException {
        FutureTask<T> task = new FutureTask<>(() -> call(doing, request));
        start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw thrown(doing, e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Thread start(Runnable task) {
        Thread sender = new Thread(task, "s3-request");
        sender.setDaemon(true);
        sender.start();
        return sender;
    }

    private static BackupException thrown(String doing, @Nullable Throwable cause) {
        if (cause instanceof BackupException explained) {
            return explained;
        }
        if (cause instanceof RuntimeException failure) {
            throw failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException("cannot " + doing, cause);
    }

    /** Closes the connection on which a thread waits in {@link #call}; the thread has to be interrupted before. */
    public void giveUp(Thread thread) {
        connection.giveUp(thread);
    }

    /** What the store says of an object, or empty if there is none. */
    public Optional<HeadObjectResponse> head(ObjectKey key) throws BackupException, InterruptedException {
        String full = keyOf(key);
        try {
            return ask("look for object " + key, client -> {
                try {
                    return Optional.of(
                            client.headObject(request -> request.bucket(name()).key(full)));
                } catch (S3Exception e) {
                    if (e.statusCode() != 404) {
                        throw e;
                    }
                    requireBucket(client);
                    return Optional.empty();
                }
            });
        } catch (BackupException e) {
            if (hidesAbsence(e, key)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Whether access to an object was refused that is not there: some stores, and AWS to keys that may not list, answer 403
     * instead of 404. A listing tells them apart.
     *
     * @throws BackupException if the bucket cannot be listed either; this then says more than the refusal
     */
    boolean hidesAbsence(BackupException refusal, ObjectKey key) throws BackupException, InterruptedException {
        return refusal.kind() == Kind.CREDENTIALS
                && refusal.getCause() instanceof S3Exception answer
                && answer.statusCode() == 403
                && !isListed(key);
    }

    private boolean isListed(ObjectKey key) throws BackupException, InterruptedException {
        Listing listing = new Listing(this, key.value(), "");
        // The key itself comes first of all that begin with it.
        return listing.advance() && listing.next().key().equals(key.value());
    }

    /** The answer to HEAD has no body, so 404 may also mean that there is no bucket. */
    private void requireBucket(S3Client client) {
        if (known) {
            return;
        }
        try {
            client.headBucket(request -> request.bucket(name()));
        } catch (S3Exception e) {
            // Who may not ask for the bucket has at least been told by it.
            if (e.statusCode() != 403) {
                throw e;
            }
        }
    }

    /**
     * Whether the bucket may hold several versions of an object; true if we may not know.
     *
     * <p>Works on an interrupted thread.
     */
    boolean mayKeepVersions() throws BackupException {
        @Nullable Boolean told = versioned;
        if (told == null) {
            told = finish("ask whether the bucket keeps versions", client -> {
                try {
                    return client.getBucketVersioning(request -> request.bucket(name()))
                                    .status()
                            != null;
                } catch (S3Exception e) {
                    if (ExceptionTranslator.code(e).equals("AccessDenied")) {
                        return true;
                    }
                    if (ExceptionTranslator.saysUnsupported(e)) {
                        return false;
                    }
                    throw e;
                }
            });
            versioned = told;
        }
        return told;
    }

    private synchronized void createIfMissing(S3Client client) throws BackupException {
        if (known) {
            return;
        }
        try {
            client.headBucket(request -> request.bucket(name()));
        } catch (S3Exception missing) {
            // Who may not ask for the bucket has at least been told by it.
            if (missing.statusCode() != 404 && missing.statusCode() != 403) {
                throw missing;
            }
            if (missing.statusCode() == 404) {
                create(client);
            }
        }
        known = true;
    }

    private void create(S3Client client) throws BackupException {
        try {
            client.createBucket(this::described);
        } catch (BucketAlreadyOwnedByYouException e) {
            // Another process was faster.
        } catch (S3Exception e) {
            if (!ExceptionTranslator.code(e).equals("InvalidLocationConstraint")) {
                throw e;
            }
            // The SDK sends the region as the place for the bucket, and this store knows no place of that name.
            try (S3Client placeless = connection.clientFor("us-east-1")) {
                placeless.createBucket(this::described);
            }
        }
    }

    private void described(CreateBucketRequest.Builder request) {
        request.bucket(name);
        if (config.objectLock() != null) {
            request.objectLockEnabledForBucket(true);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
