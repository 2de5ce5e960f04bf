package cloud.lvs.backup.sink.s3.client;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What a failed request means to an operator. Of a store's answer only status and error code are repeated: its texts may hold
 * anything, parts of credentials included.
 */
public final class ExceptionTranslator {
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final S3SinkConfig config;
    private final String bucket;
    private final StoreLocation location;
    private final @Nullable String proxy;

    /** @param proxy what requests go through, if anything: it may be what answers */
    public ExceptionTranslator(S3SinkConfig config, String bucket, StoreLocation location, Optional<String> proxy) {
        this.config = config;
        this.bucket = bucket;
        this.location = location;
        this.proxy = proxy.orElse(null);
    }

    /** @param doing e.g. {@code write object 2026/11/x.db} */
    public BackupException explain(String doing, SdkException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof BackupException explained) {
                return explained;
            }
        }
        return failure instanceof AwsServiceException answer ? refused(doing, answer) : unanswered(doing, failure);
    }

    private BackupException refused(String doing, AwsServiceException answer) {
        String code = code(answer);
        int status = answer.statusCode();
        return switch (code) {
            case "InvalidAccessKeyId" ->
                problem(
                        Kind.CREDENTIALS,
                        "does not know the access key id",
                        doing,
                        answer,
                        "check the access key id, and that it belongs to this store");
            case "SignatureDoesNotMatch" ->
                problem(
                        Kind.CREDENTIALS,
                        "finds that the secret access key does not fit the access key id",
                        doing,
                        answer,
                        "check the secret access key for a cut or another key's");
            case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken" ->
                problem(
                        Kind.CREDENTIALS,
                        "does not accept the session token any more",
                        doing,
                        answer,
                        "renew the temporary credentials");
            case "RequestTimeTooSkewed" ->
                problem(
                        Kind.SINK,
                        "has another time than this machine",
                        doing,
                        answer,
                        "set the clock of this machine (NTP)");
            case "NoSuchBucket" ->
                problem(
                        Kind.SINK,
                        "does not exist",
                        doing,
                        answer,
                        "check bucket and endpoint, make the bucket, or set createBucket: true");
            case "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull" ->
                problem(Kind.SINK, "has used up its quota", doing, answer, "raise the quota, or prune");
            case "InvalidObjectState" ->
                problem(
                        Kind.SINK,
                        "keeps this in an archive, from which it cannot be read at once",
                        doing,
                        answer,
                        "archived: have the store restore it first, then run this again");
            case "InvalidPart", "InvalidPartOrder" ->
                problem(
                        Kind.SINK,
                        "does not put the parts of an upload together",
                        doing,
                        answer,
                        config.equalParts()
                                ? "look for another process, or a lifecycle rule, that discards parts there; then run"
                                        + " again"
                                : "some stores, such as Cloudflare R2, want all parts but the last of one size: set"
                                        + " equalParts: true");
            case "EntityTooLarge", "MaxMessageLengthExceeded" -> tooLarge(doing, answer);
            case "NoSuchUpload" ->
                problem(
                        Kind.SINK,
                        "no longer knows this upload: someone discarded it",
                        doing,
                        answer,
                        "look for another process, or a lifecycle rule, that aborts uploads there; then run again");
            case "BadDigest", "InvalidDigest" ->
                problem(
                        Kind.SINK,
                        "received other bytes than were sent",
                        doing,
                        answer,
                        "look for a proxy that alters requests; then run again");
            case "XAmzContentSHA256Mismatch" ->
                problem(
                        Kind.SINK,
                        "does not understand the checksums of the request",
                        doing,
                        answer,
                        "set checksums: when-required");
            case "AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException" ->
                elsewhere(doing, answer);
            case "SlowDown", "InternalError", "ServiceUnavailable", "RequestLimitExceeded" -> overloaded(doing, answer);
            default -> byStatus(doing, answer, status);
        };
    }

    private BackupException byStatus(String doing, AwsServiceException answer, int status) {
        if (status >= 300 && status < 400) {
            return elsewhere(doing, answer);
        }
        if (status == 401 || status == 403) {
            // An answer that came before the body was sent is known by its status alone.
            boolean perhapsFull = code(answer).isEmpty() && doing.startsWith("write ");
            return problem(
                    Kind.CREDENTIALS,
                    "refuses access",
                    doing,
                    answer,
                    "give the key permission for that on this bucket, or use another key"
                            + (perhapsFull ? "; if small objects can be written, look at the store's quota" : ""));
        }
        if (status == 407) {
            return problem(
                    Kind.CREDENTIALS,
                    "is behind a proxy that wants a name and a password",
                    doing,
                    answer,
                    "use a proxy without, or exempt the store by NO_PROXY");
        }
        if (status == 413) {
            return tooLarge(doing, answer);
        }
        if (status == 417) {
            return problem(
                    Kind.SINK,
                    "does not meet an expectation that the request no longer has (Expect: 100-continue)",
                    doing,
                    answer,
                    "look for a proxy in between that answers so, and have it pass the request on");
        }
        if (status == 429 || status >= 500) {
            return overloaded(doing, answer);
        }
        return problem(
                Kind.SINK, "refuses the request", doing, answer, "look the error code up in the store's documentation");
    }

    private BackupException tooLarge(String doing, AwsServiceException answer) {
        return problem(Kind.SINK, "does not take a request as large as this", doing, answer, remedyForSize());
    }

    /** The remedy of lowering is none where nothing lower is allowed. */
    private String remedyForSize() {
        return config.partSize().compareTo(S3SinkConfig.SMALLEST_PART) > 0
                ? "a proxy limits the size of requests: lower partSize or raise its limit (S3 has no parts below "
                        + S3SinkConfig.SMALLEST_PART + ")"
                : "a proxy limits the size of requests: raise its limit to more than " + S3SinkConfig.SMALLEST_PART
                        + ", the least that S3 takes for a part";
    }

    private BackupException overloaded(String doing, AwsServiceException answer) {
        boolean perhapsByProxy = proxy != null && answer.statusCode() >= 502 && answer.statusCode() <= 504;
        return problem(
                Kind.SINK,
                "kept failing",
                doing,
                answer,
                (perhapsByProxy ? "look at the proxy, or exempt the store by NO_PROXY; then " : "")
                        + "look at the store's status and limits; run again later, or raise patience");
    }

    private BackupException elsewhere(String doing, AwsServiceException answer) {
        return problem(
                Kind.SINK,
                "is in another region or at another address",
                doing,
                answer,
                "set the sink's region and endpoint to those of the bucket");
    }

    private BackupException problem(
            Kind kind, String problem, String doing, AwsServiceException answer, String remedy) {
        String code = code(answer);
        return new BackupException(
                kind,
                target(),
                problem + ": cannot " + doing + " (HTTP " + answer.statusCode() + (code.isEmpty() ? "" : " " + code)
                        + ")",
                remedy,
                answer);
    }

    private BackupException unanswered(String doing, SdkException failure) {
        if (causedBy(failure, BodyRefusedException.class)) {
            return unreachable(
                    "the connection to it broke in the middle of a large request, each time",
                    doing,
                    failure,
                    "most likely " + remedyForSize() + "; else look at the network; then run again");
        }
        if (isRefusedByProxy(failure)) {
            return unreachable(
                    "the proxy does not connect to it",
                    doing,
                    failure,
                    "look at the proxy's rules, or exempt the store by NO_PROXY");
        }
        if (proxy != null
                && (causedBy(failure, UnknownHostException.class)
                        || causedBy(failure, ConnectException.class)
                        || causedBy(failure, NoRouteToHostException.class))) {
            return unreachable(
                    "the proxy before it cannot be reached",
                    doing,
                    failure,
                    "check HTTPS_PROXY and HTTP_PROXY, or exempt the store by NO_PROXY");
        }
        if (causedBy(failure, UnknownHostException.class)) {
            return unreachable("its host name is not known", doing, failure, "check the endpoint, or the name server");
        }
        if (causedBy(failure, SSLException.class)) {
            return unreachable(
                    "no trusted TLS connection to it can be made",
                    doing,
                    failure,
                    "check that the endpoint speaks https and its certificate names that host; set caCertificate if it"
                            + " has an authority of its own");
        }
        if (causedBy(failure, ConnectException.class) || causedBy(failure, NoRouteToHostException.class)) {
            return unreachable(
                    "nothing answers at its address", doing, failure, "check endpoint and port, network and firewall");
        }
        if (causedBy(failure, SocketTimeoutException.class)
                || failure instanceof ApiCallTimeoutException
                || failure instanceof ApiCallAttemptTimeoutException) {
            return unreachable(
                    "it did not answer in time",
                    doing,
                    failure,
                    "look at the store and the network; on a slow line raise requestTimeout or lower partSize");
        }
        if (root(failure) instanceof XMLStreamException) {
            return unreachable(
                    "answers with broken XML", doing, failure, "look at the store, and for a proxy in between");
        }
        if (String.valueOf(failure.getMessage()).contains("load credentials")) {
            return new BackupException(
                    Kind.CREDENTIALS,
                    target(),
                    "cannot " + doing + ": the machine's metadata service gives no credentials",
                    "run on an instance with a role, or configure keys",
                    failure);
        }
        return unreachable(
                "the connection to it broke (" + root(failure).getClass().getSimpleName() + ")",
                doing,
                failure,
                "look at the store and the network; then run again");
    }

    private BackupException unreachable(String problem, String doing, SdkException failure, String remedy) {
        return new BackupException(Kind.SINK, target(), problem + ": cannot " + doing, remedy, failure);
    }

    /** For messages. */
    public String target() {
        return "bucket " + bucket + " at " + location + (proxy == null ? "" : " through proxy " + proxy);
    }

    /** Whether the request for a way through to the store failed, which JDK's connections tell by these words alone. */
    static boolean isRefusedByProxy(Throwable failure) {
        return String.valueOf(root(failure).getMessage()).startsWith("Unable to tunnel through proxy");
    }

    /** The store's error code, or empty if there is none or it is not one. */
    public static String code(AwsServiceException answer) {
        @Nullable
        String code = answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorCode();
        return code != null && CODE.matcher(code).matches() ? code : "";
    }

    /** Whether the store does not know such a request. */
    public static boolean saysUnsupported(AwsServiceException answer) {
        return answer.statusCode() == 501 || answer.statusCode() == 405;
    }

    static boolean causedBy(Throwable failure, Class<? extends Throwable> type) {
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 20; cause = cause.getCause(), depth++) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
            root = root.getCause();
        }
        return root;
    }
}
