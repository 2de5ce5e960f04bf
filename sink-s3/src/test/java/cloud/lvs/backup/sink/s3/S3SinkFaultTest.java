package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.breakOffAfter;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.doItAndHangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.error;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.fallSilentAfter;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.hangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.page;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.resetAfter;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.wantingEqualParts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.client.LazyS3Client;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Kept;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that delays, hangs up, refuses and lies. */
@Timeout(300)
class S3SinkFaultTest {
    private static final ObjectKey KEY = new ObjectKey("2026/11/x.db");
    private static final ByteSize FIVE_MIB = new ByteSize(5L << 20);
    private static final byte[] BIG = randomBytes(11 << 20);

    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws IOException {
        store = new ScriptedStore();
        sink = TestSinks.in(store);
    }

    @AfterEach
    void nothingIsHeldBack() {
        assertThat(sink.freeBlocks()).as("free blocks of upload memory").isEqualTo(3);
        assertThat(store.uploads).as("unfinished uploads").isEmpty();
        sink.close();
        store.close();
    }

    // Writing

    @Test
    void sendsAPartAgainThatTheStoreWasTooBusyFor() throws Exception {
        store.on(Operation.PART, refuse(503, "SlowDown"), hangUp());

        StoredObject stored = write(BIG);

        assertThat(stored.sizeBytes()).isEqualTo(BIG.length);
        assertThat(kept().bytes()).isEqualTo(BIG);
        assertThat(store.count(Operation.PART)).isEqualTo(3 + 2);
    }

    @Test
    void sendsAPartAgainWhoseConnectionWasResetHalfWay() throws Exception {
        store.on(Operation.PART, resetAfter(1 << 20), resetAfter(0));

        write(BIG);

        assertThat(kept().bytes()).isEqualTo(BIG);
    }

    @Test
    void aPartThatIsResetEveryTimeIsAFailureThatLeavesNothing() {
        store.always(Operation.PART, resetAfter(1 << 20));

        BackupException failure = assertFails(
                () -> write(BIG),
                Kind.SINK,
                "the connection to it broke in the middle of a large request",
                "write part");
        assertThat(failure.remedy()).contains("limits the size of requests", "look at the network", "run again");
        assertThat(store.objects).isEmpty();
    }

    @Test
    void aLostReplyToAPutMakesNoDifference() throws Exception {
        store.on(Operation.PUT, doItAndHangUp());

        assertThat(write(new byte[5]).sizeBytes()).isEqualTo(5);
    }

