package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.sink.s3.S3SinkConfig.LockMode;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class S3SinkConfigTest {
    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("partSize", builder -> builder.parts(new ByteSize(1 << 20), 2, 100)),
                mistake("partSize", builder -> builder.parts(new ByteSize(2L << 30), 2, 100)),
                mistake("partsInFlight", builder -> builder.parts(new ByteSize(16 << 20), 0, 100)),
                mistake("maxParts", builder -> builder.parts(new ByteSize(16 << 20), 2, 10_001)),
                mistake("patience", builder -> builder.patience(Duration.ZERO)),
                mistake("prefix", builder -> builder.prefix("a/../b")),
                mistake(
                        "objectLock.retention",
                        builder -> builder.objectLock(new ObjectLock(LockMode.GOVERNANCE, Duration.ofHours(1), false))),
                mistake("objectLock", builder -> builder.objectLock(new ObjectLock(LockMode.GOVERNANCE, null, false))),
                mistake("customerKeyFile", builder -> builder.encryption(S3SinkConfig.Encryption.CUSTOMER)),
                mistake("kmsKeyId", builder -> builder.kmsKeyId("key")),
                mistake("sessionToken", builder -> builder.sessionToken(new Secret("t"))),
                mistake(
                        "credentials",
                        builder -> builder.keys(new Secret("i"), new Secret("s"))
                                .credentials(S3SinkConfig.CredentialSource.INSTANCE)));
    }

    private static Arguments mistake(String key, UnaryOperator<S3SinkConfigBuilder> change) {
        return Arguments.of(key, change);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeNamesItsKey(String key, UnaryOperator<S3SinkConfigBuilder> change) {
        assertThatThrownBy(() -> change.apply(S3SinkConfig.builder("bucket")).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(key);
    }

    @Test
    void aBucketIsANameNotAUrl() {
        assertThatThrownBy(() -> S3SinkConfig.builder("s3://bucket/prefix").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bucket");
    }

    @Test
    void slashesAroundThePrefixDoNotMatter() {
        assertThat(S3SinkConfig.builder("bucket").prefix("/a/b/").build().prefix())
                .isEqualTo("a/b");
    }

    @Test
    void neverShowsASecret() {
        assertThat(S3SinkConfig.builder("bucket")
                        .keys(new Secret("the-id"), new Secret("the-secret"))
                        .build()
                        .toString())
                .doesNotContain("the-id", "the-secret");
    }

    @Test
    void isFoundByItsType() {
        assertThat(ServiceLoader.load(SinkProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(S3SinkProvider.class::isInstance)
                        .map(SinkProvider::type))
                .containsExactly("s3");
    }

    @Test
    void aCustomersKeyIsNotSentOverPlainHttp() {
        S3SinkConfig config = S3SinkConfig.builder("bucket")
                .endpoint("http://store.invalid")
                .allowPlainHttp()
                .customerKeyFile(Path.of("key"))
                .build();

        assertThatThrownBy(() ->
                        new S3SinkProvider(name -> null).create(config, new TestProviderContext(Path.of("target"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("encryption: customer");
    }

    @Test
    void theFetchCommandNamesTheFileOfTheCustomersKey() {
        S3SinkConfig config = S3SinkConfig.builder("bucket")
                .customerKeyFile(Path.of("/etc/it's.key"))
                .build();
        try (Sink sink = new S3SinkProvider(name -> null).create(config, new TestProviderContext(Path.of("target")))) {
            assertThat(sink.fetchCommand(new ObjectKey("a")))
                    .endsWith(" --sse-c AES256 --sse-c-key 'fileb:///etc/it'\\''s.key'");
        }
    }

    @Test
    void makesASinkWithoutAnyRequest() {
        S3SinkConfig config = S3SinkConfig.builder("bucket")
                .endpoint("store.invalid")
                .prefix("p")
                .build();
        try (Sink sink = new S3SinkProvider(Map.<String, String>of()::get)
                .create(config, new TestProviderContext(Path.of("target")))) {
            assertThat(sink.fetchCommand(new ObjectKey("it's")))
                    .isEqualTo("aws s3 cp 's3://bucket/p/it'\\''s' - --only-show-errors --endpoint-url"
                            + " 'https://store.invalid' --region 'us-east-1'");
        }
    }

    /** What the launcher gives a process is a little less than -Xmx128m says. */
    @ParameterizedTest
    @CsvSource({
        "16MiB, 2, ''",
        "32MiB, 2, ''",
        "64MiB, 2, needs 216 MiB",
        "1GiB, 2, needs 3096 MiB",
        "16MiB, 6, needs 136 MiB",
        "5MiB, 64, needs 349 MiB"
    })
    void partsThatDoNotFitIntoTheProcessAreFoundBeforehand(String size, int inFlight, String words) {
        ByteSize partSize = ByteSize.parse(size);
        S3SinkConfig config = S3SinkConfig.builder("backups")
                .parts(partSize, inFlight, 10_000)
                .build();

        List<Finding> findings = new S3SinkProvider(name -> null).preflight(config, 124L << 20);

        if (words.isEmpty()) {
            assertThat(findings).isEmpty();
        } else {
            assertThat(findings).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
                assertThat(finding.kind()).isEqualTo(Kind.CONFIG);
                assertThat(finding.problem()).contains(words, "partSize " + partSize, "the process may use 124 MiB");
                assertThat(finding.remedy()).contains("lower partSize", "LVS_JAVA_OPTS=-Xmx");
            });
        }
    }

    @Test
    void theRemedyForTooLittleMemoryIsEnough() {
        S3SinkConfig config = S3SinkConfig.builder("backups")
                .parts(new ByteSize(64 << 20), 2, 10_000)
                .build();

        assertThat(new S3SinkProvider(name -> null).preflight(config, 124L << 20))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("-Xmx256m"));
        assertThat(new S3SinkProvider(name -> null).preflight(config, 247L << 20))
                .as("what -Xmx256m leaves for objects")
                .isEmpty();
    }
}
