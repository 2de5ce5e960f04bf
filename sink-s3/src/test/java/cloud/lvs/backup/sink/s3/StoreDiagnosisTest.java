package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.hangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.S3SinkConfig.LockMode;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.sink.s3.diagnosis.StoreDiagnosis;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Reaction;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Check.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

@Timeout(300)
class StoreDiagnosisTest {
    private static final String FOREIGN = "2026/11/precious.db";
    private static final String[] NAMES = {
        "bucket",
        "transport",
        "addressing",
        "region",
        "clock",
        "usage",
        "versioning",
        "object-lock",
        "content-md5",
        "create-if-absent",
        "multipart",
        "ranges",
        "conditional-complete",
        "part-sizes",
        "unfinished-uploads",
        "multipart-abort",
        "leftovers"
    };

    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws IOException {
        store = new ScriptedStore();
        store.keep(FOREIGN, new byte[5]);
        sink = TestSinks.in(store);
    }

    @AfterEach
    void nothingIsHeldBack() {
        assertThat(sink.freeBlocks()).isEqualTo(3);
        sink.close();
        store.close();
    }

    @Test
    void aStoreThatDoesEverythingPassesAndKeepsNothing() throws Exception {
        store.always(Operation.HEAD_BUCKET, call -> {
            call.exchange().getResponseHeaders().set("X-RGW-Object-Count", "3");
            call.exchange().getResponseHeaders().set("X-RGW-Bytes-Used", "4096");
            call.answer(200, "");
        });

        List<Check> checks = sink.diagnose();

        assertThat(checks).extracting(Check::name).containsExactly(NAMES);
        assertThat(checks)
                .filteredOn(check -> check.status() != Status.PASSED)
                .extracting(Check::name)
                .containsExactly("transport");
        assertThat(named(checks, "usage").detail()).contains("3 objects, 4096 bytes");
        assertThat(named(checks, "multipart").detail()).contains("5243904 bytes");
        assertKeepsNothing();
    }

    @Test
    void theSameOnAServerThatIsNotOurs() throws Exception {
        String bucket = ProxyStore.newBucket();
        try (S3Sink real = ProxyStore.sink(
                ProxyStore.config(bucket).prefix("it's/a prefix").build())) {
            List<Check> checks = real.diagnose();

            assertThat(checks).extracting(Check::name).containsExactly(NAMES);
            assertThat(checks).noneMatch(check -> check.status() == Status.FAILED);
            assertThat(checks)
                    .filteredOn(check -> check.status() == Status.WARNED)
                    .extracting(Check::name)
                    .containsExactly("transport", "usage");
        }
        assertThat(ProxyStore.client()
                        .listObjectsV2(request -> request.bucket(bucket))
                        .contents())
                .isEmpty();
        assertThat(ProxyStore.uploads(bucket)).isZero();
    }

    @Test
    void tellsThatABucketKeepsVersions() throws Exception {
        String bucket = ProxyStore.newBucket();
        ProxyStore.client()
                .putBucketVersioning(request -> request.bucket(bucket)
                        .versioningConfiguration(to -> to.status(BucketVersioningStatus.ENABLED)));
        try (S3Sink real = ProxyStore.sink(ProxyStore.config(bucket).build())) {
            assertThat(named(real.diagnose(), "versioning").detail()).startsWith("on:");
        }
    }

