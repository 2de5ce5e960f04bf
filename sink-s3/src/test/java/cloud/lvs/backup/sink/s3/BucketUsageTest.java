package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.buckets;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.page;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Reaction;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Usage;
import cloud.lvs.backup.spi.Usage.Measured;
import cloud.lvs.backup.spi.Usage.Scope;
import cloud.lvs.backup.spi.Usage.Unknown;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

@Timeout(300)
class BucketUsageTest {
    private static final Reaction DENY = refuse(403, "AccessDenied");

    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws IOException {
        store = new ScriptedStore();
        sink = TestSinks.of(store.config().prefix("ours").build());
    }

    @AfterEach
    void stop() {
        sink.close();
        store.close();
    }

    // What the store counts itself

    @Test
    void takesTheStoresOwnCountWithoutListing() throws Exception {
        store.on(Operation.HEAD_BUCKET, counting("1234", "5678901234567"));

        assertThat(sink.usage(Scope.OWN)).containsExactly(new Measured("bucket", 1234, 5678901234567L));
        assertThat(store.seen).containsExactly(Operation.HEAD_BUCKET);
    }

    @Test
    void asksForTheCountAsLaterVersionsOfCephWantIt() throws Exception {
        store.on(Operation.HEAD_BUCKET, call -> {
            assertThat(call.parameter("read-stats")).isEqualTo("true");
            counting("1", "2").to(call);
        });

        assertThat(sink.usage(Scope.OWN)).containsExactly(new Measured("bucket", 1, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "many", "", "99999999999999999999"})
    void aCountThatIsNoneIsNotTaken(String count) throws Exception {
        store.keep("a", new byte[3]);
        store.on(Operation.HEAD_BUCKET, counting(count, "5"));

        assertThat(sink.usage(Scope.OWN)).containsExactly(new Measured("bucket", 1, 3));
    }

    // Listing

    @Test
    void countsEverythingInTheBucketNotOnlyWhatIsOurs() throws Exception {
        store.keep("ours/2026/11/a.db", new byte[3]);
        store.keep("theirs/b", new byte[4]);
        store.keep("c", new byte[0]);

        assertThat(sink.usage(Scope.OWN)).containsExactly(new Measured("bucket", 3, 7));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 405, 501})
    void countsPageByPageWhereVersionsAreNotListed(int status) throws Exception {
        for (int n = 0; n < 7; n++) {
            store.keep("key-" + n, new byte[n]);
        }
        store.listing(2).always(Operation.LIST_VERSIONS, refuse(status, "NotForYou"));

        assertThat(sink.usage(Scope.OWN)).containsExactly(new Measured("bucket", 7, 21));
        assertThat(store.count(Operation.LIST)).isEqualTo(4);
    }

    @Test
    void anEmptyBucketIsMeasuredAsEmpty() throws Exception {
        assertThat(sink.usage(Scope.OWN)).containsExactly(new Measured("bucket", 0, 0));
    }

    @Test
    void aPageOfVersionsWithoutAWayOnMakesItUnknown() throws Exception {
        store.on(Operation.LIST_VERSIONS, say(200, versions("<IsTruncated>true</IsTruncated>", 5)));

        assertUnknown(sink.usage(Scope.OWN), Kind.SINK, "does not say how to go on");
    }

    @Test
    void pagesOfVersionsInACircleMakeItUnknown() throws Exception {
        String there = "<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>";
        String back = "<IsTruncated>true</IsTruncated><NextKeyMarker>b</NextKeyMarker>";
        for (int n = 0; n < 10; n++) {
            store.on(Operation.LIST_VERSIONS, say(200, versions(there, 5)), say(200, versions(back, 5)));
        }

        assertUnknown(sink.usage(Scope.OWN), Kind.SINK, "circle");
    }

    @Test
    void aPageThatFailsMakesItUnknownNotSmaller() throws Exception {
        store.always(Operation.LIST_VERSIONS, refuse(501, "NotImplemented"));
        store.on(
                Operation.LIST,
                say(200, page("<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>", "a")),
                DENY);

        assertUnknown(sink.usage(Scope.OWN), Kind.CREDENTIALS, "AccessDenied");
    }

    @Test
    void aVersionWithoutASizeMakesItUnknown() throws Exception {
        store.on(
                Operation.LIST_VERSIONS,
                say(
                        200,
                        "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>a</Key></Version>"
                                + "</ListVersionsResult>"));

        assertUnknown(sink.usage(Scope.OWN), Kind.SINK, "without a size");
    }

    @Test
    void theErrorPageOfAProxyMakesItUnknown() throws Exception {
        store.always(Operation.LIST_VERSIONS, say(200, "<html><body>Welcome</body></html>"));

        assertUnknown(sink.usage(Scope.OWN), Kind.SINK, "no listing");
    }

    @Test
    void aMissingBucketIsUnknownAndNotMadeForThat() throws Exception {
        sink.close();
        sink = TestSinks.of(store.config().createBucket().build());
        store.always(Operation.HEAD_BUCKET, say(404, ""));
        store.always(Operation.LIST_VERSIONS, refuse(404, "NoSuchBucket"));
        store.always(Operation.LIST, refuse(404, "NoSuchBucket"));

        assertUnknown(sink.usage(Scope.OWN), Kind.SINK, "does not exist");
        assertUnknown(sink.usage(Scope.ALL), Kind.SINK, "does not exist");
        assertThat(store.count(Operation.CREATE_BUCKET)).isZero();
    }

    // All buckets

