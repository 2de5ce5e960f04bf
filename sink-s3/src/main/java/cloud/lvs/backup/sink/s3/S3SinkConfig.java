package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Matches;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Range;
import cloud.lvs.backup.spi.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where an S3 sink keeps objects, and how it talks to the store. An embedder begins with {@link #builder}.
 *
 * <p>Heap for uploads: {@code partSize × (partsInFlight + 1)}, however many objects are written at once. The largest object
 * is about 0.83 × {@code maxParts} × that many bytes, since parts grow up to all of it (422 GiB with the defaults); with
 * {@code equalParts} it is {@code maxParts × partSize}.
 *
 * @param bucket the bucket's name
 * @param prefix what the keys of this sink begin with; slashes around it do not matter
 * @param endpoint host or URL of the store, or null for the environment's, and AWS if that names none
 * @param region what requests are signed for, or null to derive it
 * @param addressing how the bucket is named in requests
 * @param credentials where credentials come from when no keys are given here
 * @param accessKeyId of static credentials, or null
 * @param secretAccessKey of static credentials, or null
 * @param sessionToken of temporary credentials, or null
 * @param accessKeyIdFile a file with the access key id, or null
 * @param secretAccessKeyFile a file with the secret access key, or null
 * @param caCertificate PEM certificates trusted beside those of Java, or null for those of the environment
 * @param allowPlainHttp whether the endpoint may be {@code http://}
 * @param partSize what an upload sends at once: 5 MiB to 1 GiB
 * @param partsInFlight how many parts are sent side by side
 * @param maxParts how many parts the store takes for one object
 * @param equalParts whether all parts of an object but the last have to be of one size
 * @param checksums when requests carry the SDK's own checksums
 * @param opaqueEtags whether the store's ETags say nothing about the bytes
 * @param requestTimeout how long one attempt that carries an object's bytes may take
 * @param patience about how long a request is repeated while the store does not answer properly
 * @param storageClass of new objects, or null for the bucket's default
 * @param encryption server-side encryption of new objects
 * @param kmsKeyId the key for {@link Encryption#KMS}, or null for the account's
 * @param customerKeyFile the 32 bytes of the key for {@link Encryption#CUSTOMER}, or null
 * @param tags of new objects
 * @param createBucket whether a missing bucket is made
 * @param objectLock how backups are kept from being deleted or overwritten, or null not to lock them
 */
@Doc("Keeps backups in a bucket of an S3-compatible object store.")
public record S3SinkConfig(
        @Doc("The bucket's name.")
        @Matches(
                value = "[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]",
                expects = "the bucket's name alone: 3 to 255 letters, digits, '.', '_' and '-'")
        String bucket,

        @Doc("What the keys of this sink begin with, e.g. cluster-a.")
        @Default("")
        @Matches(
                value = "/*(?:(?!\\.{1,2}(?:/|$))[^/\\\\]+(?:/(?!\\.{1,2}(?:/|$))[^/\\\\]+)*)?/*",
                expects = "a prefix such as cluster-a or backups/k3s: no empty segment, none of dots, no backslash")
        String prefix,

        @Doc("Host or URL of the store, e.g. nbg1.your-objectstorage.com; by default what AWS_ENDPOINT_URL_S3,"
                + " AWS_ENDPOINT_URL or AWS_ENDPOINTS says, else AWS itself.")
        @Nullable
        String endpoint,

        @Doc("The region requests are signed for; by default the one in the endpoint's name, else AWS_REGION or"
                + " AWS_DEFAULT_REGION, else us-east-1.")
        @Nullable
        String region,

        @Doc("How requests name the bucket: path or virtual (as part of the host); auto is what"
                + " VIRTUAL_HOSTED_STYLE says (true or false), else path with an endpoint and virtual without.")
        @Default("auto")
        Addressing addressing,

        @Doc("Where credentials come from when no keys are given: environment (AWS_ACCESS_KEY_ID,"
                + " AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), web-identity (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN)"
                + " or instance (the metadata service); auto tries the first two.")
        @Default("auto")
        CredentialSource credentials,

        @Doc("The access key id.") @Nullable Secret accessKeyId,

        @Doc("The secret access key.") @Nullable Secret secretAccessKey,

        @Doc("The session token of temporary keys.") @Nullable
        Secret sessionToken,

        @Doc("A file that holds the access key id.") @Nullable
        Path accessKeyIdFile,

        @Doc("A file that holds the secret access key.") @Nullable
        Path secretAccessKeyFile,

        @Doc("A PEM file with certificates to trust beside those of Java; by default the PEM text in AWS_CERT.")
        @Nullable
        Path caCertificate,

        @Doc("Whether an http:// endpoint is accepted; it shows every backup to the network.") @Default("false")
        boolean allowPlainHttp,

        @Doc("What an upload sends at once, 5MiB to 1GiB; uploads take partSize x (partsInFlight + 1) of memory.")
        @Default("16MiB")
        @Range(min = "5MiB", max = "1GiB")
        ByteSize partSize,

        @Doc("How many parts are sent side by side.") @Default("2") @Range(min = "1", max = "64")
        int partsInFlight,

        @Doc("How many parts the store takes for one object; some take only 1000.")
        @Default("10000")
        @Range(min = "1", max = "10000")
        int maxParts,

        @Doc(
                "Whether all parts of an object but the last have to be of one size, as Cloudflare R2 wants it; the largest"
                        + " object is then partSize x maxParts.")
        @Default("false")
        boolean equalParts,

        @Doc("When requests carry the SDK's own checksums: when-required suits every store, when-supported is for AWS."
                + " Content-MD5 is sent either way.")
        @Default("when-required")
        Checksums checksums,

        @Doc("Set it for a store whose ETags look like MD5 sums but are not.") @Default("false")
        boolean opaqueEtags,

        @Doc("How long one attempt to send or fetch a part may take.") @Default("5m") @Range(min = "1ms")
        Duration requestTimeout,

        @Doc("About how long a request is repeated while the store fails.") @Default("3m") @Range(min = "1ms")
        Duration patience,

        @Doc("The storage class of new objects; by default the bucket's.") @Nullable
        String storageClass,

        @Doc(
                "Server-side encryption of new objects: none (what the bucket does), aes256, kms, or customer (SSE-C: with the"
                        + " key in customerKeyFile, over https).")
        @Default("none")
        Encryption encryption,

        @Doc("The key for encryption: kms; by default the account's.") @Nullable
        String kmsKeyId,

        @Doc("A file with the 32 bytes of the key for encryption: customer. Without it no backup can be read.")
        @Nullable
        Path customerKeyFile,

        @Doc("Tags of new objects.") @Default("{}") Map<String, String> tags,

        @Doc(
                "Whether a missing bucket is made; with objectLock it is made with Object Lock, which turns versioning on.")
        @Default("false")
        boolean createBucket,

        @Doc("Keeps backups from being deleted, by S3 Object Lock; the bucket has to be made with it.") @Nullable
        ObjectLock objectLock) {

    /**
     * What is put on the payload of a backup and on its manifest, checksums and signature; what a run or a prune has to be able
     * to remove (intents, marks, the lock) is never locked.
     *
     * @param mode who may lift the retention
     * @param retention how long from the write on, or null for no retention
     * @param legalHold whether each object is held until someone lifts that
     */
    public record ObjectLock(
            @Doc("Who may end a retention early: governance (keys with s3:BypassGovernanceRetention) or compliance"
                    + " (nobody).")
            @Default("governance")
            LockMode mode,

            @Doc("For how long from its write an object is locked, e.g. 30d. Let it end before retention drops the"
                    + " backup.")
            @Range(min = "1d", max = "36500d")
            @Nullable
            Duration retention,

            @Doc("Whether each object also gets a legal hold, which lasts until someone lifts it.") @Default("false")
            boolean legalHold) {
        /** An upload must not take longer than the lock that it asks for at its beginning. */
        private static final Duration SHORTEST = Duration.ofDays(1);

        private static final Duration LONGEST = Duration.ofDays(36_500);

        public ObjectLock {
            if (retention == null && !legalHold) {
                throw new IllegalArgumentException("objectLock has neither a retention nor legalHold: true");
            }
            if (retention != null) {
                if (retention.compareTo(SHORTEST) < 0 || retention.compareTo(LONGEST) > 0) {
                    throw new IllegalArgumentException(
                            "objectLock.retention must be 1d to 36500d, was " + retention.toDays() + "d");
                }
            }
        }
    }

    /** Who may end a retention early. */
    public enum LockMode {
        /** Keys with {@code s3:BypassGovernanceRetention}. */
        GOVERNANCE,
        /** Nobody, the owner of the account included. */
        COMPLIANCE
    }

    /** How requests name the bucket. */
    public enum Addressing {
        /** As {@code VIRTUAL_HOSTED_STYLE} says; else {@link #PATH} with an endpoint, {@link #VIRTUAL} without. */
        AUTO,
        /** {@code https://host/bucket/key}. */
        PATH,
        /** {@code https://bucket.host/key}. */
        VIRTUAL
    }

    /** Where credentials come from that are not configured. */
    public enum CredentialSource {
        /** {@link #ENVIRONMENT} if it holds keys, else {@link #WEB_IDENTITY}; never the metadata service. */
        AUTO,
        /** {@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}. */
        ENVIRONMENT,
        /** The token of a service account, exchanged for temporary keys. */
        WEB_IDENTITY,
        /** The instance metadata service of the machine. */
        INSTANCE
    }

    /** When requests carry checksums beside {@code Content-MD5}. */
    public enum Checksums {
        /** Only where S3 demands one. Older Ceph RGW and others refuse the trailers of {@link #WHEN_SUPPORTED}. */
        WHEN_REQUIRED,
        /** Always. */
        WHEN_SUPPORTED
    }

    /** Server-side encryption. */
    public enum Encryption {
        /** Nothing is asked for. */
        NONE,
        /** With keys of the store. */
        AES256,
        /** With a key of the key management service. */
        KMS,
        /** With a key that is sent along with each request and not kept by the store (SSE-C). */
        CUSTOMER
    }

    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]");
    /** The least that S3 takes for a part that is not the last. */
    public static final ByteSize SMALLEST_PART = new ByteSize(5L << 20);

    private static final ByteSize LARGEST_PART = new ByteSize(1L << 30);
    private static final int MAX_PREFIX_BYTES = 512;
    private static final int MAX_TAGS = 10;

    public S3SinkConfig {
        bucket = bucket.strip();
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    "bucket is not 3 to 255 letters, digits, '.', '_' and '-'; write the bucket's name alone");
        }
        prefix = prefix.strip().replaceAll("^/+|/+$", "");
        if (!prefix.isEmpty() && !ObjectKey.isValid(prefix)) {
            throw new IllegalArgumentException(
                    "prefix has an empty segment, one of dots, a backslash or a control character");
        }
        if (prefix.getBytes(StandardCharsets.UTF_8).length > MAX_PREFIX_BYTES) {
            throw new IllegalArgumentException("prefix is longer than " + MAX_PREFIX_BYTES + " bytes");
        }
        endpoint = blankToNull(endpoint);
        region = blankToNull(region);
        storageClass = blankToNull(storageClass);
        kmsKeyId = blankToNull(kmsKeyId);
        if ((accessKeyId == null) != (secretAccessKey == null)) {
            throw new IllegalArgumentException("accessKeyId and secretAccessKey go together; give both or none");
        }
        if ((accessKeyIdFile == null) != (secretAccessKeyFile == null)) {
            throw new IllegalArgumentException(
                    "accessKeyIdFile and secretAccessKeyFile go together; give both or none");
        }
        if (accessKeyId != null && accessKeyIdFile != null) {
            throw new IllegalArgumentException("give either accessKeyId or accessKeyIdFile");
        }
        if (sessionToken != null && accessKeyId == null) {
            throw new IllegalArgumentException("sessionToken belongs to an accessKeyId, and there is none");
        }
        if (credentials != CredentialSource.AUTO && (accessKeyId != null || accessKeyIdFile != null)) {
            throw new IllegalArgumentException("credentials says where keys come from, but keys are given as well");
        }
        if (partSize.compareTo(SMALLEST_PART) < 0 || partSize.compareTo(LARGEST_PART) > 0) {
            throw new IllegalArgumentException("partSize must be 5MiB to 1GiB, was " + partSize);
        }
        requireWithin("partsInFlight", partsInFlight, 64);
        requireWithin("maxParts", maxParts, 10_000);
        requirePositive("requestTimeout", requestTimeout);
        requirePositive("patience", patience);
        if (kmsKeyId != null && encryption != Encryption.KMS) {
            throw new IllegalArgumentException("kmsKeyId needs encryption: kms");
        }
        if ((customerKeyFile != null) != (encryption == Encryption.CUSTOMER)) {
            throw new IllegalArgumentException(
                    "customerKeyFile and encryption: customer go together; give both or none");
        }
        tags = Map.copyOf(tags);
        if (tags.size() > MAX_TAGS) {
            throw new IllegalArgumentException("tags has more than " + MAX_TAGS + " entries, the limit of S3");
        }
    }

    /** How much memory uploads take at most. */
    long uploadBytes() {
        return partSize.bytes() * (partsInFlight + 1);
    }

    /** The defaults, to be changed. */
    public static S3SinkConfigBuilder builder(String bucket) {
        return new S3SinkConfigBuilder(bucket);
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    private static void requireWithin(String key, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(key + " must be 1 to " + most + ", was " + value);
        }
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(key + " must be positive, was " + value);
        }
    }
}
