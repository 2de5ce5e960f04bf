package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.SinkFailureException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Does pieces of work on several threads. The first one that fails ends the others, and so does an interrupt of the thread
 * that waits for them; neither is passed on before all of them have stopped.
 *
 * @param name what is done, e.g. {@code restore}: names the threads and a defect
 * @param threads how many pieces are at work at once
 * @param breakOff ends what an interrupt alone does not; called when something has failed, from the thread that waits
 */
public record ParallelTasks(String name, int threads, RunContext run, Runnable breakOff) {
    private static final long POLL_MILLIS = 200;
    private static final long STOPPED_WITHIN_SECONDS = 60;

    /** A piece of work; stops when its thread is interrupted. */
    public interface Task {
        void execute() throws IOException, InterruptedException;
    }

    /**
     * Returns when all is done; it is begun in the order given.
     *
     * @throws IOException what the first one threw that failed
     */
    public void execute(List<? extends Task> all) throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "postgres-" + name);
            thread.setDaemon(true);
            return thread;
        });
        boolean whole = false;
        try {
            CompletionService<Boolean> done = new ExecutorCompletionService<>(pool);
            AtomicBoolean failed = new AtomicBoolean();
            for (Task each : all) {
                done.submit(() -> executeUnless(failed, each));
            }
            int open = all.size();
            while (open > 0) {
                run.checkpoint();
                Future<Boolean> ended = done.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (ended != null) {
                    open--;
                    throwWhatItThrew(ended);
                }
            }
            whole = true;
        } finally {
            pool.shutdownNow();
            if (!whole) {
                breakOff.run();
            }
            awaitEnd(pool);
        }
    }

    /** What has not begun when something fails does not begin, however late that is noticed by who waits. */
    private static boolean executeUnless(AtomicBoolean failed, Task work) throws IOException, InterruptedException {
        if (failed.get()) {
            return false;
        }
        boolean well = false;
        try {
            work.execute();
            well = true;
        } finally {
            if (!well) {
                failed.set(true);
            }
        }
        return true;
    }

    private void throwWhatItThrew(Future<Boolean> ended) throws IOException, InterruptedException {
        try {
            ended.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof SinkFailureException sink) {
                throw sink;
            }
            if (cause instanceof InterruptedException) {
                throw (InterruptedException) new InterruptedException("asked to stop").initCause(cause);
            }
            throw new BackupException(Kind.FAILED, name, "broke: " + cause, "report this as a defect", cause);
        }
    }

    /** Waits until nothing is at work any more, also on an interrupted thread. */
    private static void awaitEnd(ExecutorService pool) {
        boolean interrupted = Thread.interrupted();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOPPED_WITHIN_SECONDS);
        while (!pool.isTerminated() && System.nanoTime() < until) {
            try {
                pool.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
