package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.TestObjects.LARGE;
import static cloud.lvs.backup.sink.s3.TestObjects.key;
import static cloud.lvs.backup.sink.s3.TestObjects.keys;
import static cloud.lvs.backup.sink.s3.TestObjects.put;
import static cloud.lvs.backup.sink.s3.TestObjects.random;
import static cloud.lvs.backup.sink.s3.TestObjects.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.S3SinkConfig.LockMode;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;

/** Object Lock as this store has it, which drops what a multipart upload asks for. */
@NeedsRadosGateway
@Timeout(300)
class ObjectLockOnCephTest {
    private static final String RUN = ".lvs-backup/job/20261122T030000Z-k7f3q2xw/";
    private static final Duration DAY = Duration.ofDays(1);

    private final S3Client client = RadosStore.client();
    private final List<S3Sink> sinks = new ArrayList<>();
    private String bucket = RadosStore.newLockingBucket();

    @AfterEach
    void close() {
        sinks.forEach(S3Sink::close);
    }

    @Test
    void locksSmallAndLargeObjectsUntilTheirRetentionEnds() throws Exception {
        S3Sink sink = sink(LockMode.COMPLIANCE, Duration.ofDays(30));
        Instant before = now();

        put(sink, "small", "x");
        put(sink, "large", random(LARGE));

        for (String each : List.of("small", "large")) {
            HeadObjectResponse head = head(each);
            assertThat(head.objectLockMode()).as(each).isEqualTo(ObjectLockMode.COMPLIANCE);
            assertThat(head.objectLockRetainUntilDate())
                    .as(each)
                    .isBetween(before.plus(Duration.ofDays(30)).minusSeconds(1), now().plus(Duration.ofDays(30)));
            assertThat(head.objectLockLegalHoldStatus()).as(each).isNull();
        }
    }

    @Test
    void extendsTheShorterRetentionThatTheBucketGivesByItself() throws Exception {
        client.putObjectLockConfiguration(request -> request.bucket(bucket)
                .objectLockConfiguration(configuration -> configuration
                        .objectLockEnabled("Enabled")
                        .rule(rule ->
                                rule.defaultRetention(standard -> standard.mode(ObjectLockRetentionMode.GOVERNANCE)
                                        .days(1)))));

        put(sink(LockMode.GOVERNANCE, Duration.ofDays(30)), "large", random(LARGE));

        assertThat(head("large").objectLockRetainUntilDate()).isAfter(now().plus(Duration.ofDays(29)));
    }

    @Test
    void putsALegalHoldOnSmallAndLargeObjects() throws Exception {
        S3Sink sink = sink(new ObjectLock(LockMode.GOVERNANCE, null, true), TestTime.machine());

        put(sink, "small", "x");
        put(sink, "large", random(LARGE));

        assertThat(head("small").objectLockLegalHoldStatus()).isEqualTo(ObjectLockLegalHoldStatus.ON);
        assertThat(head("large").objectLockLegalHoldStatus()).isEqualTo(ObjectLockLegalHoldStatus.ON);
        assertThat(sink.delete(List.of(key("small"))).refused().get(key("small")))
                .contains("legal hold");
        client.putObjectLegalHold(request ->
                request.bucket(bucket).key("small").legalHold(hold -> hold.status(ObjectLockLegalHoldStatus.OFF)));
        assertThat(sink.delete(List.of(key("small"))).isComplete()).isTrue();
    }

    @Test
    void locksOfTheJournalOnlyWhatARestoreNeeds() throws Exception {
        S3Sink sink = sink(LockMode.GOVERNANCE, DAY);

        put(sink, RUN + "begun.json", "{}");
        put(sink, RUN + "intent-1.json", "{}");
        assertThat(head(RUN + "begun.json").objectLockMode())
                .as("a run that has not committed may have to be swept")
                .isNull();
        put(sink, RUN + "SHA256SUMS", "{}");
        put(sink, RUN + "signature.json", "{}");
        put(sink, RUN + "committed-OK.json", "{}");
        put(sink, RUN + "held.json", "{}");
        put(sink, RUN + "abandoned-k7f3.json", "{}");
        put(sink, RUN + "deleting.json", "{}");
        sink.createIfAbsent(key(".lvs-backup/job/lock/000000000001.json"), new byte[] {1});

        assertThat(keys(sink).stream().filter(each -> head(each).objectLockMode() != null))
                .containsExactly(
                        RUN + "SHA256SUMS", RUN + "begun.json", RUN + "committed-OK.json", RUN + "signature.json");
    }

