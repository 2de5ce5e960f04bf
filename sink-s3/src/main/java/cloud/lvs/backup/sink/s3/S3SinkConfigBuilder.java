package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.sink.s3.S3SinkConfig.Addressing;
import cloud.lvs.backup.sink.s3.S3SinkConfig.Checksums;
import cloud.lvs.backup.sink.s3.S3SinkConfig.CredentialSource;
import cloud.lvs.backup.sink.s3.S3SinkConfig.Encryption;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a configuration in code; what is not set has the default of the YAML key of that name. Not thread-safe. */
public final class S3SinkConfigBuilder {
    private final String bucket;
    private String prefix = "";
    private @Nullable String endpoint;
    private @Nullable String region;
    private Addressing addressing = Addressing.AUTO;
    private CredentialSource credentials = CredentialSource.AUTO;
    private @Nullable Secret accessKeyId;
    private @Nullable Secret secretAccessKey;
    private @Nullable Secret sessionToken;
    private @Nullable Path accessKeyIdFile;
    private @Nullable Path secretAccessKeyFile;
    private @Nullable Path caCertificate;
    private boolean allowPlainHttp;
    private ByteSize partSize = new ByteSize(16L << 20);
    private int partsInFlight = 2;
    private int maxParts = 10_000;
    private boolean equalParts;
    private Checksums checksums = Checksums.WHEN_REQUIRED;
    private boolean opaqueEtags;
    private Duration requestTimeout = Duration.ofMinutes(5);
    private Duration patience = Duration.ofMinutes(3);
    private @Nullable String storageClass;
    private Encryption encryption = Encryption.NONE;
    private @Nullable String kmsKeyId;
    private @Nullable Path customerKeyFile;
    private Map<String, String> tags = Map.of();
    private boolean createBucket;
    private @Nullable ObjectLock objectLock;

    S3SinkConfigBuilder(String bucket) {
        this.bucket = bucket;
    }

    /** What the keys of this sink begin with; slashes around it do not matter. Empty by default. */
    public S3SinkConfigBuilder prefix(String value) {
        prefix = value;
        return this;
    }

    /** Host or URL of the store. By default what the environment names ({@code AWS_ENDPOINT_URL_S3} and its kin), else AWS. */
    public S3SinkConfigBuilder endpoint(String value) {
        endpoint = value;
        return this;
    }

    /** What requests are signed for. By default the one in the endpoint's name, else the environment's, else {@code us-east-1}. */
    public S3SinkConfigBuilder region(String value) {
        region = value;
        return this;
    }

    /** How requests name the bucket. {@link Addressing#AUTO} by default. */
    public S3SinkConfigBuilder addressing(Addressing value) {
        addressing = value;
        return this;
    }

    /** Where credentials come from when no keys are given here. {@link CredentialSource#AUTO} by default. */
    public S3SinkConfigBuilder credentials(CredentialSource value) {
        credentials = value;
        return this;
    }

    /** Static credentials: access key id and secret access key. None by default; excludes {@link #keyFiles}. */
    public S3SinkConfigBuilder keys(Secret id, Secret secret) {
        accessKeyId = id;
        secretAccessKey = secret;
        return this;
    }

    /** The session token of temporary {@link #keys}. None by default. */
    public S3SinkConfigBuilder sessionToken(Secret value) {
        sessionToken = value;
        return this;
    }

    /** Files that hold access key id and secret access key. None by default; excludes {@link #keys}. */
    public S3SinkConfigBuilder keyFiles(Path id, Path secret) {
        accessKeyIdFile = id;
        secretAccessKeyFile = secret;
        return this;
    }

    /** A PEM file with certificates to trust beside those of Java. By default the PEM text in {@code AWS_CERT}, if any. */
    public S3SinkConfigBuilder caCertificate(Path value) {
        caCertificate = value;
        return this;
    }

    /** Accepts an {@code http://} endpoint, which shows every backup to the network. Refused by default. */
    public S3SinkConfigBuilder allowPlainHttp() {
        allowPlainHttp = true;
        return this;
    }

    /**
     * Uploads in parts.
     *
     * @param size what is sent at once, 5 MiB to 1 GiB; 16 MiB by default
     * @param inFlight how many parts are sent side by side, 1 to 64; 2 by default
     * @param most how many parts the store takes for one object, 1 to 10,000; 10,000 by default
     */
    public S3SinkConfigBuilder parts(ByteSize size, int inFlight, int most) {
        partSize = size;
        partsInFlight = inFlight;
        maxParts = most;
        return this;
    }

    /** Sends all parts of an object but the last in one size. By default parts grow. */
    public S3SinkConfigBuilder equalParts() {
        equalParts = true;
        return this;
    }

    /** When requests carry the SDK's own checksums. {@link Checksums#WHEN_REQUIRED} by default. */
    public S3SinkConfigBuilder checksums(Checksums value) {
        checksums = value;
        return this;
    }

    /** Takes the store's ETags for no MD5 sums. By default they are compared. */
    public S3SinkConfigBuilder opaqueEtags() {
        opaqueEtags = true;
        return this;
    }

    /** How long one attempt to send or fetch a part may take; positive. 5 minutes by default. */
    public S3SinkConfigBuilder requestTimeout(Duration value) {
        requestTimeout = value;
        return this;
    }

    /** About how long a request is repeated while the store fails; positive. 3 minutes by default. */
    public S3SinkConfigBuilder patience(Duration value) {
        patience = value;
        return this;
    }

    /** The storage class of new objects. The bucket's by default. */
    public S3SinkConfigBuilder storageClass(String value) {
        storageClass = value;
        return this;
    }

    /** Server-side encryption of new objects. {@link Encryption#NONE} by default. */
    public S3SinkConfigBuilder encryption(Encryption value) {
        encryption = value;
        return this;
    }

    /** The key for {@link Encryption#KMS}. The account's by default. */
    public S3SinkConfigBuilder kmsKeyId(String value) {
        kmsKeyId = value;
        return this;
    }

    /** A file with the 32 bytes of the key for {@link Encryption#CUSTOMER}, which it sets too. None by default. */
    public S3SinkConfigBuilder customerKeyFile(Path value) {
        customerKeyFile = value;
        encryption = Encryption.CUSTOMER;
        return this;
    }

    /** Tags of new objects, at most 10. None by default. */
    public S3SinkConfigBuilder tags(Map<String, String> value) {
        tags = value;
        return this;
    }

    /** Makes a missing bucket. By default a missing bucket is a failure. */
    public S3SinkConfigBuilder createBucket() {
        createBucket = true;
        return this;
    }

    /** Keeps backups from being deleted, by S3 Object Lock. Not locked by default. */
    public S3SinkConfigBuilder objectLock(ObjectLock value) {
        objectLock = value;
        return this;
    }

    /** @throws IllegalArgumentException if the configuration cannot work; the message names the key */
    public S3SinkConfig build() {
        return new S3SinkConfig(
                bucket,
                prefix,
                endpoint,
                region,
                addressing,
                credentials,
                accessKeyId,
                secretAccessKey,
                sessionToken,
                accessKeyIdFile,
                secretAccessKeyFile,
                caCertificate,
                allowPlainHttp,
                partSize,
                partsInFlight,
                maxParts,
                equalParts,
                checksums,
                opaqueEtags,
                requestTimeout,
                patience,
                storageClass,
                encryption,
                kmsKeyId,
                customerKeyFile,
                tags,
                createBucket,
                objectLock);
    }
}
