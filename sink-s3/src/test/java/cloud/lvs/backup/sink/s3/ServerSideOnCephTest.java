package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.TestObjects.LARGE;
import static cloud.lvs.backup.sink.s3.TestObjects.key;
import static cloud.lvs.backup.sink.s3.TestObjects.put;
import static cloud.lvs.backup.sink.s3.TestObjects.random;
import static cloud.lvs.backup.sink.s3.TestObjects.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.sink.s3.S3SinkConfig.Encryption;
import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;

/** What the store is asked to do with small and large objects: encrypt them, keep them cheaply, tag them. Over https. */
@NeedsRadosGateway
@Timeout(300)
class ServerSideOnCephTest {
    private static final byte[] BIG = random(LARGE);

    @TempDir
    Path directory = Path.of("");

    private final S3Client client;
    private final String bucket = RadosStore.newBucket();
    private final List<S3Sink> sinks = new ArrayList<>();

    ServerSideOnCephTest() throws Exception {
        client = RadosStore.secureClient();
    }

    @AfterEach
    void close() {
        client.close();
        sinks.forEach(S3Sink::close);
    }

    @Test
    void encryptsWithTheCustomersKeyAndReadsWithItOnly() throws Exception {
        S3Sink sink = sink(config -> config.customerKeyFile(keyFile("one", 1)));
        writeBoth(sink);
        assertThat(sink.createIfAbsent(key("created"), new byte[] {1})).isEqualTo(Creation.CREATED);

        assertThat(read(sink, "small")).isEqualTo(new byte[] {'x'});
        assertThat(read(sink, "large")).isEqualTo(BIG);
        assertThat(read(sink, "created")).isEqualTo(new byte[] {1});
        assertThat(sink.stat(key("large")).orElseThrow().sizeBytes()).isEqualTo(LARGE);
        for (String each : List.of("small", "large", "created")) {
            assertThatThrownBy(() -> client.getObjectAsBytes(
                            request -> request.bucket(bucket).key(each)))
                    .as("without a key")
                    .isInstanceOf(S3Exception.class);
        }
        S3Sink other = sink(config -> config.customerKeyFile(keyFile("two", 2)));
        assertThatThrownBy(() -> read(other, "small")).isInstanceOf(BackupException.class);
        assertThat(sink.delete(List.of(key("small"), key("large"))).isComplete())
                .isTrue();
    }

    @Test
    void readsWithACustomersKeyAlsoWhatIsNotEncrypted() throws Exception {
        put(sink(config -> config), "plain", "x");
        S3Sink sink = sink(config -> config.customerKeyFile(keyFile("one", 1)));

        assertThat(read(sink, "plain")).isEqualTo(new byte[] {'x'});
        assertThat(sink.stat(key("plain"))).isPresent();
    }

    @Test
    void encryptsWithAKeyOfTheKeyManagementService() throws Exception {
        S3Sink sink = sink(config -> config.encryption(Encryption.KMS).kmsKeyId("key-1"));

        writeBoth(sink);

        assertThat(read(sink, "large")).isEqualTo(BIG);
        for (String each : List.of("small", "large")) {
            assertThat(head(sink, each).serverSideEncryption()).isEqualTo(ServerSideEncryption.AWS_KMS);
            assertThat(head(sink, each).ssekmsKeyId()).isEqualTo("key-1");
        }
    }

    @Test
    void aKeyThatTheServiceDoesNotKnowFailsTheWrite() {
        S3Sink sink = sink(config -> config.encryption(Encryption.KMS).kmsKeyId("key-2"));

        assertThat(catchThrowableOfType(BackupException.class, () -> put(sink, "a", "x")))
                .hasMessageContaining("cannot write object a");
    }

    @Test
    void keepsObjectsInTheStorageClassWithTheTagsAskedFor() throws Exception {
        S3Sink sink = sink(config -> config.storageClass("COLD").tags(Map.of("team", "plat form", "a&b", "c=d")));

        writeBoth(sink);

        for (String each : List.of("small", "large")) {
            assertThat(head(sink, each).storageClassAsString()).isEqualTo("COLD");
            assertThat(client.getObjectTagging(request -> request.bucket(bucket).key(each))
                            .tagSet())
                    .as(each)
                    .containsExactlyInAnyOrder(tag("team", "plat form"), tag("a&b", "c=d"));
        }
    }

    @Test
    void aStorageClassThatTheStoreDoesNotHaveFailsTheWrite() {
        S3Sink sink = sink(config -> config.storageClass("STANDARD_IA"));

        assertThat(catchThrowableOfType(BackupException.class, () -> put(sink, "a", "x")))
                .hasMessageContaining("cannot write object a")
                .hasMessageContaining("InvalidArgument");
    }

    private void writeBoth(S3Sink sink) throws Exception {
        put(sink, "small", "x");
        put(sink, "large", BIG);
    }

    private HeadObjectResponse head(S3Sink sink, String key) throws Exception {
        assertThat(sink.stat(key(key))).isPresent();
        return client.headObject(request -> request.bucket(bucket).key(key));
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    private Path keyFile(String name, int filling) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) filling);
        try {
            return Files.write(directory.resolve(name), key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private S3Sink sink(UnaryOperator<S3SinkConfigBuilder> change) {
        S3Sink sink = RadosStore.sink(change.apply(RadosStore.config(bucket, RadosStore.GATEWAY.https()))
                .build());
        sinks.add(sink);
        return sink;
    }
}