    /** What the store does, and which check tells it how. */
    static Stream<Arguments> shortcomings() {
        Reaction denied = refuse(403, "AccessDenied");
        Reaction unknown = refuse(501, "NotImplemented");
        Reaction ignoring = ScriptedStore.ignoring("If-None-Match", "Content-MD5");
        return Stream.of(
                Arguments.of(Operation.HEAD_BUCKET, say(403, ""), "bucket", Status.WARNED, "not asked for with HEAD"),
                Arguments.of(
                        Operation.HEAD_BUCKET,
                        region("eu-central-1"),
                        "region",
                        Status.WARNED,
                        "is in eu-central-1; set the sink's region"),
                Arguments.of(Operation.HEAD_BUCKET, say(200, ""), "usage", Status.WARNED, "does not tell how full"),
                Arguments.of(
                        Operation.VERSIONING,
                        say(200, "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"),
                        "versioning",
                        Status.PASSED,
                        "suspended"),
                Arguments.of(Operation.VERSIONING, unknown, "versioning", Status.PASSED, "has none"),
                Arguments.of(Operation.VERSIONING, denied, "versioning", Status.WARNED, "not known"),
                Arguments.of(
                        Operation.OBJECT_LOCK,
                        say(
                                200,
                                lock("<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days></DefaultRetention>"
                                        + "</Rule>")),
                        "object-lock",
                        Status.PASSED,
                        "locks every object for 30 days (GOVERNANCE)"),
                Arguments.of(
                        Operation.OBJECT_LOCK,
                        say(200, lock("")),
                        "object-lock",
                        Status.PASSED,
                        "on, without a retention"),
                Arguments.of(Operation.OBJECT_LOCK, unknown, "object-lock", Status.PASSED, "has none"),
                Arguments.of(Operation.OBJECT_LOCK, denied, "object-lock", Status.WARNED, "not known"),
                Arguments.of(Operation.PUT, ignoring, "content-md5", Status.WARNED, "do not fit their checksum"),
                Arguments.of(Operation.PUT, ignoring, "create-if-absent", Status.WARNED, "jobs are not locked"),
                Arguments.of(Operation.PUT, unknown, "create-if-absent", Status.WARNED, "jobs are not locked"),
                Arguments.of(Operation.PUT, denied, "content-md5", Status.FAILED, "no object can be written"),
                Arguments.of(Operation.PUT, denied, "create-if-absent", Status.FAILED, "no object can be created"),
                Arguments.of(Operation.BEGIN, unknown, "multipart", Status.FAILED, "larger than partSize"),
                Arguments.of(Operation.PART, denied, "multipart", Status.FAILED, "larger than partSize"),
                Arguments.of(
                        Operation.COMPLETE,
                        refuse(400, "EntityTooSmall"),
                        "multipart",
                        Status.FAILED,
                        "larger than partSize"),
                Arguments.of(
                        Operation.GET,
                        say(200, "the whole object"),
                        "ranges",
                        Status.FAILED,
                        "something else than the range"),
                Arguments.of(Operation.GET, denied, "ranges", Status.FAILED, "could not be read back"),
                Arguments.of(
                        Operation.COMPLETE, ignoring, "conditional-complete", Status.WARNED, "keys hold the run's id"),
                Arguments.of(
                        Operation.LIST_UPLOADS,
                        unknown,
                        "unfinished-uploads",
                        Status.WARNED,
                        "lifecycle rules abort incomplete uploads"),
                Arguments.of(
                        Operation.LIST_UPLOADS,
                        say(
                                200,
                                "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
                                        + "</ListMultipartUploadsResult>"),
                        "unfinished-uploads",
                        Status.WARNED,
                        "are not listed"),
                Arguments.of(
                        Operation.ABORT,
                        unheeded(),
                        "multipart-abort",
                        Status.WARNED,
                        "aborted upload is still listed"));
    }

    @ParameterizedTest
    @MethodSource("shortcomings")
    void tellsWhatTheStoreCannotDo(Operation operation, Reaction reaction, String check, Status status, String words)
            throws Exception {
        store.always(operation, reaction);

        List<Check> checks = sink.diagnose();

        assertThat(named(checks, check).status()).isEqualTo(status);
        assertThat(named(checks, check).detail()).contains(words);
        assertThat(checks).as("the others are tried all the same").hasSizeGreaterThan(12);
        assertThat(checks).allSatisfy(any -> assertThat(any.detail()).doesNotContain(ScriptedStore.SECRET));
        assertThat(store.objects).as("objects").containsOnlyKeys(FOREIGN);
        if (operation != Operation.ABORT) {
            assertThat(store.uploads).as("uploads").isEmpty();
        }
    }

