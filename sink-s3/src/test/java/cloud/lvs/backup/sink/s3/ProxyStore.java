package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;

/** An S3 server in memory, one for all tests; each test has a bucket of its own. */
final class ProxyStore {
    static final String ID = "local-identity";
    static final String SECRET = "local-credential-9f2c";

    private static final AtomicInteger BUCKETS = new AtomicInteger();
    private static final S3Proxy SERVER = start();
    private static final S3Client DIRECT = direct();

    private ProxyStore() {}

    private static S3Proxy start() {
        try {
            S3Proxy server = S3Proxy.builder()
                    .blobStore(BlobStores.create("transient", new Properties()))
                    .endpoint(URI.create("http://127.0.0.1:0"))
                    .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ID, SECRET)
                    .build();
            server.start();
            return server;
        } catch (Exception e) {
            throw new IllegalStateException("s3proxy does not start", e);
        }
    }

    private static S3Client direct() {
        return S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .endpointOverride(URI.create(endpoint()))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(ID, SECRET)))
                .build();
    }

    static String endpoint() {
        return "http://127.0.0.1:" + SERVER.getPort();
    }

    /** Past the sink, to look what is there. */
    static S3Client client() {
        return DIRECT;
    }

    static String newBucket() {
        String bucket = "bucket-" + BUCKETS.incrementAndGet();
        DIRECT.createBucket(request -> request.bucket(bucket));
        return bucket;
    }

    static S3SinkConfigBuilder config(String bucket) {
        return S3SinkConfig.builder(bucket)
                .endpoint(endpoint())
                .allowPlainHttp()
                .keys(new Secret(ID), new Secret(SECRET))
                .parts(new ByteSize(5L << 20), 2, 100)
                .patience(Duration.ofSeconds(2));
    }

    static S3Sink sink(S3SinkConfig config) {
        return (S3Sink) new S3SinkProvider(name -> null).create(config, new TestProviderContext(Path.of("target")));
    }

    static int uploads(String bucket) {
        return DIRECT.listMultipartUploads(request -> request.bucket(bucket))
                .uploads()
                .size();
    }
}
