package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Check.Status;
import cloud.lvs.backup.spi.Usage;
import cloud.lvs.backup.spi.Usage.Measured;
import cloud.lvs.backup.spi.Usage.Scope;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;

/** What Ceph's object gateway can and cannot do, as the sink finds out, and how full it says its buckets are. */
@NeedsRadosGateway
@Timeout(300)
class DiagnosisOnCephTest {
    private final S3Client client = RadosStore.client();

    @Test
    void copesWithAllThatThisStoreCannotDo() throws Exception {
        String bucket = RadosStore.newBucket();

        Map<String, Status> found = diagnose(bucket, RadosStore.GATEWAY.https());

        assertThat(found).doesNotContainValue(Status.FAILED);
        assertThat(found)
                .contains(
                        entry("transport", Status.PASSED),
                        entry("clock", Status.PASSED),
                        entry("usage", Status.PASSED),
                        entry("content-md5", Status.PASSED),
                        entry("create-if-absent", Status.PASSED),
                        entry("multipart", Status.PASSED),
                        entry("ranges", Status.PASSED),
                        entry("conditional-complete", Status.WARNED),
                        entry("part-sizes", Status.PASSED),
                        entry("unfinished-uploads", Status.PASSED),
                        entry("multipart-abort", Status.PASSED),
                        entry("leftovers", Status.PASSED));
        assertThat(client.listObjectVersions(request -> request.bucket(bucket)).versions())
                .isEmpty();
        assertThat(RadosStore.uploads(bucket)).isZero();
    }

    @Test
    void leavesNoVersionsEither() throws Exception {
        String bucket = RadosStore.newBucket();
        keepVersions(bucket);

        Map<String, Status> found = diagnose(bucket, RadosStore.GATEWAY.http());

        assertThat(found).doesNotContainValue(Status.FAILED).contains(entry("leftovers", Status.PASSED));
        assertThat(client.listObjectVersions(request -> request.bucket(bucket)))
                .satisfies(left -> assertThat(left.versions()).isEmpty())
                .satisfies(left -> assertThat(left.deleteMarkers()).isEmpty());
    }

    @Test
    void namesWhatABucketThatLocksByItselfKeeps() throws Exception {
        String bucket = RadosStore.newLockingBucket();
        client.putObjectLockConfiguration(request -> request.bucket(bucket)
                .objectLockConfiguration(configuration -> configuration
                        .objectLockEnabled("Enabled")
                        .rule(rule ->
                                rule.defaultRetention(standard -> standard.mode(ObjectLockRetentionMode.GOVERNANCE)
                                        .days(1)))));
        try (S3Sink sink = RadosStore.sink(
                RadosStore.config(bucket, RadosStore.GATEWAY.http()).build())) {
            List<Check> checks = sink.diagnose();

            assertThat(checks)
                    .filteredOn(check -> check.name().equals("object-lock"))
                    .extracting(Check::detail)
                    .singleElement()
                    .asString()
                    .contains("locks every object for 1 days (GOVERNANCE)");
            Check delete = checks.get(checks.size() - 1);
            assertThat(delete.status()).isEqualTo(Status.WARNED);
            assertThat(client.listObjectsV2(request -> request.bucket(bucket)).contents())
                    .isNotEmpty()
                    .allSatisfy(left -> assertThat(delete.detail()).contains(left.key()));
        }
    }

    @Test
    void takesTheStoresOwnCountOfVersionsToo() throws Exception {
        String bucket = RadosStore.newBucket();
        keepVersions(bucket);
        for (int size : new int[] {10, 20, 30}) {
            client.putObject(
                    request -> request.bucket(bucket).key("elsewhere/a"), RequestBody.fromBytes(new byte[size]));
        }
        try (S3Sink sink = RadosStore.sink(RadosStore.config(bucket, RadosStore.GATEWAY.http())
                .prefix("ours")
                .build())) {
            Usage own = sink.usage(Scope.OWN).get(0);

            assertThat(own).isEqualTo(new Measured(bucket, 3, 60));
            assertThat(sink.usage(Scope.ALL)).contains(own);
        }
    }

    private void keepVersions(String bucket) {
        client.putBucketVersioning(request ->
                request.bucket(bucket).versioningConfiguration(to -> to.status(BucketVersioningStatus.ENABLED)));
    }

    private static Map<String, Status> diagnose(String bucket, URI endpoint) throws Exception {
        try (S3Sink sink = RadosStore.sink(
                RadosStore.config(bucket, endpoint).prefix("it's/a prefix").build())) {
            List<Check> checks = sink.diagnose();
            return checks.stream().collect(Collectors.toMap(Check::name, Check::status));
        }
    }
}
