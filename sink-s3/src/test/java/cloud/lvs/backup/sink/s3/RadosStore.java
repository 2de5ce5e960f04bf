package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.rgw.RadosGateway;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;

/** The Ceph object gateway as the tests of this package use it; each test has a bucket of its own. */
final class RadosStore {
    static final RadosGateway GATEWAY = RadosGateway.shared();

    private static final AtomicInteger BUCKETS = new AtomicInteger();
    private static final S3Client DIRECT = direct(UrlConnectionHttpClient.create(), GATEWAY.http());

    private RadosStore() {}

    private static S3Client direct(SdkHttpClient http, URI endpoint) {
        return S3Client.builder()
                .httpClient(http)
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        GATEWAY.keys().id(), GATEWAY.keys().secret())))
                .build();
    }

    /** Past the sink, to look what is there. */
    static S3Client client() {
        return DIRECT;
    }

    /** The same over https, for the caller to close. */
    static S3Client secureClient() throws IOException, GeneralSecurityException {
        TrustManager[] trusted = trusting(GATEWAY.certificateAuthority());
        return direct(
                UrlConnectionHttpClient.builder()
                        .tlsTrustManagersProvider(() -> trusted)
                        .build(),
                GATEWAY.https());
    }

    private static TrustManager[] trusting(Path authority) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(authority)) {
            trusted.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        return managers.getTrustManagers();
    }

    /** A name that no bucket has. */
    static String newName() {
        return "bucket-" + BUCKETS.incrementAndGet();
    }

    static String newBucket() {
        String bucket = newName();
        DIRECT.createBucket(request -> request.bucket(bucket));
        return bucket;
    }

    /** @param endpoint of the gateway: {@link RadosGateway#http()} or {@link RadosGateway#https()} */
    static S3SinkConfigBuilder config(String bucket, URI endpoint) {
        return S3SinkConfig.builder(bucket)
                .endpoint(endpoint.toString())
                .allowPlainHttp()
                .caCertificate(GATEWAY.certificateAuthority())
                .keys(new Secret(GATEWAY.keys().id()), new Secret(GATEWAY.keys().secret()))
                .parts(new ByteSize(5L << 20), 2, 100)
                .patience(Duration.ofSeconds(20));
    }

    /** A bucket that was made with Object Lock, and so with versioning. */
    static String newLockingBucket() {
        String bucket = newName();
        DIRECT.createBucket(request -> request.bucket(bucket).objectLockEnabledForBucket(true));
        return bucket;
    }

    static S3Sink sink(S3SinkConfig config) {
        return sink(config, TestTime.machine());
    }

    static S3Sink sink(S3SinkConfig config, Clock clock) {
        return (S3Sink)
                new S3SinkProvider(name -> null).create(config, new TestProviderContext(Path.of("target"), clock));
    }

    static int uploads(String bucket) {
        return DIRECT.listMultipartUploads(request -> request.bucket(bucket))
                .uploads()
                .size();
    }
}
