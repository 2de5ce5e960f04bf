package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.TestObjects.put;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.sink.s3.S3SinkConfig.LockMode;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Object Lock on stores that do not keep what they promise. */
class ObjectLockTest {
    private static final String ENABLED =
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws Exception {
        store = new ScriptedStore();
        sink = TestSinks.of(store.config()
                .objectLock(new ObjectLock(LockMode.COMPLIANCE, Duration.ofDays(30), true))
                .build());
    }

    @AfterEach
    void close() {
        sink.close();
        store.close();
    }

    @Test
    void asksForTheLockInTheSameRequestAsTheBytes() throws Exception {
        store.on(Operation.OBJECT_LOCK, say(200, ENABLED));
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        store.always(Operation.PUT, call -> {
            var headers = call.exchange().getRequestHeaders();
            asked.add(headers.getFirst("x-amz-object-lock-mode") + " "
                    + headers.getFirst("x-amz-object-lock-legal-hold"));
            call.properly();
        });

        assertThatThrownBy(() -> put(sink, "a", "x")).hasMessageContaining("does not show");
        put(sink, ".lvs-backup/job/20261122T030000Z-k7f3q2xw/begun.json", "{}");
        put(sink, ".lvs-backup-doctor/k7f3q2xw/probe", "what was tried has to go again");

        assertThat(asked).containsExactly("COMPLIANCE ON", "null null", "null null");
    }

    @Test
    void aStoreThatDropsTheLockOverAndOverFailsTheWrite() {
        store.on(Operation.OBJECT_LOCK, say(200, ENABLED));

        BackupException failure = catchThrowableOfType(BackupException.class, () -> put(sink, "a", "x"));

        assertThat(failure.kind()).isEqualTo(Kind.SINK);
        assertThat(failure.getMessage()).contains("does not show the Object Lock", "object a");
        assertThat(store.count(Operation.LOCK)).as("retention and legal hold").isEqualTo(2);
    }

    @Test
    void whoMayNotLockWhatTheStoreDroppedIsToldSo() {
        store.on(Operation.OBJECT_LOCK, say(200, ENABLED));
        store.on(Operation.LOCK, refuse(403, "AccessDenied"));

        BackupException failure = catchThrowableOfType(BackupException.class, () -> put(sink, "a", "x"));

        assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(failure.getMessage()).contains("lock object a");
    }

    @Test
    void aBucketWithoutObjectLockIsRefusedBeforeAnythingIsSent() {
        BackupException failure = catchThrowableOfType(BackupException.class, () -> put(sink, "a", "x"));

        assertThat(failure.getMessage()).contains("has no Object Lock");
        assertThat(store.seen).containsExactly(Operation.OBJECT_LOCK);
    }

    @Test
    void aManifestIsNotWrittenBesideABegunThatCannotBeLocked() throws Exception {
        store.on(Operation.OBJECT_LOCK, say(200, ENABLED));
        String run = ".lvs-backup/job/20261122T030000Z-k7f3q2xw/";
        put(sink, run + "begun.json", "{}");

        BackupException failure =
                catchThrowableOfType(BackupException.class, () -> put(sink, run + "committed-OK.json", "{}"));

        assertThat(failure.getMessage()).contains("does not show the Object Lock", "begun.json");
        assertThat(store.objects).containsOnlyKeys(run + "begun.json");
    }
}
