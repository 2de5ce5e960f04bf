package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was asked to stop while a slow store has not answered: a process has 25 s to clean up. */
@Timeout(60)
class InterruptedRequestsTest {
    private static final ObjectKey KEY = new ObjectKey("2026/11/x.db");
    /** Longer than a test may take: only what is given up ends. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private final CountDownLatch atTheEnd = new CountDownLatch(1);
    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void start() throws Exception {
        store = new ScriptedStore();
        sink = TestSinks.of(store.config().requestTimeout(LONG).patience(LONG).build());
    }

    @AfterEach
    void stop() {
        Thread.interrupted();
        atTheEnd.countDown();
        sink.close();
        store.close();
    }

    @Test
    void anUploadIsBegunOnceAndDiscardedByTheIdThatCame() throws Exception {
        Thread self = Thread.currentThread();
        store.on(Operation.BEGIN, call -> {
            self.interrupt();
            call.properly();
        });
        ObjectWriter writer = sink.create(KEY, Map.of());

        assertThatThrownBy(() -> writer.body().write(new byte[6 << 20])).isInstanceOf(InterruptedIOException.class);
        writer.close();

        assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
        assertThat(store.count(Operation.BEGIN)).isEqualTo(1);
        assertThat(store.count(Operation.PART)).as("nothing more is sent").isZero();
        assertThat(store.count(Operation.ABORT)).isEqualTo(1);
        assertThat(store.uploads).isEmpty();
        assertThat(sink.freeBlocks()).isEqualTo(3);
    }

    @Test
    void aPartThatTheStoreDoesNotAnswerIsGivenUp() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        store.always(Operation.PART, call -> {
            arrived.countDown();
            await(atTheEnd);
        });
        ObjectWriter writer = sink.create(KEY, Map.of());
        writer.body().write(new byte[6 << 20]);
        arrived.await();

        Thread.currentThread().interrupt();
        long before = System.nanoTime();
        writer.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.count(Operation.PART)).as("is not sent again").isEqualTo(1);
        assertThat(store.uploads).isEmpty();
        assertThat(sink.freeBlocks()).isEqualTo(3);
    }

    @Test
    void aPartThatTheStoreDoesNotReadIsGivenUp() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        store.always(Operation.PART, (ScriptedStore.EarlyReaction) call -> {
            arrived.countDown();
            await(atTheEnd);
        });
        ObjectWriter writer = sink.create(KEY, Map.of());
        writer.body().write(new byte[6 << 20]);
        arrived.await();

        writer.close();

        assertThat(store.count(Operation.PART)).isEqualTo(1);
        assertThat(store.uploads).isEmpty();
        assertThat(sink.freeBlocks()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"GET", "HEAD", "LIST"})
    void aQuestionThatTheStoreDoesNotAnswerIsGivenUp(Operation operation) throws Exception {
        store.keep(KEY.value(), new byte[100]);
        Thread self = Thread.currentThread();
        store.always(operation, call -> {
            self.interrupt();
            await(atTheEnd);
        });

        assertThatThrownBy(() -> {
                    switch (operation) {
                        case GET -> sink.open(KEY).close();
                        case HEAD -> sink.stat(KEY);
                        default -> sink.list("").forEach(object -> {});
                    }
                })
                .satisfiesAnyOf(
                        thrown -> assertThat(thrown).isInstanceOf(InterruptedException.class),
                        thrown -> assertThat(thrown).hasCauseInstanceOf(InterruptedIOException.class));

        assertThat(store.count(operation)).isEqualTo(1);
    }

    @Test
    void aDeletionIsAskedForOnce() throws Exception {
        store.keep(KEY.value(), new byte[1]);
        Thread self = Thread.currentThread();
        store.on(Operation.DELETE_MANY, call -> {
            self.interrupt();
            call.properly();
        });

        assertThat(sink.delete(List.of(KEY)).isComplete()).isTrue();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.count(Operation.DELETE_MANY)).isEqualTo(1);
        assertThat(store.objects).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