    @Test
    void whatALostReplyToTheBeginningLeftGoesWithTheObject() throws Exception {
        store.on(Operation.BEGIN, doItAndHangUp());

        write(BIG);

        assertThat(kept().bytes()).isEqualTo(BIG);
        assertThat(store.uploads).as("nobody was told its id").hasSize(1);
        assertThat(sink.delete(List.of(KEY)).isComplete()).isTrue();
        assertThat(store.uploads).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html><body>Welcome</body></html>", "", "<InitiateMultipartUploadResult/>"})
    void anUploadWithoutAnIdIsNoStore(String answer) {
        store.always(Operation.BEGIN, say(200, answer));

        assertFails(() -> write(BIG), Kind.SINK, "without naming the upload");
        assertThat(store.count(Operation.PART)).isZero();
    }

    @Test
    void aProxyThatAnswersForTheStoreDoesNotMakeAnObject() {
        store.always(Operation.COMPLETE, say(200, "<html><body>Welcome</body></html>"));

        assertFails(() -> write(BIG), Kind.SINK, "does not have object 2026/11/x.db although it accepted it");
    }

    @Test
    void sendsASmallObjectAgain() throws Exception {
        store.on(Operation.PUT, refuse(503, "SlowDown"), hangUp());

        write("small".getBytes(StandardCharsets.UTF_8));

        assertThat(kept().bytes()).asString().isEqualTo("small");
    }

    @Test
    void completesAgainAfterSuccessWithAnErrorInside() throws Exception {
        store.on(Operation.COMPLETE, say(200, error("InternalError")));

        assertThat(write(BIG).sizeBytes()).isEqualTo(BIG.length);
        assertThat(kept().bytes()).isEqualTo(BIG);
    }

    @Test
    void anErrorInsideEverySuccessIsAFailureThatLeavesNothing() {
        store.always(Operation.COMPLETE, say(200, error("InternalError")));

        assertFails(() -> write(BIG), Kind.SINK, "kept failing", "complete object 2026/11/x.db", "InternalError");
        assertThat(store.objects).isEmpty();
    }

    @Test
    void aLostReplyToTheFinalRequestIsSettledByLooking() throws Exception {
        store.on(Operation.COMPLETE, doItAndHangUp());

        assertThat(write(BIG).sizeBytes()).isEqualTo(BIG.length);
        assertThat(kept().bytes()).isEqualTo(BIG);
        assertThat(store.count(Operation.COMPLETE)).isEqualTo(2);
    }

    @Test
    void anOlderObjectUnderTheKeyIsNotTakenForTheOneThatFailed() {
        store.keep(KEY.value(), BIG);
        store.always(Operation.COMPLETE, refuse(500, "InternalError"));

        assertFails(() -> write(BIG), Kind.SINK, "kept failing");
    }

    @Test
    void aPartThatIsRefusedForGoodDiscardsTheUpload() {
        store.always(Operation.PART, refuse(403, "QuotaExceeded"));

        assertFails(() -> write(BIG), Kind.SINK, "quota", "write part", "QuotaExceeded");
        assertThat(store.objects).isEmpty();
        assertThat(store.count(Operation.PART)).as("not repeated").isLessThanOrEqualTo(3);
        assertThat(store.count(Operation.ABORT)).isPositive();
    }

    @Test
    void anUploadThatCannotBeDiscardedIsTold() throws Exception {
        store.always(Operation.ABORT, refuse(403, "AccessDenied"));
        ObjectWriter writer = sink.create(KEY, Map.of());
        writer.body().write(BIG);

        assertFails(writer::close, Kind.CREDENTIALS, "discard the unfinished object 2026/11/x.db");
        store.uploads.clear();
    }

    @Test
    void noticesThatTheStoreKeptLess() {
        store.on(Operation.HEAD, call -> {
            store.objects.computeIfPresent(KEY.value(), (key, kept) -> kept.with(new byte[77], kept.etag()));
            call.properly();
        });

        assertFails(() -> write(BIG), Kind.SINK, "keeps 77 bytes of object 2026/11/x.db, " + BIG.length + " were sent");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 11 << 20})
    void noticesThatTheStoreKeptOtherBytes(int size) {
        store.on(Operation.HEAD, call -> {
            store.objects.computeIfPresent(
                    KEY.value(), (key, kept) -> kept.with(kept.bytes(), ScriptedStore.hex(new byte[] {1})));
            call.properly();
        });

        assertFails(() -> write(new byte[size]), Kind.SINK, "keeps other bytes of object 2026/11/x.db");
    }

    /** They have nothing to do with an object that is missing or cut. */
    @Test
    void etagsAreSpokenOfOnlyWhereTheyAreAllThatIsWrong() {
        store.on(Operation.PUT, say(200, ""));
        assertThat(assertFails(() -> write(new byte[5]), Kind.SINK, "does not have")
                        .remedy())
                .doesNotContain("opaqueEtags");

        store.on(Operation.HEAD, call -> {
            store.objects.computeIfPresent(KEY.value(), (key, kept) -> kept.with(new byte[3], kept.etag()));
            call.properly();
        });
        assertThat(assertFails(() -> write(new byte[5]), Kind.SINK, "keeps 3 bytes")
                        .remedy())
                .doesNotContain("opaqueEtags");

        store.on(Operation.HEAD, call -> {
            store.objects.computeIfPresent(
                    KEY.value(), (key, kept) -> kept.with(kept.bytes(), ScriptedStore.hex(new byte[] {1})));
            call.properly();
        });
        assertThat(assertFails(() -> write(new byte[5]), Kind.SINK, "other bytes")
                        .remedy())
                .contains("opaqueEtags: true");
    }

