package cloud.lvs.backup.examples.benchmark;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.TlsTrustManagersProvider;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Puts one small object by way of the SDK and one of its HTTP clients, with the settings of the sink. */
final class SmallPut {
    /** An HTTP client of the SDK. */
    enum Client {
        URL_CONNECTION("url-connection-client") {
            @Override
            SdkHttpClient create(TlsTrustManagersProvider trusted) {
                return UrlConnectionHttpClient.builder()
                        .tlsTrustManagersProvider(trusted)
                        .build();
            }
        },
        APACHE("apache-client") {
            @Override
            @SuppressWarnings("deprecation") // Still what many programs use.
            SdkHttpClient create(TlsTrustManagersProvider trusted) {
                return ApacheHttpClient.builder()
                        .tlsTrustManagersProvider(trusted)
                        .build();
            }
        },
        APACHE5("apache5-client") {
            @Override
            SdkHttpClient create(TlsTrustManagersProvider trusted) {
                return Apache5HttpClient.builder()
                        .tlsTrustManagersProvider(trusted)
                        .build();
            }
        };

        private final String artifact;

        Client(String artifact) {
            this.artifact = artifact;
        }

        abstract SdkHttpClient create(TlsTrustManagersProvider trusted);

        /** As Maven names it. */
        String artifact() {
            return artifact;
        }
    }

    private SmallPut() {}

    /** Arguments: the name of a {@link Client}, the endpoint, PEM file of the authority. */
    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        TrustManager[] trusted = Authority.trusting(Path.of(arguments[2]));
        try (SdkHttpClient http = Client.valueOf(arguments[0]).create(() -> trusted);
                S3Client client = S3Client.builder()
                        .httpClient(http)
                        .endpointOverride(URI.create(arguments[1]))
                        .credentialsProvider(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create("bench-id", "bench-secret")))
                        .region(Region.US_EAST_1)
                        .forcePathStyle(true)
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .overrideConfiguration(override -> override.defaultProfileFile(
                                ProfileFile.aggregator().build()))
                        .build()) {
            byte[] content = "small".getBytes(StandardCharsets.UTF_8);
            client.putObject(request -> request.bucket("bucket").key("small"), RequestBody.fromBytes(content));
        }
    }
}
