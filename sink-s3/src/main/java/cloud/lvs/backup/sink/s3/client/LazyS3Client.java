package cloud.lvs.backup.sink.s3.client;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfig.Addressing;
import cloud.lvs.backup.sink.s3.S3SinkConfig.Checksums;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ProviderContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.defaultsmode.DefaultsMode;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** The client, made when first used: that reads credential files and certificates. Thread-safe. */
public final class LazyS3Client implements AutoCloseable {
    /** How long a connection may be silent; long enough for a store to put the parts of a large object together. */
    private static final Duration SILENCE = Duration.ofMinutes(2);
    /** For requests that carry no object's bytes. */
    private static final Duration SMALL_REQUEST = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(LazyS3Client.class);

    private final AtomicBoolean skewTold = new AtomicBoolean();
    private final S3SinkConfig config;
    private final StoreLocation location;
    private final CredentialsResolver credentials;
    private final TrustedCertificates certificates;
    private final ProxyRules proxies;
    private @Nullable S3Client client;
    private @Nullable CancellableHttpClient http;
    private @Nullable AwsCredentialsProvider identity;
    private @Nullable CustomerKey customerKey;
    private boolean closed;

    private LazyS3Client(
            S3SinkConfig config,
            StoreLocation location,
            CredentialsResolver credentials,
            TrustedCertificates certificates,
            ProxyRules proxies) {
        this.config = config;
        this.location = location;
        this.credentials = credentials;
        this.certificates = certificates;
        this.proxies = proxies;
    }

    /** @throws IllegalArgumentException if there can be no such store; the message names the key */
    public static LazyS3Client of(S3SinkConfig config, EnvironmentVariables environment, ProviderContext context) {
        return new LazyS3Client(
                config,
                StoreLocation.of(config, environment),
                new CredentialsResolver(config, environment, context),
                TrustedCertificates.of(config, environment),
                ProxyRules.of(environment));
    }

    public StoreLocation location() {
        return location;
    }

    /** Host and port of the proxy between us and a bucket, if there is one. */
    public Optional<String> proxyBefore(String bucket) {
        return proxies.to(location.address(bucket)).map(ProxyRules::name);
    }

    /** Closes the connection on which a thread waits that has been interrupted. */
    public void giveUp(Thread thread) {
        CancellableHttpClient requests;
        synchronized (this) {
            requests = http;
        }
        if (requests != null) {
            requests.giveUp(thread);
        }
    }

    /** @throws BackupException if credentials or certificates cannot be read */
    public synchronized S3Client client() throws BackupException {
        if (closed) {
            throw new IllegalStateException("the sink of bucket " + config.bucket() + " is closed");
        }
        if (client == null) {
            client = connect();
        }
        return client;
    }

    private S3Client connect() throws BackupException {
        CancellableHttpClient shared = new CancellableHttpClient(
                HttpTransport.client(certificates.managers(), shorter(SILENCE, config.requestTimeout()), proxies));
        http = shared;
        AwsCredentialsProvider who = credentials.find(shared, location.region());
        identity = who;
        customerKey = credentials.customerKey().orElse(null);
        return connect(shared, who, location.region());
    }

    /** The same with requests for another region, to be closed by the caller. */
    public synchronized S3Client clientFor(String region) throws BackupException {
        client();
        return connect(Objects.requireNonNull(http), Objects.requireNonNull(identity), region);
    }

    private S3Client connect(SdkHttpClient shared, AwsCredentialsProvider who, String region) {
        Checksums checksums = config.checksums();
        var builder = S3Client.builder()
                .httpClient(shared)
                .credentialsProvider(who)
                .region(Region.of(region))
                .defaultsMode(DefaultsMode.LEGACY)
                .forcePathStyle(location.addressing() == Addressing.PATH)
                .requestChecksumCalculation(
                        checksums == Checksums.WHEN_SUPPORTED
                                ? RequestChecksumCalculation.WHEN_SUPPORTED
                                : RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(
                        checksums == Checksums.WHEN_SUPPORTED
                                ? ResponseChecksumValidation.WHEN_SUPPORTED
                                : ResponseChecksumValidation.WHEN_REQUIRED)
                // Over http the SDK would sign chunk by chunk, which Ceph RGW refuses for empty bodies.
                .serviceConfiguration(S3Configuration.builder()
                        .chunkedEncodingEnabled(!location.isPlainHttp())
                        .build())
                .overrideConfiguration(override -> override.retryStrategy(
                                new StoreRetryStrategy(config.patience(), this::tellSkew))
                        .apiCallAttemptTimeout(shorter(SMALL_REQUEST, config.requestTimeout()))
                        .apiCallTimeout(config.patience().multipliedBy(2).plus(config.requestTimeout()))
                        // Nothing from ~/.aws: what counts is in the configuration and the environment.
                        .defaultProfileFile(ProfileFile.aggregator().build()));
        if (checksums == Checksums.WHEN_REQUIRED) {
            // Stores before 2025 demand Content-MD5 for DeleteObjects, which the SDK no longer sends by itself.
            builder.addPlugin(LegacyMd5Plugin.create());
        }
        CustomerKey key = customerKey;
        if (key != null) {
            builder.overrideConfiguration(builder.overrideConfiguration().toBuilder()
                    .addExecutionInterceptor(key)
                    .build());
        }
        if (location.endpoint() != null) {
            builder.endpointOverride(location.endpoint());
        }
        return builder.build();
    }

    /** The SDK then signs with the store's time, so the request succeeds; what bears this machine's time is still wrong. */
    private void tellSkew() {
        if (skewTold.compareAndSet(false, true)) {
            LOG.warn(
                    "bucket {} at {}: this machine's clock differs so much from the store's that it refuses requests;"
                            + " they are signed with the store's time; set the clock (NTP)",
                    config.bucket(),
                    location);
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (client != null) {
            client.close();
            client = null;
        }
        if (identity instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
        if (http != null) {
            http.close();
            http = null;
        }
    }
}
