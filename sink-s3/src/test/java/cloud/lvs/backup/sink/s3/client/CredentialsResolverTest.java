package cloud.lvs.backup.sink.s3.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfig.CredentialSource;
import cloud.lvs.backup.sink.s3.S3SinkConfigBuilder;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Secret;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

class CredentialsResolverTest {
    private static final Map<String, String> KEYS =
            Map.of("AWS_ACCESS_KEY_ID", "env-id\n", "AWS_SECRET_ACCESS_KEY", "env-secret\n");

    @TempDir
    Path directory = Path.of("");

    private final SdkHttpClient http = UrlConnectionHttpClient.create();
    private TestProviderContext context = new TestProviderContext(directory);

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void configuredKeysComeFirstAndAreMasked() throws Exception {
        AwsCredentials found = find(S3SinkConfig.builder("bucket").keys(new Secret("id"), new Secret("secret")), KEYS);

        assertThat(found.accessKeyId()).isEqualTo("id");
        assertThat(found.secretAccessKey()).isEqualTo("secret");
        assertThat(context.redacted()).contains("secret");
    }

    @Test
    void readsKeysFromFiles() throws Exception {
        Path id = Files.writeString(directory.resolve("id"), "file-id\n");
        Path secret = Files.writeString(directory.resolve("secret"), "file-secret\n");

        AwsCredentials found = find(S3SinkConfig.builder("bucket").keyFiles(id, secret), KEYS);

        assertThat(found.accessKeyId()).isEqualTo("file-id");
        assertThat(found.secretAccessKey()).isEqualTo("file-secret");
        assertThat(context.redacted()).contains("file-secret");
    }

    @Test
    void namesTheFileThatIsMissing() {
        Path missing = directory.resolve("missing");

        assertThatThrownBy(() -> find(S3SinkConfig.builder("bucket").keyFiles(missing, missing), KEYS))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining(missing.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 44})
    void aCustomersKeyIsExactlyThirtyTwoBytes(int bytes) throws Exception {
        Path file = Files.writeString(directory.resolve("key"), "k".repeat(bytes));

        assertThatThrownBy(() -> customerKey(file))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS);
                    assertThat(e.remedy()).contains("openssl rand 32");
                })
                .hasMessageContaining(file.toString())
                .hasMessageNotContaining("kkk");
    }

    @Test
    void aCustomersKeyIsMasked() throws Exception {
        Path file = Files.writeString(directory.resolve("key"), "k".repeat(32));

        String text = customerKey(file).orElseThrow().text();

        assertThat(context.redacted()).containsExactly(text);
    }

    private Optional<CustomerKey> customerKey(Path file) throws BackupException {
        context = new TestProviderContext(directory);
        S3SinkConfig config =
                S3SinkConfig.builder("bucket").customerKeyFile(file).build();
        return new CredentialsResolver(config, name -> null, context).customerKey();
    }

    @Test
    void takesTheEnvironmentsKeysWithTheirToken() throws Exception {
        AwsCredentials found = find(
                S3SinkConfig.builder("bucket"),
                Map.of("AWS_ACCESS_KEY_ID", "i", "AWS_SECRET_ACCESS_KEY", "s", "AWS_SESSION_TOKEN", "t"));

        assertThat(found)
                .isInstanceOfSatisfying(
                        AwsSessionCredentials.class,
                        session -> assertThat(session.sessionToken()).isEqualTo("t"));
        assertThat(context.redacted()).contains("s", "t");
    }

    @Test
    void saysInOneLineWhatWasTriedInsteadOfAskingTheMetadataService() {
        BackupException failure =
                catchThrowableOfType(BackupException.class, () -> find(S3SinkConfig.builder("bucket"), Map.of()));

        assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(failure.getMessage())
                .contains("accessKeyIdFile", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")
                .doesNotContain("\n");
    }

    @Test
    void exchangesAWebIdentity() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "jwt");
        HttpServer sts = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sts.createContext("/", exchange -> {
            String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String id =
                    request.contains("WebIdentityToken=jwt") && request.contains("lvs%3Arole") ? "fresh-id" : "wrong";
            byte[] answer = ("<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                            + "<AccessKeyId>" + id + "</AccessKeyId><SecretAccessKey>fresh</SecretAccessKey>"
                            + "<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
                            + "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        sts.start();
        try {
            AwsCredentials found = find(
                    S3SinkConfig.builder("bucket").credentials(CredentialSource.WEB_IDENTITY),
                    Map.of(
                            "AWS_WEB_IDENTITY_TOKEN_FILE",
                            token.toString(),
                            "AWS_ROLE_ARN",
                            "lvs:role",
                            "AWS_ENDPOINT_URL_STS",
                            "http://127.0.0.1:" + sts.getAddress().getPort()));

            assertThat(found.accessKeyId()).isEqualTo("fresh-id");
        } finally {
            sts.stop(0);
        }
    }

    private AwsCredentials find(S3SinkConfigBuilder config, Map<String, String> environment) throws BackupException {
        context = new TestProviderContext(directory);
        return new CredentialsResolver(config.build(), environment::get, context)
                .find(http, "us-east-1")
                .resolveCredentials();
    }
}