    @Test
    void etagsThatAreNoMd5SumsSayNothing() throws Exception {
        store.on(Operation.HEAD, call -> {
            store.objects.computeIfPresent(KEY.value(), (key, kept) -> kept.with(kept.bytes(), "0x8DF0C0FFEE"));
            call.properly();
        });

        assertThat(write(BIG).sizeBytes()).isEqualTo(BIG.length);
    }

    @Test
    void noticesAnObjectThatIsNotThereAfterSuccess() {
        store.on(Operation.PUT, say(200, ""));

        assertFails(() -> write(new byte[5]), Kind.SINK, "does not have object 2026/11/x.db although it accepted it");
    }

    @Test
    void failsInTimeIfNothingIsAnswered() {
        sink.close();
        sink = TestSinks.of(store.config()
                .requestTimeout(Duration.ofSeconds(1))
                .patience(Duration.ofSeconds(1))
                .build());
        store.always(Operation.PUT, call -> {
            // Neither answered nor closed.
        });
        long before = System.nanoTime();

        assertFails(() -> write(new byte[5]), Kind.SINK, "did not answer in time");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
    }

    // Parts of one size

    @Test
    void partsOfDifferentSizesAreToldToAStoreThatWantsThemEqual() {
        sink.close();
        sink = TestSinks.of(store.config().parts(FIVE_MIB, 2, 10).build());
        store.always(Operation.COMPLETE, wantingEqualParts());

        BackupException failure =
                assertFails(() -> write(randomBytes(22 << 20)), Kind.SINK, "put the parts", "InvalidPart");

        assertThat(failure.remedy()).contains("all parts but the last of one size", "equalParts: true");
        assertThat(store.count(Operation.COMPLETE)).as("not repeated").isEqualTo(1);
        assertThat(store.objects).isEmpty();
    }

    @Test
    void partsAreOfOneSizeIfTheyHaveToBe() throws Exception {
        sink.close();
        sink = TestSinks.of(store.config().parts(FIVE_MIB, 2, 10).equalParts().build());
        store.always(Operation.COMPLETE, wantingEqualParts());
        byte[] content = randomBytes(22 << 20);

        write(content);

        assertThat(kept().bytes()).isEqualTo(content);
    }

    @Test
    void anObjectThatNeedsMorePartsOfOneSizeThanThereMayBeIsToldBeforeItIsSentWhole() {
        sink.close();
        sink = TestSinks.of(store.config().parts(FIVE_MIB, 2, 3).equalParts().build());

        assertThat(assertFails(() -> write(randomBytes(16 << 20)), Kind.SINK, "larger than 3 parts")
                        .remedy())
                .contains("raise partSize");
    }

    // Conditional creation

    @Test
    void aStoreThatIgnoresTheConditionIsFoundOut() throws Exception {
        store.always(Operation.PUT, call -> {
            store.keep(call.key(), call.body());
            call.answer(200, "");
        });

        assertThat(sink.createIfAbsent(KEY, new byte[5])).isEqualTo(Creation.UNSUPPORTED);
        assertThat(store.objects).isEmpty();
        long puts = store.count(Operation.PUT);
        assertThat(sink.createIfAbsent(KEY, new byte[5])).isEqualTo(Creation.UNSUPPORTED);
        assertThat(store.count(Operation.PUT)).as("asked once").isEqualTo(puts);
    }

    @Test
    void aStoreThatIgnoresTheConditionDoesNotLoseWhatIsThere() throws Exception {
        store.always(Operation.PUT, call -> {
            store.keep(call.key(), call.body());
            call.answer(200, "");
        });
        store.keep(KEY.value(), new byte[] {7});

        assertThat(sink.createIfAbsent(KEY, new byte[5])).isEqualTo(Creation.EXISTS);
        assertThat(kept().bytes()).containsExactly(7);
    }

    @Test
    void aStoreThatRefusesTheConditionIsUnsupported() throws Exception {
        store.always(Operation.PUT, refuse(501, "NotImplemented"));

        assertThat(sink.createIfAbsent(KEY, new byte[5])).isEqualTo(Creation.UNSUPPORTED);
    }

    @Test
    void recognisesItsOwnObjectAfterALostReply() throws Exception {
        store.on(Operation.PUT, doItAndHangUp());

        assertThat(sink.createIfAbsent(KEY, new byte[5])).isEqualTo(Creation.CREATED);
        assertThat(sink.createIfAbsent(KEY, new byte[5])).isEqualTo(Creation.EXISTS);
    }

