package cloud.lvs.backup.sink.s3.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfig.Addressing;
import cloud.lvs.backup.sink.s3.S3SinkConfigBuilder;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreLocationTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nbg1.your-objectstorage.com                  | https://nbg1.your-objectstorage.com | nbg1",
                "https://fsn1.your-objectstorage.com/         | https://fsn1.your-objectstorage.com | fsn1",
                "minio-service.default:9000                   | https://minio-service.default:9000  | us-east-1",
                "'https://a.example:9000\n'                   | https://a.example:9000              | us-east-1",
                "'https://a.example, https://b.example'       | https://a.example                   | us-east-1",
                "s3.eu-central-1.amazonaws.com                | https://s3.eu-central-1.amazonaws.com | eu-central-1"
            })
    void readsEndpointsAsPeopleWriteThem(String written, URI endpoint, String region) {
        StoreLocation location = locate(S3SinkConfig.builder("bucket").endpoint(written), Map.of());

        assertThat(location.endpoint()).isEqualTo(endpoint);
        assertThat(location.region()).isEqualTo(region);
        assertThat(location.addressing()).isEqualTo(Addressing.PATH);
    }

    @Test
    void takesTheEndpointOfLonghornsSecretFromTheEnvironment() {
        StoreLocation location = locate(
                S3SinkConfig.builder("bucket"),
                Map.of("AWS_ENDPOINTS", "hel1.your-objectstorage.com\n", "AWS_REGION", "x"));

        assertThat(location.endpoint()).isEqualTo(URI.create("https://hel1.your-objectstorage.com"));
        assertThat(location.region()).isEqualTo("hel1");
    }

    @ParameterizedTest
    @CsvSource({"true, VIRTUAL", "'false\n', PATH"})
    void takesTheAddressingOfLonghornsSecretUnlessItIsConfigured(String written, Addressing addressing) {
        Map<String, String> environment = Map.of("VIRTUAL_HOSTED_STYLE", written);
        S3SinkConfigBuilder config = S3SinkConfig.builder("bucket").endpoint("a.example");

        assertThat(locate(config, environment).addressing()).isEqualTo(addressing);
        assertThat(locate(config.addressing(Addressing.PATH), environment).addressing())
                .isEqualTo(Addressing.PATH);
    }

    @Test
    void isAwsWithoutAnEndpoint() {
        StoreLocation location = locate(S3SinkConfig.builder("bucket"), Map.of("AWS_DEFAULT_REGION", "eu-west-1"));

        assertThat(location.endpoint()).isNull();
        assertThat(location.region()).isEqualTo("eu-west-1");
        assertThat(location.addressing()).isEqualTo(Addressing.VIRTUAL);
    }

    @Test
    void takesPlainHttpOnlyIfAsked() {
        S3SinkConfigBuilder config = S3SinkConfig.builder("bucket").endpoint("http://a.example:9000");

        assertThatThrownBy(() -> locate(config, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowPlainHttp");
        assertThat(locate(config.allowPlainHttp(), Map.of()).isPlainHttp()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://a.example", "https://", "https://user:secret@a.example", "https://a.example?x=1", "a b|c"
            })
    void refusesWhatIsNoEndpointWithoutRepeatingIt(String written) {
        S3SinkConfigBuilder config = S3SinkConfig.builder("bucket").endpoint(written.replace(' ', '^'));

        assertThatThrownBy(() -> locate(config, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("endpoint")
                .hasMessageNotContaining("secret");
    }

    private static StoreLocation locate(S3SinkConfigBuilder config, Map<String, String> environment) {
        return StoreLocation.of(config.build(), environment::get);
    }
}