    @Test
    void findsAStoreThatWantsPartsOfOneSize() throws Exception {
        store.always(Operation.COMPLETE, ScriptedStore.wantingEqualParts());

        Check sizes = named(sink.diagnose(), "part-sizes");

        assertThat(sizes.status()).isEqualTo(Status.FAILED);
        assertThat(sizes.detail()).contains("wants all parts but the last of one size", "set equalParts: true");
        assertKeepsNothing();

        sink.close();
        sink = TestSinks.of(store.config().equalParts().build());
        Check equal = named(sink.diagnose(), "part-sizes");
        assertThat(equal.status()).isEqualTo(Status.PASSED);
        assertKeepsNothing();
    }

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchBucket, does not exist",
        "403, InvalidAccessKeyId, does not know the access key id",
        "403, SignatureDoesNotMatch, does not fit the access key id",
        "301, PermanentRedirect, another region"
    })
    void aBucketThatCannotBeReachedIsTheOnlyResult(int status, String code, String words) throws Exception {
        store.always(Operation.HEAD_BUCKET, say(status, ""));
        store.always(Operation.LIST, refuse(status, code));

        List<Check> checks = sink.diagnose();

        assertThat(checks).singleElement().satisfies(check -> {
            assertThat(check.name()).isEqualTo("bucket");
            assertThat(check.status()).isEqualTo(Status.FAILED);
            assertThat(check.detail()).contains("no backup can be made", words, code);
        });
        assertThat(store.count(Operation.PUT)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, PASSED", "300, WARNED", "-300, WARNED", "3600, FAILED", "-3600, FAILED"})
    void comparesTheClocks(long secondsAhead, Status status) throws Exception {
        sink.close();
        TestClock clock = new TestClock(TestTime.machine().instant().plusSeconds(secondsAhead));
        sink = (S3Sink) new S3SinkProvider(name -> null)
                .create(store.config().build(), new TestProviderContext(Path.of("target"), clock));

        Check skew = named(sink.diagnose(), "clock");

        assertThat(skew.status()).isEqualTo(status);
        if (status != Status.PASSED) {
            assertThat(skew.detail())
                    .contains(secondsAhead < 0 ? "behind the store's" : "ahead of the store's", "set the clock (NTP)");
        }
    }

    @ParameterizedTest
    @CsvSource({"404, ObjectLockConfigurationNotFoundError, off", "501, NotImplemented, the store has none"})
    void failsWhereASinkIsToLockAndCannot(int status, String code, String why) throws Exception {
        sink.close();
        sink = TestSinks.of(store.config()
                .objectLock(new ObjectLock(LockMode.GOVERNANCE, Duration.ofDays(30), false))
                .build());
        store.always(Operation.OBJECT_LOCK, refuse(status, code));

        List<Check> checks = sink.diagnose();

        assertThat(named(checks, "object-lock").status()).isEqualTo(Status.FAILED);
        assertThat(named(checks, "object-lock").detail()).startsWith(why).contains("objectLock is configured");
        assertThat(named(checks, "multipart").status())
                .as("what is tried is not locked")
                .isEqualTo(Status.PASSED);
        assertKeepsNothing();
    }

    @Test
    void aKeyThatMayNotDeleteIsToldWhatStays() throws Exception {
        Reaction denied = refuse(403, "AccessDenied");
        store.always(Operation.DELETE_MANY, denied).always(Operation.DELETE, denied);

        Check delete = named(sink.diagnose(), "leftovers");

        assertThat(delete.status()).isEqualTo(Status.WARNED);
        assertThat(delete.detail()).contains("retention has to use another key", "AccessDenied");
        assertThat(leftInStore())
                .isNotEmpty()
                .allSatisfy(key -> assertThat(delete.detail()).contains(key));
    }

    @Test
    void aKeyThatOnlyHidesIsTold() throws Exception {
        store.always(
                Operation.VERSIONING,
                say(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"));
        store.always(Operation.LIST_VERSIONS, refuse(403, "AccessDenied"));
        store.always(Operation.DELETE_MANY, call -> {
            StringBuilder hidden = new StringBuilder("<DeleteResult>");
            call.deletedKeys()
                    .forEach(key -> hidden.append("<Deleted><Key>")
                            .append(key)
                            .append("</Key><DeleteMarker>true</DeleteMarker></Deleted>"));
            call.answer(200, hidden + "</DeleteResult>");
        });

        Check leftovers = named(sink.diagnose(), "leftovers");

        assertThat(leftovers.status()).isEqualTo(Status.WARNED);
        assertThat(leftovers.detail()).contains("takes space", "s3:DeleteObjectVersion");
    }

    @Test
    void namesWhatAnEarlierDoctorLeftThatWasKilled() throws Exception {
        sink.close();
        TestClock clock = new TestClock(TestTime.machine().instant().plus(Duration.ofDays(4000)));
        sink = (S3Sink) new S3SinkProvider(name -> null)
                .create(store.config().build(), new TestProviderContext(Path.of("target"), clock));
        store.keep(".lvs-backup-doctor/old/multipart", new byte[1]);

        Check delete = named(sink.diagnose(), "leftovers");

        assertThat(delete.status()).isEqualTo(Status.WARNED);
        assertThat(delete.detail()).contains(".lvs-backup-doctor/old/multipart", "delete them");
        assertThat(store.objects).containsKey(".lvs-backup-doctor/old/multipart");
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"HEAD_BUCKET", "VERSIONING", "PUT", "BEGIN", "PART", "HEAD", "GET", "COMPLETE", "ABORT"})
    void removesItsObjectsWhenInterrupted(Operation moment) {
        Thread self = Thread.currentThread();
        store.on(moment, call -> {
            self.interrupt();
            call.properly();
        });

        assertThatThrownBy(sink::diagnose).isInstanceOf(InterruptedException.class);

        Thread.interrupted();
        assertKeepsNothing();
    }

    @Test
    void namesWhatItLeavesWhenInterruptedWithAKeyThatMayNotDelete() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(StoreDiagnosis.class);
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.WARN);
        Thread self = Thread.currentThread();
        store.always(Operation.DELETE_MANY, refuse(403, "AccessDenied"));
        store.on(Operation.GET, call -> {
            self.interrupt();
            call.properly();
        });
        try {
            assertThatThrownBy(sink::diagnose).isInstanceOf(InterruptedException.class);
        } finally {
            Thread.interrupted();
            logger.setLevel(null);
            logger.detachAppender(log);
        }

        assertThat(leftInStore())
                .isNotEmpty()
                .allSatisfy(key -> assertThat(log.list)
                        .singleElement()
                        .satisfies(
                                event -> assertThat(event.getFormattedMessage()).contains(key)));
    }

    @Test
    void removesItsObjectsWhenTheStoreBreaksDownInBetween() throws Exception {
        store.on(Operation.GET, hangUp(), hangUp(), hangUp(), hangUp(), hangUp(), hangUp());

        assertThat(sink.diagnose()).extracting(Check::name).contains("ranges", "leftovers");
        assertKeepsNothing();
    }

    // Vocabulary of the tests

    private void assertKeepsNothing() {
        assertThat(store.objects).as("objects").containsOnlyKeys(FOREIGN);
        assertThat(store.uploads).as("uploads").isEmpty();
    }

    private List<String> leftInStore() {
        return store.objects.keySet().stream()
                .filter(key -> !key.equals(FOREIGN))
                .toList();
    }

    private static Check named(List<Check> checks, String name) {
        assertThat(checks).extracting(Check::name).doesNotHaveDuplicates();
        return checks.stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no check " + name + " in " + checks));
    }

    private static String lock(String rule) {
        return "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>" + rule
                + "</ObjectLockConfiguration>";
    }

    private static Reaction region(String name) {
        return call -> {
            call.exchange().getResponseHeaders().set("x-amz-bucket-region", name);
            call.answer(200, "");
        };
    }

    private static Reaction unheeded() {
        return call -> call.answer(204, "");
    }
}
