package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.TestObjects.LARGE;
import static cloud.lvs.backup.sink.s3.TestObjects.key;
import static cloud.lvs.backup.sink.s3.TestObjects.put;
import static cloud.lvs.backup.sink.s3.TestObjects.random;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.doItAndHangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Reaction;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What no journal names any more: the store's own list of unfinished uploads tells. */
class StaleUploadsTest {
    private static final Duration OLD = Duration.ofHours(25);
    private static final Duration YOUNG = Duration.ofHours(23);

    private final List<String> aborted = Collections.synchronizedList(new ArrayList<>());
    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws Exception {
        store = new ScriptedStore();
        store.always(Operation.ABORT, call -> {
            aborted.add(call.key());
            call.answer(204, "");
        });
        sink = TestSinks.of(store.config().prefix("ours").build());
    }

    @AfterEach
    void close() {
        sink.close();
        store.close();
    }

    @Test
    void theFirstDeletionDiscardsUploadsOfADayAgoUnderThePrefix() throws Exception {
        afterTheDeletionItself(page(upload("ours/old", OLD), upload("ours/young", YOUNG)));

        sink.delete(List.of(key("x")));

        assertThat(aborted).containsExactly("ours/old");
    }

    @Test
    void goesThroughAllPages() throws Exception {
        afterTheDeletionItself(
                say(
                        200,
                        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>ours/1</NextKeyMarker>"
                                + "<NextUploadIdMarker>id</NextUploadIdMarker>" + upload("ours/1", OLD)
                                + "</ListMultipartUploadsResult>"),
                call -> {
                    assertThat(call.parameter("key-marker")).isEqualTo("ours/1");
                    assertThat(call.parameter("upload-id-marker")).isEqualTo("id");
                    page(upload("ours/2", OLD)).to(call);
                });

        sink.delete(List.of(key("x")));

        assertThat(aborted).containsExactly("ours/1", "ours/2");
    }

    @Test
    void asksOnlyOnce() throws Exception {
        sink.delete(List.of(key("x")));
        long asked = store.count(Operation.LIST_UPLOADS);
        sink.delete(List.of(key("x")));

        assertThat(store.count(Operation.LIST_UPLOADS)).isEqualTo(asked + 1);
    }

    @Test
    void anUploadThatStillGetsPartsIsAliveHoweverLongAgoItBegan() throws Exception {
        afterTheDeletionItself(page(upload("ours/slow", OLD), upload("ours/dead", OLD)));
        store.on(
                Operation.LIST_PARTS,
                say(200, parts(part(1, OLD), part(2, YOUNG))),
                say(200, parts(part(1, OLD), part(2, OLD))));

        sink.delete(List.of(key("x")));

        assertThat(aborted).containsExactly("ours/dead");
    }

    @Test
    void whatCannotBeLookedIntoStays() throws Exception {
        afterTheDeletionItself(page(upload("ours/old", OLD)));
        store.on(Operation.LIST_PARTS, refuse(403, "AccessDenied"));

        sink.delete(List.of(key("x")));

        assertThat(aborted).isEmpty();
    }

    @Test
    void neverTouchesWhatLiesOutsideThePrefixWhateverTheStoreLists() throws Exception {
        afterTheDeletionItself(page(upload("ours-not/old", OLD), upload("theirs/old", OLD)));

        sink.delete(List.of(key("x")));

        assertThat(aborted).isEmpty();
    }

    @Test
    void withoutAPrefixNothingIsSwept() throws Exception {
        sink.close();
        sink = TestSinks.in(store);

        sink.delete(List.of(key("x")));

        assertThat(store.count(Operation.LIST_UPLOADS))
                .as("for the deletion itself")
                .isEqualTo(1);
    }

    @Test
    void aRefusedDeletionSweepsNothing() throws Exception {
        store.on(Operation.DELETE_MANY, refuse(403, "AccessDenied"));

        sink.delete(List.of(key("x")));

        assertThat(store.count(Operation.LIST_UPLOADS)).isEqualTo(1);
    }

    @Test
    void aSweepThatFailsDoesNotFailTheDeletion() throws Exception {
        afterTheDeletionItself(refuse(400, "Odd"));

        assertThat(sink.delete(List.of(key("x"))).isComplete()).isTrue();
    }

    @Test
    void theOrphanOfALostReplyGoesWithItsKeyWithoutWaitingADay() throws Exception {
        store.close();
        store = new ScriptedStore();
        store.on(Operation.BEGIN, doItAndHangUp());
        sink.close();
        sink = TestSinks.of(store.config().prefix("ours").build());
        put(sink, "big", random(LARGE));
        assertThat(store.uploads).as("the one whose id was never told").hasSize(1);

        assertThat(sink.delete(List.of(key("big"))).isComplete()).isTrue();

        assertThat(store.uploads).isEmpty();
    }

    /** The first list that a deletion asks for is of its own keys. */
    private void afterTheDeletionItself(Reaction... reactions) {
        store.on(Operation.LIST_UPLOADS, page()).on(Operation.LIST_UPLOADS, reactions);
    }

    private static Reaction page(String... uploads) {
        return say(
                200,
                "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>" + String.join("", uploads)
                        + "</ListMultipartUploadsResult>");
    }

    private static String upload(String key, Duration age) {
        return "<Upload><Key>" + key + "</Key><UploadId>id</UploadId><Initiated>" + ago(age) + "</Initiated></Upload>";
    }

    private static String parts(String... parts) {
        return "<ListPartsResult><IsTruncated>false</IsTruncated>" + String.join("", parts) + "</ListPartsResult>";
    }

    private static String part(int number, Duration age) {
        return "<Part><PartNumber>" + number + "</PartNumber><LastModified>" + ago(age) + "</LastModified></Part>";
    }

    private static Instant ago(Duration age) {
        return TestTime.machine().instant().minus(age).truncatedTo(ChronoUnit.SECONDS);
    }
}
