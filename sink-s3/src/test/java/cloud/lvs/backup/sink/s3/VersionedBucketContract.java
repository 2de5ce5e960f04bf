package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.TestObjects.key;
import static cloud.lvs.backup.sink.s3.TestObjects.keys;
import static cloud.lvs.backup.sink.s3.TestObjects.put;
import static cloud.lvs.backup.sink.s3.TestObjects.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** What the sink does in a bucket that keeps old versions, on a store that really does. */
abstract class VersionedBucketContract {
    private S3Client client;
    private String bucket;
    private S3Sink sink;

    /** Past the sink. */
    abstract S3Client directClient();

    abstract String newBucket();

    abstract S3Sink sinkOf(String bucket);

    @BeforeEach
    void keepVersions() {
        client = directClient();
        bucket = newBucket();
        sink = sinkOf(bucket);
        versioning(BucketVersioningStatus.ENABLED);
    }

    @AfterEach
    void close() {
        sink.close();
    }

    @Test
    void deletingFreesTheSpaceOfAllVersions() throws Exception {
        put(sink, "a/b", "first");
        put(sink, "a/b", "second");
        put(sink, "a/c", "once");
        put(sink, "a/bc", "stays");
        put(sink, "a/bc", "stays too");

        assertThat(sink.delete(List.of(key("a/b"), key("a/c"))).isComplete()).isTrue();

        assertThat(versions()).containsExactly("p/a/bc", "p/a/bc");
        assertThat(keys(sink)).containsExactly("a/bc");
    }

    @Test
    void anObjectUnderADeleteMarkerIsAbsent() throws Exception {
        put(sink, "a", "hidden by another tool");
        put(sink, "b", "seen");
        client.deleteObject(request -> request.bucket(bucket).key("p/a"));

        assertThat(keys(sink)).containsExactly("b");
        assertThat(sink.stat(key("a"))).isEmpty();
        assertThat(catchThrowableOfType(BackupException.class, () -> sink.open(key("a")))
                        .kind())
                .isEqualTo(Kind.NOT_FOUND);
        assertThat(sink.createIfAbsent(key("a"), new byte[] {1})).isNotEqualTo(Creation.EXISTS);
    }

    @Test
    void aStoreThatCannotCreateConditionallyHereKeepsNoVersionOfTheAttempt() throws Exception {
        client.deleteObject(request -> request.bucket(bucket).key("p/a"));

        Creation answer = sink.createIfAbsent(key("a"), new byte[] {1});

        assertThat(versions())
                .isEqualTo(answer == Creation.UNSUPPORTED ? List.of("p/a marker") : List.of("p/a", "p/a marker"));
    }

    @Test
    void deletingWhatAnotherToolHasHiddenRemovesItWithTheMarker() throws Exception {
        put(sink, "a", "hidden");
        client.deleteObject(request -> request.bucket(bucket).key("p/a"));
        client.deleteObject(request -> request.bucket(bucket).key("p/never-was"));
        assertThat(versions()).containsExactly("p/a", "p/a marker", "p/never-was marker");

        assertThat(sink.delete(List.of(key("a"), key("never-was"))).isComplete())
                .isTrue();

        assertThat(versions()).isEmpty();
    }

    @Test
    void whatLiesBelowADeletedVersionDoesNotComeToLight() throws Exception {
        put(sink, "a", "old");
        client.deleteObject(request -> request.bucket(bucket).key("p/a"));
        put(sink, "a", "new");

        assertThat(sink.delete(List.of(key("a"))).isComplete()).isTrue();

        assertThat(sink.stat(key("a"))).isEmpty();
        assertThat(versions()).isEmpty();
    }

    @Test
    void deletesOldVersionsAlsoAfterVersioningWasSuspended() throws Exception {
        put(sink, "a", "old");
        versioning(BucketVersioningStatus.SUSPENDED);
        put(sink, "a", "new");
        assertThat(new String(read(sink, "a"), StandardCharsets.UTF_8)).isEqualTo("new");

        assertThat(sink.delete(List.of(key("a"))).isComplete()).isTrue();

        assertThat(versions()).isEmpty();
    }

    @Test
    void deletesMoreVersionsThanAStoreTakesInOneRequest() throws Exception {
        for (int n = 0; n < 1_002; n++) {
            client.deleteObject(request -> request.bucket(bucket).key("p/a"));
        }

        assertThat(sink.delete(List.of(key("a"))).isComplete()).isTrue();

        assertThat(versions()).isEmpty();
    }

    private void versioning(BucketVersioningStatus status) {
        client.putBucketVersioning(
                request -> request.bucket(bucket).versioningConfiguration(versioning -> versioning.status(status)));
    }

    /** The keys of all versions. */
    private List<String> versions() {
        List<String> keys = new ArrayList<>();
        client.listObjectVersionsPaginator(request -> request.bucket(bucket)).forEach(page -> {
            page.versions().forEach(version -> keys.add(version.key()));
            page.deleteMarkers().forEach(marker -> keys.add(marker.key() + " marker"));
        });
        return keys.stream().sorted().toList();
    }
}
