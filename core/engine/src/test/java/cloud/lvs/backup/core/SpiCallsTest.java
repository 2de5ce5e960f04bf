package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What {@code docs/spi-calls.md} tells authors about threads, interrupts and the order of calls. */
@Tag("today")
class SpiCallsTest {
    private static final Artifact ARTIFACT = Artifact.of("first", "data");

    private final EngineFixture fixture = new EngineFixture();
    private final List<String> calls = new ArrayList<>();
    private int sources;

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private RunReport run(SpiSource.Capture how) {
        return fixture.run(
                Job.named("notes", "spi", () -> noting(new SpiSource(how)), new NamedSink("main", fixture.store))
                        .build());
    }

    /** Notes each call with the number of the source and whether the thread is interrupted. */
    private Source noting(Source source) {
        int number = ++sources;
        return (Source) Proxy.newProxyInstance(
                SpiCallsTest.class.getClassLoader(), new Class<?>[] {Source.class}, (proxy, method, arguments) -> {
                    calls.add(number + " " + method.getName()
                            + (Thread.currentThread().isInterrupted() ? " interrupted" : ""));
                    try {
                        return method.invoke(source, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }

    @Test
    void aRunLooksCapturesAndClosesOnTheThreadThatCalledTheEngineAndSoDoBodies() {
        List<Thread> threads = new ArrayList<>();

        run((out, run) -> {
            threads.add(Thread.currentThread());
            out.write(ARTIFACT, body -> {
                threads.add(Thread.currentThread());
                body.write(1);
                return Map.of();
            });
            return new CaptureReport(List.of(), Map.of());
        });

        assertThat(calls).containsExactly("1 preflight", "1 inventory", "1 capture", "1 close");
        assertThat(threads).containsOnly(Thread.currentThread()).hasSize(2);
    }

    @Test
    void aCheckpointLooksAtTheThreadThatCallsIt() {
        List<Throwable> thrown = new ArrayList<>();

        RunReport report = run((out, run) -> {
            Thread.currentThread().interrupt();
            // Joins without looking at the interrupt, as this thread is interrupted.
            CompletableFuture.runAsync(() -> {
                        try {
                            run.checkpoint();
                        } catch (IOException | InterruptedException e) {
                            throw new CompletionException(e);
                        }
                    })
                    .join();
            thrown.add(catchThrowable(run::checkpoint));
            assertThat(Thread.currentThread().isInterrupted())
                    .as("cleared by the checkpoint")
                    .isFalse();
            throw new InterruptedException("asked to stop");
        });

        assertThat(thrown).singleElement().isInstanceOf(InterruptedException.class);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.CANCELLED));
    }

    @Test
    void theStreamOfABodyThrowsOnAnInterruptedThreadAndLeavesItInterrupted() {
        run((out, run) -> {
            out.write(ARTIFACT, body -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> body.write(1)).isInstanceOf(InterruptedIOException.class);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                calls.add("looked");
                throw new InterruptedException("asked to stop");
            });
            return new CaptureReport(List.of(), Map.of());
        });

        assertThat(calls).contains("looked");
    }

    @Test
    void aRunThatFailsAbandonsByASecondSourceAndCleansUpWithTheInterruptHeldBack() {
        RunReport report = run((out, run) -> {
            out.intend(new ExternalReference("snapshot", "snap-1"));
            Thread.currentThread().interrupt();
            run.checkpoint();
            return new CaptureReport(List.of(), Map.of());
        });

        assertThat(report.failures()).extracting(failure -> failure.kind()).containsExactly(Kind.CANCELLED);
        assertThat(calls).containsExactly("1 preflight", "1 inventory", "1 capture", "2 abandon", "2 close", "1 close");
        assertThat(Thread.currentThread().isInterrupted())
                .as("for the caller to see")
                .isTrue();
    }
}
