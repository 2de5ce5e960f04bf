package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.page;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Reaction;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.spi.Usage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether a listing goes on is told by its pages alone: an empty one need not be the last. */
@Timeout(120)
class PagesOfListingsTest {
    private static final ObjectKey KEY = new ObjectKey("a");

    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws IOException {
        store = new ScriptedStore();
        sink = TestSinks.in(store);
    }

    @AfterEach
    void stop() {
        sink.close();
        store.close();
    }

    // Objects

    @Test
    void anEmptyPageWithANewTokenGoesOn() {
        store.on(
                Operation.LIST,
                say(200, page(leadingTo("1"))),
                say(200, page(leadingTo("2"), "a")),
                say(200, page(leadingTo("3"))),
                say(200, page(leadingTo("4"))),
                say(200, page("<IsTruncated>false</IsTruncated>", "b")));

        assertThat(listed()).containsExactly("a", "b");
    }

    @Test
    void emptyPagesInACircleAreAnError() {
        store.on(
                Operation.LIST,
                say(200, page(leadingTo("1"), "a")),
                say(200, page(leadingTo("2"))),
                say(200, page(leadingTo("3"))),
                say(200, page(leadingTo("2"))));

        assertThatThrownBy(this::listed).hasMessageContaining("pages that go round in a circle");
    }

    @Test
    void emptyPagesDoNotGoOnForEver() {
        AtomicInteger pages = new AtomicInteger();
        store.everything(call -> call.answer(200, page(leadingTo("t" + pages.incrementAndGet()))));

        assertThatThrownBy(this::listed).hasMessageContaining("more than 1000 empty pages in a row");
        assertThat(pages).as("one more than may be empty").hasValue(1_001);
    }

    // Versions

    @Test
    void versionsBehindAnEmptyPageAreDeletedToo() throws Exception {
        keepVersions();
        store.on(
                Operation.LIST_VERSIONS,
                say(200, versions("<IsTruncated>true</IsTruncated><NextKeyMarker>Z</NextKeyMarker>")),
                say(200, versions(next("a", "1") + version("a", "1"))),
                say(200, versions(next("a", "0"))),
                say(200, versions("<IsTruncated>false</IsTruncated>" + version("a", "2"))));
        List<String> asked = new java.util.ArrayList<>();
        store.always(Operation.DELETE_MANY, call -> {
            asked.add(new String(call.body(), java.nio.charset.StandardCharsets.UTF_8));
            call.answer(200, "<DeleteResult/>");
        });

        sink.delete(List.of(KEY));

        assertThat(String.join("", asked)).contains("<VersionId>1</VersionId>", "<VersionId>2</VersionId>");
    }

    @Test
    void pagesOfVersionsInACircleAreAnError() {
        keepVersions();
        store.on(
                Operation.LIST_VERSIONS,
                say(200, versions(next("a", "1"))),
                say(200, versions(next("a", "2"))),
                say(200, versions(next("a", "1"))));

        assertThatThrownBy(() -> sink.delete(List.of(KEY)))
                .hasMessageContaining("cannot list versions: it answers with pages that go round in a circle");
    }

    @Test
    void emptyPagesOfVersionsDoNotGoOnForEver() {
        AtomicInteger pages = new AtomicInteger();
        Reaction empty = call -> call.answer(
                200,
                call.operation() == Operation.LIST_VERSIONS ? versions(next("a", "v" + pages.incrementAndGet())) : "");
        store.everything(call -> {
            switch (call.operation()) {
                case VERSIONING ->
                    call.answer(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
                case LIST_VERSIONS -> empty.to(call);
                default -> call.properly();
            }
        });

        assertThatThrownBy(() -> sink.delete(List.of(KEY)))
                .hasMessageContaining("cannot list versions: it answers with more than 1000 empty pages in a row");
    }

    @Test
    void theVersionsOfABucketAreCountedBeyondAnEmptyPage() throws Exception {
        store.on(
                Operation.LIST_VERSIONS,
                say(200, versions(next("a", "1"))),
                say(200, versions("<IsTruncated>false</IsTruncated>" + version("b", "2"))));

        assertThat(sink.usage(Usage.Scope.OWN)).containsExactly(new Usage.Measured(ScriptedStore.BUCKET, 1, 7));
    }

    // Unfinished uploads

    @Test
    void unfinishedUploadsBehindAnEmptyPageAreDiscarded() throws Exception {
        store.on(
                Operation.LIST_UPLOADS,
                say(200, uploads(next("a", "u1", "NextUploadIdMarker"))),
                say(
                        200,
                        uploads(
                                "<IsTruncated>false</IsTruncated><Upload><Key>a</Key><UploadId>u2</UploadId></Upload>")));

        sink.delete(List.of(KEY));

        assertThat(store.count(Operation.ABORT)).isEqualTo(1);
    }

    @Test
    void pagesOfUploadsInACircleAreAnError() {
        store.on(
                Operation.LIST_UPLOADS,
                say(200, uploads(next("a", "u1", "NextUploadIdMarker"))),
                say(200, uploads(next("a", "u2", "NextUploadIdMarker"))),
                say(200, uploads(next("a", "u1", "NextUploadIdMarker"))));

        assertThatThrownBy(() -> sink.delete(List.of(KEY)))
                .hasMessageContaining(
                        "cannot list its unfinished uploads: it answers with pages that go round in a circle");
    }

    @Test
    void doctorFindsItsUploadBehindAnEmptyPage() throws Exception {
        Reaction empty = say(200, uploads(next("a", "u1", "NextUploadIdMarker")));
        store.on(Operation.LIST_UPLOADS, empty);

        assertThat(sink.diagnose())
                .filteredOn(check -> check.name().equals("unfinished-uploads"))
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("are listed"));
    }

    // Vocabulary of the tests

    private List<String> listed() {
        try (Stream<StoredObject> listing = sink.list("")) {
            return listing.map(StoredObject::key).toList();
        }
    }

    private void keepVersions() {
        store.always(
                Operation.VERSIONING,
                say(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"));
    }

    private static String leadingTo(String token) {
        return "<IsTruncated>true</IsTruncated><NextContinuationToken>" + token + "</NextContinuationToken>";
    }

    private static String next(String key, String version) {
        return next(key, version, "NextVersionIdMarker");
    }

    private static String next(String key, String id, String element) {
        return "<IsTruncated>true</IsTruncated><NextKeyMarker>" + key + "</NextKeyMarker><" + element + ">" + id + "</"
                + element + ">";
    }

    private static String version(String key, String id) {
        return "<Version><Key>" + key + "</Key><VersionId>" + id
                + "</VersionId><IsLatest>false</IsLatest><Size>7</Size>" + "</Version>";
    }

    private static String versions(String content) {
        return "<ListVersionsResult>" + content + "</ListVersionsResult>";
    }

    private static String uploads(String content) {
        return "<ListMultipartUploadsResult>" + content + "</ListMultipartUploadsResult>";
    }
}