    @Test
    void eachBucketHasItsOwnOutcome() throws Exception {
        store.keep("a", new byte[3]);
        store.on(Operation.LIST_BUCKETS, say(200, buckets("zebra", "bucket", "closed")));
        store.always(Operation.HEAD_BUCKET, call -> {
            switch (call.bucket()) {
                case "zebra" -> counting("10", "100").to(call);
                case "closed" -> call.answer(403, "");
                default -> call.properly();
            }
        });
        store.always(Operation.LIST, unlessClosed());
        store.always(Operation.LIST_VERSIONS, unlessClosed());

        List<Usage> usages = sink.usage(Scope.ALL);

        assertThat(usages).extracting(Usage::bucket).containsExactly("bucket", "closed", "zebra");
        assertThat(usages).contains(new Measured("bucket", 1, 3), new Measured("zebra", 10, 100));
        Unknown closed = (Unknown) usages.get(1);
        assertThat(closed.cause().kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(closed.cause())
                .hasMessageContaining("bucket closed at http://")
                .hasMessageContaining("AccessDenied");
    }

    @Test
    void readsTheListOfBucketsToItsEnd() throws Exception {
        String first = buckets("a-bucket").replace("</Buckets>", "</Buckets><ContinuationToken>t1</ContinuationToken>");
        store.on(Operation.LIST_BUCKETS, say(200, first), call -> {
            assertThat(call.parameter("continuation-token")).isEqualTo("t1");
            call.answer(200, buckets("c-bucket"));
        });

        assertThat(sink.usage(Scope.ALL)).extracting(Usage::bucket).containsExactly("a-bucket", "bucket", "c-bucket");
    }

    @Test
    void bucketsInACircleAreAnError() {
        String always =
                buckets("a-bucket").replace("</Buckets>", "</Buckets><ContinuationToken>t1</ContinuationToken>");
        store.always(Operation.LIST_BUCKETS, say(200, always));

        assertThatThrownBy(() -> sink.usage(Scope.ALL)).hasMessageContaining("circle");
    }

    @Test
    void aKeyThatMayNotListBucketsIsToldSo() {
        store.always(Operation.LIST_BUCKETS, DENY);

        assertThatThrownBy(() -> sink.usage(Scope.ALL)).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS);
            assertThat(e.getMessage()).contains("list the buckets", "AccessDenied");
            assertThat(e.remedy()).contains("permission to list all buckets");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html><body>Welcome</body></html>", "<ListAllMyBucketsResult/>"})
    void whatIsNoListOfBucketsIsAnError(String answer) {
        store.always(Operation.LIST_BUCKETS, say(200, answer));

        assertThatThrownBy(() -> sink.usage(Scope.ALL)).hasMessageContaining("no list of buckets");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "a b", "{x=\"1\"}"})
    void aBucketWithANameThatIsNoneIsAnError(String name) {
        store.always(Operation.LIST_BUCKETS, say(200, buckets(name)));

        assertThatThrownBy(() -> sink.usage(Scope.ALL)).hasMessageContaining("proper name");
    }

    @Test
    void stopsWhenInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> sink.usage(Scope.OWN)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    // A server that is not ours

    @Test
    void countsOlderVersionsInAVersionedBucket() throws Exception {
        String bucket = ProxyStore.newBucket();
        ProxyStore.client()
                .putBucketVersioning(request -> request.bucket(bucket)
                        .versioningConfiguration(to -> to.status(BucketVersioningStatus.ENABLED)));
        for (int size = 1; size <= 3; size++) {
            byte[] content = new byte[size];
            ProxyStore.client().putObject(request -> request.bucket(bucket).key("a"), RequestBody.fromBytes(content));
        }
        ProxyStore.client().putObject(request -> request.bucket(bucket).key("b"), RequestBody.fromBytes(new byte[4]));
        ProxyStore.client().deleteObject(request -> request.bucket(bucket).key("b"));

        try (S3Sink real = ProxyStore.sink(ProxyStore.config(bucket).build())) {
            assertThat(real.usage(Scope.OWN)).containsExactly(new Measured(bucket, 4, 1 + 2 + 3 + 4));
        }
    }

    @Test
    void findsItsBucketAmongAllOfTheKey() throws Exception {
        String bucket = ProxyStore.newBucket();
        String other = ProxyStore.newBucket();
        ProxyStore.client().putObject(request -> request.bucket(bucket).key("x/y"), RequestBody.fromBytes(new byte[9]));

        try (S3Sink real = ProxyStore.sink(ProxyStore.config(bucket).prefix("p").build())) {
            assertThat(real.usage(Scope.ALL)).contains(new Measured(bucket, 1, 9), new Measured(other, 0, 0));
        }
    }

    // Vocabulary of the tests

    private static Reaction counting(String objects, String bytes) {
        return call -> {
            call.exchange().getResponseHeaders().set("X-RGW-Object-Count", objects);
            call.exchange().getResponseHeaders().set("X-RGW-Bytes-Used", bytes);
            call.answer(200, "");
        };
    }

    private static Reaction unlessClosed() {
        return call -> {
            if (call.bucket().equals("closed")) {
                DENY.to(call);
            } else {
                call.properly();
            }
        };
    }

    private static String versions(String before, int size) {
        return "<ListVersionsResult>" + before + "<Version><Key>a</Key><VersionId>1</VersionId><Size>" + size
                + "</Size></Version></ListVersionsResult>";
    }

    private static void assertUnknown(List<Usage> usages, Kind kind, String words) {
        assertThat(usages).singleElement().isInstanceOfSatisfying(Unknown.class, unknown -> {
            assertThat(unknown.cause().kind()).isEqualTo(kind);
            assertThat(unknown.cause()).hasMessageContaining(words);
            assertThat(unknown.cause().remedy()).isNotBlank();
        });
    }
}