    // Reading

    @Test
    void fetchesARangeAgainThatBrokeOff() throws Exception {
        store.keep(KEY.value(), BIG);
        store.on(Operation.GET, breakOffAfter(1000), hangUp());

        try (InputStream in = sink.open(KEY)) {
            assertThat(in.readAllBytes()).isEqualTo(BIG);
        }
    }

    @Test
    void fetchesARangeAgainThatFellSilent() throws Exception {
        sink.close();
        sink = TestSinks.of(store.config()
                .requestTimeout(Duration.ofSeconds(2))
                .patience(Duration.ofSeconds(20))
                .build());
        store.keep(KEY.value(), new byte[70_000]);
        store.on(Operation.GET, fallSilentAfter(1000));

        try (InputStream in = sink.open(KEY)) {
            assertThat(in.readAllBytes()).isEqualTo(new byte[70_000]);
        }
    }

    @Test
    void noticesThatAnObjectWasReplacedWhileItWasRead() throws Exception {
        store.keep(KEY.value(), BIG);

        try (InputStream in = sink.open(KEY)) {
            in.readNBytes(10);
            store.keep(KEY.value(), new byte[BIG.length]);

            assertFails(in::readAllBytes, Kind.SINK, "was replaced while it was read");
        }
    }

    @Test
    void refusesARangeThatIsNotTheOneAskedFor() {
        store.keep(KEY.value(), BIG);
        store.on(Operation.GET, call -> {
            call.exchange().getResponseHeaders().set("Content-Range", "bytes 5-9/" + BIG.length);
            call.exchange().sendResponseHeaders(206, 5);
            call.exchange().getResponseBody().write(BIG, 5, 5);
            call.exchange().close();
        });

        assertFails(() -> sink.open(KEY).close(), Kind.SINK, "another range");
    }

    // Listing

    @Test
    void aPageWithoutAWayOnIsAnError() {
        store.on(Operation.LIST, say(200, page("<IsTruncated>true</IsTruncated>", "a", "b")));

        assertFails(this::list, Kind.SINK, "does not say how to go on");
    }

    @Test
    void pagesInACircleAreAnError() {
        String first = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>";
        store.always(Operation.LIST, say(200, page(first, "a", "b")));

        assertFails(this::list, Kind.SINK, "circle");
    }

    @Test
    void thePagesOfAnotherListingAreAnError() {
        store.on(
                Operation.LIST,
                say(200, page("<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>", "b")),
                say(200, page("<IsTruncated>false</IsTruncated>", "a")));

        assertFails(this::list, Kind.SINK, "out of order");
    }

