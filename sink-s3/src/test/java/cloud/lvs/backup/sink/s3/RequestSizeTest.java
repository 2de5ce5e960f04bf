package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.sink.s3.scripted.Ingress;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that limits the size of requests, or does not know {@code Expect: 100-continue}, stands before the store. */
@Timeout(120)
class RequestSizeTest {
    private static final ObjectKey KEY = new ObjectKey("2026/11/x.db");
    private static final int LIMIT = 1 << 20;

    private ScriptedStore store;
    private byte[] large = {};

    @BeforeEach
    void start() throws IOException {
        store = new ScriptedStore();
        large = new byte[6 << 20];
        new Random(1).nextBytes(large);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(store.uploads).isEmpty();
        store.close();
    }

    @Test
    void aLimitThatIsAnsweredAtOnceIsToldAndNotTriedAgain() throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.limit(LIMIT));
                S3Sink sink = sink(ingress, "8MiB")) {
            assertThatThrownBy(() -> write(sink, large)).isInstanceOfSatisfying(BackupException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.SINK);
                assertThat(failure.problem()).contains("does not take a request as large as this", "HTTP 413");
                assertThat(failure.remedy())
                        .contains("a proxy limits the size of requests: lower partSize or raise its limit");
            });
            assertThat(ingress.seenBodiesFrom(LIMIT + 1)).hasSizeLessThan(4);
        }
    }

    @Test
    void whereNoSmallerPartIsAllowedTheRemedyIsTheLimit() throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.limit(LIMIT));
                S3Sink sink = sink(ingress, "5MiB")) {
            assertThatThrownBy(() -> write(sink, large))
                    .isInstanceOfSatisfying(
                            BackupException.class,
                            failure -> assertThat(failure.remedy())
                                    .contains("raise its limit to more than 5MiB")
                                    .doesNotContain("lower partSize"));
            assertThat(ingress.seenBodiesFrom(LIMIT + 1)).hasSizeLessThan(4);
        }
    }

    /** Both parts that are on their way at once. */
    @Test
    void eachPartThatIsTooLargeIsSentOnce() throws Exception {
        large = new byte[10 << 20];
        try (Ingress ingress = new Ingress(store, Ingress.limit(LIMIT));
                S3Sink sink = sink(ingress, "5MiB")) {
            assertThatThrownBy(() -> write(sink, large)).hasMessageContaining("HTTP 413");

            assertThat(ingress.seenBodiesFrom(LIMIT + 1)).hasSizeBetween(1, 2);
        }
    }

    /** As Ceph does when a quota is used up: of an answer before the body only the status is known. */
    @Test
    void aRefusalBeforeTheBodyMayBeAQuota() throws Exception {
        Ingress.Rule refusing = (request, client) -> request.length() > LIMIT
                ? Ingress.answering("403 Forbidden").apply(request, client)
                : Optional.of(request);
        try (Ingress ingress = new Ingress(store, refusing);
                S3Sink sink = sink(ingress, "5MiB")) {
            assertThatThrownBy(() -> write(sink, large)).isInstanceOfSatisfying(BackupException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS);
                assertThat(failure.remedy()).contains("permission", "look at the store's quota");
            });
            assertThat(ingress.seenBodiesFrom(LIMIT + 1)).hasSize(1);
        }
    }

    /** The answer, if there is any, is lost with the connection. */
    @ParameterizedTest
    @ValueSource(strings = {"8MiB", "5MiB"})
    void aLimitThatOnlyHangsUpIsGuessedSoon(String partSize) throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.limitWithoutAWord(LIMIT));
                S3Sink sink = sink(ingress, partSize)) {
            long before = System.nanoTime();

            assertThatThrownBy(() -> write(sink, large)).isInstanceOfSatisfying(BackupException.class, failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.SINK);
                assertThat(failure.problem())
                        .contains("the connection to it broke in the middle of a large request, each time");
                assertThat(failure.remedy())
                        .contains("a proxy limits the size of requests")
                        .contains("look at the network");
            });
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .as("the patience is ten minutes")
                    .isLessThan(Duration.ofSeconds(60));
            assertThat(ingress.seenBodiesFrom(LIMIT + 1)).hasSizeLessThan(4);
        }
    }

    /** What has got through once is no matter of size: a connection that breaks then is worth all the patience. */
    @Test
    void aStoreThatHasTakenALargePartIsNotTakenForOneWithALimit() throws Exception {
        try (S3Sink sink =
                TestSinks.of(store.config().patience(Duration.ofSeconds(30)).build())) {
            write(sink, large);
            store.on(
                    Operation.PART,
                    ScriptedStore.resetAfter(LIMIT),
                    ScriptedStore.resetAfter(LIMIT),
                    ScriptedStore.resetAfter(LIMIT),
                    ScriptedStore.resetAfter(LIMIT));

            write(sink, large);

            assertThat(store.bytes(KEY.value())).isEqualTo(large);
        }
    }

    @Test
    void doctorFindsTheLimit() throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.limit(LIMIT));
                S3Sink sink = sink(ingress, "16MiB")) {
            assertThat(sink.diagnose())
                    .filteredOn(check -> check.status() == Check.Status.FAILED)
                    .singleElement()
                    .satisfies(check -> {
                        assertThat(check.name()).isEqualTo("multipart");
                        assertThat(check.detail()).contains("413", "a proxy limits the size of requests");
                    });
        }
        assertThat(store.objects).isEmpty();
    }

    /** Smaller than the parts that a run sends, larger than the least that there may be. */
    @Test
    void doctorFindsALimitBelowTheConfiguredPartSize() throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.limit(6 << 20));
                S3Sink sink = sink(ingress, "8MiB")) {
            assertThat(sink.diagnose())
                    .filteredOn(check -> check.status() == Check.Status.FAILED)
                    .singleElement()
                    .satisfies(check -> {
                        assertThat(check.name()).isEqualTo("part-sizes");
                        assertThat(check.detail()).contains("413", "lower partSize or raise its limit");
                    });
        }
        assertThat(store.objects).isEmpty();
    }

    @Test
    void whoRefusesToBeAskedIsNotAskedAgain() throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.refusingToBeAsked());
                S3Sink sink = sink(ingress, "5MiB")) {
            write(sink, large);
            write(sink, large);

            assertThat(store.bytes(KEY.value())).isEqualTo(large);
            assertThat(ingress.seenBodiesFrom(LIMIT).filter(RequestSizeTest::asks))
                    .as("the parts that were on their way at once")
                    .hasSizeBetween(1, 2);
        }
    }

    @Test
    void whoDoesNotAnswerWhenAskedIsNotAskedAgain() throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.silentOnExpect());
                S3Sink sink = sink(ingress, "5MiB")) {
            write(sink, large);
            write(sink, large);

            assertThat(store.bytes(KEY.value())).isEqualTo(large);
            assertThat(ingress.seenBodiesFrom(LIMIT).filter(RequestSizeTest::asks))
                    .hasSizeBetween(1, 2);
        }
    }

    @Test
    void anExpectationThatWasNotEvenSentIsToldAsSuch() {
        store.always(Operation.PUT, ScriptedStore.refuse(417, "ExpectationFailed"));

        try (S3Sink sink = TestSinks.in(store)) {
            assertThatThrownBy(() -> write(sink, new byte[5]))
                    .isInstanceOfSatisfying(BackupException.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(Kind.SINK);
                        assertThat(failure.problem()).contains("Expect: 100-continue", "HTTP 417");
                        assertThat(failure.remedy()).contains("proxy");
                    });
            assertThat(store.count(Operation.PUT)).isEqualTo(1);
        }
    }

    /** A header that is signed could not be left out. */
    @Test
    void theQuestionIsNotSigned() throws Exception {
        try (Ingress ingress = new Ingress(store, Ingress.silentOnExpect());
                S3Sink sink = sink(ingress, "5MiB")) {
            write(sink, large);

            assertThat(ingress.seenBodiesFrom(LIMIT))
                    .isNotEmpty()
                    .allSatisfy(request -> assertThat(request.header("Authorization"))
                            .hasValueSatisfying(signed -> assertThat(signed).doesNotContainIgnoringCase("expect")));
        }
    }

    private S3Sink sink(Ingress ingress, String partSize) {
        return TestSinks.of(store.config()
                .endpoint(ingress.endpoint())
                .parts(ByteSize.parse(partSize), 2, 10_000)
                .patience(Duration.ofMinutes(10))
                .build());
    }

    private static boolean asks(Ingress.Head request) {
        return request.header("Expect").isPresent();
    }

    private static void write(S3Sink sink, byte[] content) throws IOException, InterruptedException {
        try (ObjectWriter writer = sink.create(KEY, Map.of())) {
            writer.body().write(content);
            writer.commit();
        }
    }
}
