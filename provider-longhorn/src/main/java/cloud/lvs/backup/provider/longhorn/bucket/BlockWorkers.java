package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Reads several blocks at once, as many as are in flight and no more. Used from one thread. */
final class BlockWorkers implements AutoCloseable {
    /** Enough to hide the latency of a store; each holds a block twice, stored and decoded. */
    private static final int IN_FLIGHT = 4;

    private final RunContext run;
    private final ExecutorService threads = Executors.newFixedThreadPool(IN_FLIGHT, task -> {
        Thread thread = new Thread(task, "longhorn-blocks");
        thread.setDaemon(true);
        return thread;
    });
    private final CompletionService<Void> finished = new ExecutorCompletionService<>(threads);
    private int inFlight;

    BlockWorkers(RunContext run) {
        this.run = run;
    }

    /** Hands work over; waits while enough is in flight. Throws what earlier work threw. */
    void submit(Callable<Void> work) throws IOException, InterruptedException {
        run.checkpoint();
        if (inFlight == IN_FLIGHT) {
            await();
        }
        finished.submit(work);
        inFlight++;
    }

    /** Waits for all of it. Throws what it threw. */
    void finish() throws IOException, InterruptedException {
        while (inFlight > 0) {
            run.checkpoint();
            await();
        }
    }

    private void await() throws IOException, InterruptedException {
        try {
            finished.take().get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof InterruptedException) {
                throw new InterruptedIOException("asked to stop");
            }
            throw new IllegalStateException(cause);
        }
        inFlight--;
    }

    /** Interrupts what is in flight and waits for it, so that nothing writes after the end. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        while (true) {
            try {
                if (threads.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