    @Test
    void refusesEachLockedKeyWithTheEndOfItsLockAndDeletesTheOthers() throws Exception {
        S3Sink sink = sink(LockMode.GOVERNANCE, DAY);
        put(sink, "locked", "x");
        put(sink, RUN + "intent-1.json", "{}");
        String until = head("locked").objectLockRetainUntilDate().toString();

        DeleteReport report = sink.delete(List.of(key("locked"), key(RUN + "intent-1.json")));

        assertThat(report.refused()).containsOnlyKeys(key("locked"));
        assertThat(report.locked()).containsExactly(key("locked"));
        assertThat(report.refused().get(key("locked"))).contains("locked", until, "GOVERNANCE");
        assertThat(keys(sink)).containsExactly("locked");
        assertThat(read(sink, "locked")).containsExactly('x');
    }

    @Test
    void deletesALockedObjectOnceItsLockHasEnded() throws Exception {
        // As if it had been written almost a day ago.
        S3Sink sink = sink(
                new ObjectLock(LockMode.COMPLIANCE, DAY, false),
                Clock.offset(TestTime.machine(), DAY.minusSeconds(5).negated()));
        put(sink, "a", "x");
        Instant until = head("a").objectLockRetainUntilDate();
        assertThat(sink.delete(List.of(key("a"))).refused()).containsOnlyKeys(key("a"));

        DeleteReport report = sink.delete(List.of(key("a")));
        while (!report.isComplete()) {
            assertThat(now()).isBefore(until.plusSeconds(120));
            Thread.sleep(500);
            report = sink.delete(List.of(key("a")));
        }

        assertThat(now()).isAfterOrEqualTo(until);
        assertThat(client.listObjectVersions(request -> request.bucket(bucket)))
                .satisfies(left -> assertThat(left.versions()).isEmpty())
                .satisfies(left -> assertThat(left.deleteMarkers()).isEmpty());
    }

    @Test
    void anObjectHiddenByAnIntruderIsStillThereBelow() throws Exception {
        S3Sink sink = sink(LockMode.COMPLIANCE, DAY);
        put(sink, "a", "locked");
        String version = head("a").versionId();

        client.deleteObject(request -> request.bucket(bucket).key("a"));
        assertThat(sink.stat(key("a"))).isEmpty();
        String marker = client.listObjectVersions(request -> request.bucket(bucket))
                .deleteMarkers()
                .get(0)
                .versionId();
        client.deleteObject(request -> request.bucket(bucket).key("a").versionId(marker));

        assertThat(head("a").versionId()).isEqualTo(version);
        assertThat(read(sink, "a")).isEqualTo("locked".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aBucketWithoutObjectLockIsRefusedBeforeAnythingIsSent() {
        bucket = RadosStore.newBucket();
        S3Sink sink = sink(LockMode.GOVERNANCE, DAY);

        BackupException failure = catchThrowableOfType(BackupException.class, () -> put(sink, "a", random(LARGE)));

        assertThat(failure.kind()).isEqualTo(Kind.SINK);
        assertThat(failure.getMessage()).contains(bucket, "has no Object Lock");
        assertThat(RadosStore.uploads(bucket)).isZero();
    }

    @Test
    void aMissingBucketIsMadeWithObjectLockIfAskedFor() throws Exception {
        bucket = RadosStore.newName();
        S3Sink sink = RadosStore.sink(RadosStore.config(bucket, RadosStore.GATEWAY.http())
                // A region that this store has no place for.
                .region("nbg1")
                .createBucket()
                .objectLock(new ObjectLock(LockMode.GOVERNANCE, DAY, false))
                .build());
        sinks.add(sink);

        put(sink, "a", "x");

        assertThat(head("a").objectLockMode()).isEqualTo(ObjectLockMode.GOVERNANCE);
    }

    private static Instant now() {
        return TestTime.machine().instant();
    }

    private S3Sink sink(LockMode mode, @Nullable Duration retention) {
        return sink(new ObjectLock(mode, retention, false), TestTime.machine());
    }

    private S3Sink sink(ObjectLock lock, Clock clock) {
        S3Sink sink = RadosStore.sink(
                RadosStore.config(bucket, RadosStore.GATEWAY.http())
                        .objectLock(lock)
                        .build(),
                clock);
        sinks.add(sink);
        return sink;
    }

    private HeadObjectResponse head(String key) {
        return client.headObject(request -> request.bucket(bucket).key(key));
    }
}
