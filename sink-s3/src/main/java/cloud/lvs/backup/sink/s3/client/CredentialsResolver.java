package cloud.lvs.backup.sink.s3.client;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfig.CredentialSource;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

/**
 * Who we are to the store: configured keys, files, the environment or a web identity, and the metadata service only if asked
 * for. The SDK's own chain is not used: it would ask the metadata service, and read profiles nobody thought of.
 */
final class CredentialsResolver {
    private static final String ID = "AWS_ACCESS_KEY_ID";
    private static final String SECRET = "AWS_SECRET_ACCESS_KEY";
    private static final String TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE";
    private static final String ROLE = "AWS_ROLE_ARN";

    private final S3SinkConfig config;
    private final EnvironmentVariables environment;
    private final ProviderContext context;

    CredentialsResolver(S3SinkConfig config, EnvironmentVariables environment, ProviderContext context) {
        this.config = config;
        this.environment = environment;
        this.context = context;
    }

    /**
     * Finds the credentials.
     *
     * @param http carries the requests that exchange a web identity
     * @throws BackupException of kind {@code CREDENTIALS} if there are none
     */
    AwsCredentialsProvider find(SdkHttpClient http, String region) throws BackupException {
        if (config.accessKeyId() != null && config.secretAccessKey() != null) {
            return keys(
                    config.accessKeyId().reveal().strip(),
                    config.secretAccessKey().reveal().strip(),
                    config.sessionToken() == null
                            ? null
                            : config.sessionToken().reveal().strip());
        }
        if (config.accessKeyIdFile() != null && config.secretAccessKeyFile() != null) {
            return keys(read(config.accessKeyIdFile()), read(config.secretAccessKeyFile()), null);
        }
        CredentialSource source = config.credentials();
        if (source == CredentialSource.INSTANCE) {
            return InstanceProfileCredentialsProvider.create();
        }
        if (source != CredentialSource.WEB_IDENTITY) {
            String id = environment.text(ID);
            String secret = environment.text(SECRET);
            if (id != null && secret != null) {
                return keys(id, secret, environment.text("AWS_SESSION_TOKEN"));
            }
        }
        if (source != CredentialSource.ENVIRONMENT) {
            String tokenFile = environment.text(TOKEN_FILE);
            String role = environment.text(ROLE);
            if (tokenFile != null && role != null) {
                return webIdentity(Path.of(tokenFile), role, http, region);
            }
        }
        throw new BackupException(
                Kind.CREDENTIALS,
                "bucket " + config.bucket(),
                "there are no credentials; tried "
                        + switch (source) {
                            case ENVIRONMENT -> ID + " with " + SECRET;
                            case WEB_IDENTITY -> TOKEN_FILE + " with " + ROLE;
                            default ->
                                "accessKeyId, accessKeyIdFile, " + ID + " with " + SECRET + ", " + TOKEN_FILE + " with "
                                        + ROLE;
                        },
                "set them, or give the sink accessKeyIdFile and secretAccessKeyFile");
    }

    /**
     * The key that the store is to encrypt with and forget, if there is one.
     *
     * @throws BackupException of kind {@code CREDENTIALS} if its file cannot be read or holds no key
     */
    Optional<CustomerKey> customerKey() throws BackupException {
        Path file = config.customerKeyFile();
        if (file == null) {
            return Optional.empty();
        }
        byte[] key;
        try (InputStream in = Files.newInputStream(file)) {
            key = in.readNBytes(CustomerKey.BYTES + 1);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (key.length != CustomerKey.BYTES) {
            throw new BackupException(
                    Kind.CREDENTIALS,
                    "customerKeyFile " + file,
                    "does not hold exactly 32 bytes",
                    "make a key with: openssl rand 32 > FILE; decode one that is written in base64 or hexadecimal");
        }
        CustomerKey result = new CustomerKey(key);
        context.redact(result.text());
        return Optional.of(result);
    }

    private AwsCredentialsProvider keys(String id, String secret, @Nullable String token) throws BackupException {
        if (id.isEmpty() || secret.isEmpty()) {
            throw new BackupException(
                    Kind.CREDENTIALS,
                    "bucket " + config.bucket(),
                    (id.isEmpty() ? "the access key id" : "the secret access key") + " is empty",
                    "look at where the sink's configuration takes it from");
        }
        context.redact(secret);
        if (token == null) {
            return StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret));
        }
        context.redact(token);
        return StaticCredentialsProvider.create(AwsSessionCredentials.create(id, secret, token));
    }

    private static String read(Path file) throws BackupException {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static BackupException unreadable(Path file, IOException e) {
        return new BackupException(
                Kind.CREDENTIALS,
                "credential file " + file,
                "cannot be read (" + e.getClass().getSimpleName() + ")",
                "mount or create it, readable for the user this runs as",
                e);
    }

    private AwsCredentialsProvider webIdentity(Path tokenFile, String role, SdkHttpClient http, String region) {
        String session = environment.text("AWS_ROLE_SESSION_NAME");
        var sts = StsClient.builder()
                .httpClient(http)
                .region(Region.of(region))
                .credentialsProvider(AnonymousCredentialsProvider.create());
        String endpoint = environment.text("AWS_ENDPOINT_URL_STS");
        if (endpoint != null) {
            sts.endpointOverride(URI.create(endpoint));
        }
        return StsWebIdentityTokenFileCredentialsProvider.builder()
                .stsClient(sts.build())
                .webIdentityTokenFile(tokenFile)
                .roleArn(role)
                .roleSessionName(session == null ? "lvs-backup" : session)
                .build();
    }
}