    @Test
    void aFailedPageIsAnErrorNotAShortListing() {
        store.on(
                Operation.LIST,
                say(200, page("<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>", "a")),
                refuse(403, "AccessDenied"));

        assertFails(this::list, Kind.CREDENTIALS, "list objects", "AccessDenied");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html><body>Welcome to the proxy</body></html>",
                "<ListBucketResult><Contents><Key>a</Key>",
                "not XML at all",
                "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><ListBucketResult><Contents><Key>&b;"
                        + "</Key></Contents></ListBucketResult>"
            })
    void anAnswerThatIsNoListingIsAnError(String answer) {
        store.always(Operation.LIST, say(200, answer));

        assertFails(this::list, Kind.SINK, "bucket");
    }

    @Test
    @Timeout(300)
    void entitiesThatMultiplyAreNotExpanded() {
        StringBuilder laughs = new StringBuilder("<!DOCTYPE x [<!ENTITY e0 \"ha\">");
        for (int n = 1; n < 30; n++) {
            String before = "&e" + (n - 1) + ";";
            laughs.append("<!ENTITY e" + n + " \"" + before.repeat(10) + "\">");
        }
        String all = laughs + "]><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>&e29;</Key>"
                + "</Contents></ListBucketResult>";
        store.always(Operation.LIST, say(200, all));

        assertFails(this::list, Kind.SINK, "bucket");
    }

    @Test
    void entitiesFromElsewhereAreNotFetched() throws Exception {
        try (ScriptedStore elsewhere = new ScriptedStore()) {
            String xml = "<!DOCTYPE x [<!ENTITY away SYSTEM \"" + elsewhere.endpoint() + "/bucket/secret\">]>"
                    + "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>&away;</Key><Size>1</Size>"
                    + "<LastModified>" + TestTime.machine().instant() + "</LastModified></Contents></ListBucketResult>";
            store.always(Operation.LIST, say(200, xml));

            assertFails(this::list, Kind.SINK, "bucket");
            assertThat(elsewhere.seen).isEmpty();
        }
    }

    // Deleting

    @ParameterizedTest
    @ValueSource(strings = {"<html><body>Welcome</body></html>", "", "<DeleteResult><Deleted><Key>2026/11"})
    void anAnswerThatTellsOfNoKeyIsNotTakenForADeletion(String answer) throws Exception {
        store.keep(KEY.value(), new byte[1]);
        store.always(Operation.DELETE_MANY, say(200, answer));

        Throwable thrown = catchThrowable(() -> {
            DeleteReport report = sink.delete(List.of(KEY));
            assertThat(report.refused()).containsOnlyKeys(KEY);
        });

        if (thrown != null) {
            assertThat(thrown).isInstanceOf(BackupException.class);
        }
    }

    @Test
    void tellsForEachKeyWhatBecameOfIt() throws Exception {
        store.on(
                Operation.DELETE_MANY,
                say(
                        200,
                        "<DeleteResult><Deleted><Key>gone</Key></Deleted><Error><Key>locked</Key>"
                                + "<Code>AccessDenied</Code><Message>locked</Message></Error></DeleteResult>"));

        DeleteReport report =
                sink.delete(List.of(new ObjectKey("gone"), new ObjectKey("locked"), new ObjectKey("silent")));

        assertThat(report.refused()).containsOnlyKeys(new ObjectKey("locked"), new ObjectKey("silent"));
        assertThat(report.refused().get(new ObjectKey("locked"))).contains("AccessDenied");
        assertThat(report.refused().get(new ObjectKey("silent"))).contains("does not say");
    }

    @Test
    void aKeyThatMayNotDeleteSaysWhatItLeft() throws Exception {
        store.always(Operation.DELETE_MANY, refuse(403, "AccessDenied"));

        assertThat(sink.delete(List.of(KEY)).refused()).containsOnlyKeys(KEY);
    }

    @Test
    void deletesOneByOneWhereThereIsNoMultiDelete() throws Exception {
        store.keep(KEY.value(), new byte[1]);
        store.always(Operation.DELETE_MANY, refuse(501, "NotImplemented"));

        assertThat(sink.delete(List.of(KEY)).isComplete()).isTrue();
        assertThat(store.objects).isEmpty();
    }

    // Who is to act

    @ParameterizedTest
    @CsvSource({
        "403, InvalidAccessKeyId, CREDENTIALS, does not know the access key id",
        "403, SignatureDoesNotMatch, CREDENTIALS, secret access key does not fit",
        "400, ExpiredToken, CREDENTIALS, session token",
        "403, AccessDenied, CREDENTIALS, refuses access",
        "404, NoSuchBucket, SINK, does not exist",
        "301, PermanentRedirect, SINK, another region",
        "307, TemporaryRedirect, SINK, another region",
        "400, AuthorizationHeaderMalformed, SINK, another region",
        "400, IllegalLocationConstraintException, SINK, another region",
        "403, RequestTimeTooSkewed, SINK, has another time than this machine",
        "503, SlowDown, SINK, kept failing",
        "413, '', SINK, does not take a request as large as this",
        "400, EntityTooLarge, SINK, does not take a request as large as this",
        "407, '', CREDENTIALS, a proxy that wants a name and a password",
        "403, InvalidObjectState, SINK, keeps this in an archive",
        "400, XAmzContentSHA256Mismatch, SINK, checksums"
    })
    void saysWhatIsWrongAndWhoIsToAct(int status, String code, Kind kind, String words) {
        store.always(Operation.LIST, refuse(status, code));

        BackupException failure = assertFails(this::list, kind, words, code, "bucket bucket at http://127.0.0.1");
        assertThat(failure.remedy()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308})
    void credentialsAreNotCarriedElsewhere(int status) throws Exception {
        try (ScriptedStore elsewhere = new ScriptedStore()) {
            for (Operation operation : List.of(Operation.LIST, Operation.PUT, Operation.HEAD)) {
                store.always(operation, call -> {
                    call.exchange().getResponseHeaders().set("Location", elsewhere.endpoint() + "/bucket");
                    call.answer(status, error("PermanentRedirect"));
                });
            }

            assertFails(this::list, Kind.SINK, "another region or at another address");
            assertFails(() -> write(new byte[5]), Kind.SINK, "another region or at another address");
            assertFails(() -> sink.stat(KEY), Kind.SINK, "another region or at another address");
            assertThat(elsewhere.seen).isEmpty();
        }
    }

    @Test
    void signsWithTheStoresTimeIfThisMachinesIsRefused() throws Exception {
        store.on(Operation.PUT, refuse(403, "RequestTimeTooSkewed"), refuse(403, "RequestTimeTooSkewed"));

        List<String> told;
        try (CapturedLog log = new CapturedLog(LazyS3Client.class)) {
            assertThat(write(new byte[5]).sizeBytes()).isEqualTo(5);
            told = log.lines();
        }

        assertThat(told)
                .as("once, though it was refused twice")
                .singleElement()
                .asString()
                .contains("this machine's clock differs so much from the store's", "set the clock (NTP)");
    }

    @Test
    void aMissingBucketIsNotAMissingObject() {
        store.always(Operation.HEAD, say(404, ""));
        store.always(Operation.HEAD_BUCKET, say(404, ""));

        assertFails(() -> sink.stat(KEY), Kind.SINK, "does not exist");
    }

    @Test
    void makesTheBucketOnlyIfAsked() throws Exception {
        store.on(Operation.HEAD_BUCKET, say(404, ""));
        sink.close();
        sink = TestSinks.of(store.config().createBucket().build());

        assertThat(list()).isEmpty();
        write(new byte[1]);
        assertThat(store.count(Operation.CREATE_BUCKET)).isEqualTo(1);
    }

    @Test
    void aStoreThatIsNotThereIsFoundOutSoon() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        sink.close();
        sink = TestSinks.of(store.config()
                .endpoint("http://127.0.0.1:" + port)
                .patience(Duration.ofMinutes(10))
                .build());

        assertFails(this::list, Kind.SINK, "nothing answers");
    }

    @Test
    void aStoreThatSpeaksNoTlsIsFoundOutSoon() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> {
                try (Socket connection = plain.accept()) {
                    connection.getInputStream().read();
                    connection
                            .getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // The client has seen enough.
                }
            });
            server.start();
            sink.close();
            sink = TestSinks.of(store.config()
                    .endpoint("https://127.0.0.1:" + plain.getLocalPort())
                    .patience(Duration.ofMinutes(10))
                    .build());

            assertFails(this::list, Kind.SINK, "TLS");
            server.join();
        }
    }

    // Vocabulary of the tests

    private StoredObject write(byte[] content) throws IOException, InterruptedException {
        try (ObjectWriter writer = sink.create(KEY, Map.of())) {
            writer.body().write(content);
            return writer.commit();
        }
    }

    private Kept kept() {
        return store.objects.getOrDefault(
                KEY.value(), new Kept(new byte[0], "", "", TestTime.machine().instant()));
    }

    private List<StoredObject> list() {
        try (Stream<StoredObject> listing = sink.list("")) {
            return listing.toList();
        }
    }

    private static BackupException assertFails(ThrowingCallable work, Kind kind, String... words) {
        Throwable thrown = catchThrowable(work);
        if (thrown instanceof UncheckedIOException wrapped) {
            thrown = wrapped.getCause();
        }
        if (!(thrown instanceof BackupException failure)) {
            throw new AssertionError("not a BackupException but " + thrown, thrown);
        }
        assertThat(failure.getMessage()).contains(words);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(List.of(failure.getMessage(), failure.remedy()))
                .noneMatch(text -> text.contains(ScriptedStore.SECRET) || text.contains(ScriptedStore.ID));
        return failure;
    }

    private static byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
