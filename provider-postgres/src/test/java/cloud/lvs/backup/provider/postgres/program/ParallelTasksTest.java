package cloud.lvs.backup.provider.postgres.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.SinkFailureException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ParallelTasksTest {
    private final List<String> events = new CopyOnWriteArrayList<>();

    @AfterEach
    void forgetInterrupts() {
        Thread.interrupted();
    }

    private ParallelTasks of(int threads) {
        return new ParallelTasks("trial", threads, new TestRunContext(), () -> events.add("broken off"));
    }

    @Test
    void doesAsManyAtOnceAsItIsTold() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);

        of(2).execute(List.of(() -> await(together), () -> await(together)));

        assertThat(events).isEmpty();
    }

    @Test
    void doesOneAfterTheOtherInTheOrderGiven() throws Exception {
        AtomicInteger atWork = new AtomicInteger();

        of(1).execute(IntStream.range(0, 20)
                .<ParallelTasks.Task>mapToObj(number -> () -> {
                    events.add(number + ": " + atWork.incrementAndGet());
                    Thread.yield();
                    atWork.decrementAndGet();
                })
                .toList());

        assertThat(events)
                .containsExactlyElementsOf(IntStream.range(0, 20)
                        .mapToObj(number -> number + ": 1")
                        .toList());
    }

    @Test
    void aFailureOfTheSinkPassesAsItCame() {
        SinkFailureException full = new SinkFailureException(new IOException("no space"));

        assertThatThrownBy(() -> of(2).execute(List.of(() -> {
                    throw full;
                })))
                .isSameAs(full);
        assertThat(events).containsExactly("broken off");
    }

    @Test
    void theFirstFailureEndsTheOthersAndIsThrownWhenTheyHaveStopped() {
        CountDownLatch begun = new CountDownLatch(1);

        assertThatThrownBy(() -> of(2).execute(List.of(
                        () -> {
                            begun.countDown();
                            waitUntilStopped();
                        },
                        () -> {
                            begun.await();
                            throw new IOException("the cause");
                        },
                        () -> events.add("begun though something had failed"))))
                .isInstanceOf(IOException.class)
                .hasMessage("the cause");

        assertThat(events).containsExactlyInAnyOrder("broken off", "stopped");
    }

    @Test
    void anInterruptOfTheWaitingThreadEndsAll() {
        Thread waiting = Thread.currentThread();

        assertThatThrownBy(() -> of(2).execute(List.of(() -> {
                    waiting.interrupt();
                    waitUntilStopped();
                })))
                .isInstanceOf(InterruptedException.class);

        assertThat(events).containsExactlyInAnyOrder("broken off", "stopped");
    }

    @Test
    void tellsADefectAsSuch() {
        assertThatThrownBy(() -> of(1).execute(List.of(() -> {
                    throw new IllegalStateException("impossible");
                })))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("trial: broke: java.lang.IllegalStateException: impossible")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    private void waitUntilStopped() throws InterruptedException {
        try {
            new CountDownLatch(1).await();
        } finally {
            events.add("stopped");
        }
    }

    private static void await(CyclicBarrier barrier) throws InterruptedException {
        try {
            barrier.await();
        } catch (BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
