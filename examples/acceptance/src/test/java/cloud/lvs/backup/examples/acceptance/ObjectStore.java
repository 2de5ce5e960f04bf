package cloud.lvs.backup.examples.acceptance;

import cloud.lvs.backup.sink.s3.rgw.RadosGateway;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A running S3 server, as an operator knows it.
 *
 * @param endpoint what {@code AWS_ENDPOINTS} says, with or without a scheme
 * @param settings what a sink's configuration needs besides the bucket, as YAML
 * @param awsSettings what the environment of the {@code aws} command needs besides the keys, as {@code NAME=VALUE}
 * @param direct past this tool, to put objects there and to look what there is
 */
record ObjectStore(
        String endpoint, String id, String secret, String settings, List<String> awsSettings, S3Client direct) {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    /** A server in this process. */
    static ObjectStore inProcess() throws Exception {
        String id = "acceptance-id";
        String secret = "acceptance-credential-51c7";
        S3Proxy server = S3Proxy.builder()
                .blobStore(BlobStores.create("transient", new Properties()))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, id, secret)
                .ignoreUnknownHeaders(true)
                .build();
        server.start();
        String endpoint = "http://127.0.0.1:" + server.getPort();
        return new ObjectStore(
                endpoint, id, secret, "allowPlainHttp: true", List.of(), connect(URI.create(endpoint), id, secret));
    }

    /** A Ceph object gateway, over https; see there what it needs. */
    static ObjectStore radosGateway() {
        RadosGateway gateway = RadosGateway.shared();
        return new ObjectStore(
                gateway.https().getAuthority(),
                gateway.keys().id(),
                gateway.keys().secret(),
                "caCertificate: " + gateway.certificateAuthority(),
                List.of("AWS_CA_BUNDLE=" + gateway.certificateAuthority()),
                connect(gateway.http(), gateway.keys().id(), gateway.keys().secret()));
    }

    /** A client that asks for nothing a plain store does not have. */
    static S3Client connect(URI endpoint, String id, String secret) {
        return S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret)))
                .build();
    }

    /** Makes a bucket of its own for a test. */
    String newBucket() {
        String bucket = "acceptance-" + ProcessHandle.current().pid() + "-" + BUCKETS.incrementAndGet();
        direct.createBucket(request -> request.bucket(bucket));
        return bucket;
    }

    void put(String bucket, String key, byte[] content) {
        direct.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromBytes(content));
    }

    void put(String bucket, String key, String content) {
        put(bucket, key, content.getBytes(StandardCharsets.UTF_8));
    }

    /** The keys of a bucket that do not belong to a journal. */
    TreeSet<String> payload(String bucket) {
        TreeSet<String> keys = new TreeSet<>();
        direct.listObjectsV2Paginator(request -> request.bucket(bucket)).contents().stream()
                .map(S3Object::key)
                .filter(key -> !key.startsWith(".lvs-backup/"))
                .forEach(keys::add);
        return keys;
    }

    void empty(String bucket) {
        direct.listObjectsV2Paginator(request -> request.bucket(bucket))
                .contents()
                .forEach(object ->
                        direct.deleteObject(request -> request.bucket(bucket).key(object.key())));
    }

    /** A program with the secrets of this store in its environment, as a Kubernetes Secret puts them there. */
    Program secretsFor(Program program) {
        program.with("AWS_ACCESS_KEY_ID", id)
                .with("AWS_SECRET_ACCESS_KEY", secret)
                .with("AWS_ENDPOINTS", endpoint + "\n")
                .with("AWS_DEFAULT_REGION", "nbg1");
        awsSettings.forEach(setting -> program.with(setting.split("=", 2)[0], setting.split("=", 2)[1]));
        return program;
    }

    @Override
    public String toString() {
        return endpoint;
    }
}
