package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store that answers 403 for what is not there, as some do to every key and AWS does to one that may not list. */
@Timeout(60)
class HiddenAbsenceTest {
    private static final ObjectKey KEY = new ObjectKey("2026/11/x.db");

    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws IOException {
        store = new ScriptedStore();
        store.always(Operation.HEAD, call -> {
            if (store.objects.containsKey(call.key())) {
                call.properly();
            } else {
                call.answer(403, "");
            }
        });
        store.always(Operation.GET, call -> {
            if (store.objects.containsKey(call.key())) {
                call.properly();
            } else {
                call.answer(403, ScriptedStore.error("AccessDenied"));
            }
        });
        sink = TestSinks.in(store);
    }

    @AfterEach
    void stop() {
        sink.close();
        store.close();
    }

    @Test
    void whatAListingDoesNotShowIsAbsent() throws Exception {
        store.keep(KEY + ".longer", new byte[1]);

        assertThat(sink.stat(KEY)).isEmpty();
        assertThatThrownBy(() -> sink.open(KEY).close())
                .isInstanceOfSatisfying(
                        BackupException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND));
        assertThat(sink.createIfAbsent(KEY, new byte[1])).isEqualTo(Creation.CREATED);
        assertThat(sink.createIfAbsent(KEY, new byte[1])).isEqualTo(Creation.EXISTS);
    }

    @Test
    void whatAListingShowsIsRefused() {
        store.keep(KEY.value(), new byte[1]);
        store.mend();
        store.always(Operation.HEAD, say(403, "")).always(Operation.GET, refuse(403, "AccessDenied"));

        assertThatThrownBy(() -> sink.stat(KEY)).isInstanceOfSatisfying(BackupException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS);
            assertThat(failure.problem()).contains("refuses access: cannot look for object 2026/11/x.db");
        });
        assertThatThrownBy(() -> sink.open(KEY).close())
                .isInstanceOfSatisfying(
                        BackupException.class,
                        failure -> assertThat(failure.problem()).contains("cannot read object 2026/11/x.db"));
    }

    @Test
    void aKeyThatMayNotListIsToldWhatItLacks() {
        store.always(Operation.LIST, refuse(403, "AccessDenied"));

        assertThatThrownBy(() -> sink.stat(KEY)).isInstanceOfSatisfying(BackupException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS);
            assertThat(failure.remedy()).contains("s3:ListBucket", "listBuckets");
        });
    }

    @Test
    void aWrongKeyIsToldByTheListing() {
        store.mend();
        store.always(Operation.HEAD, say(403, "")).always(Operation.LIST, refuse(403, "InvalidAccessKeyId"));

        assertThatThrownBy(() -> sink.stat(KEY)).hasMessageContaining("does not know the access key id");
    }

    @Test
    void doctorFindsNothingWrong() throws Exception {
        assertThat(sink.diagnose()).noneMatch(check -> check.status() == Check.Status.FAILED);
    }

    /** Whose policy covers a prefix only. */
    @Test
    void aBucketThatMayNotBeAskedForIsNotMade() throws Exception {
        store.mend();
        store.always(Operation.HEAD_BUCKET, say(403, ""));
        try (S3Sink creating = TestSinks.of(store.config().createBucket().build())) {
            assertThat(creating.stat(KEY)).isEmpty();
            assertThat(store.count(Operation.CREATE_BUCKET)).isZero();
        }
    }
}
