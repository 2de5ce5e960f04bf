package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.catalog.HostProcess;
import cloud.lvs.backup.core.catalog.JobLock;
import cloud.lvs.backup.core.catalog.LockOwner;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.job.Job;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lock of a job while a piece of work holds it: kept alive in the background, released at the end. */
public final class HeldLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeldLock.class);

    private final @Nullable JobLock lock;
    private final @Nullable ScheduledExecutorService heartbeat;

    private HeldLock(@Nullable JobLock lock, @Nullable ScheduledExecutorService heartbeat) {
        this.lock = lock;
        this.heartbeat = heartbeat;
    }

    public static HeldLock take(EngineContext engine, Job job) throws IOException, InterruptedException {
        JobLock.Attempt attempt = JobLock.take(
                job.sink().sink(),
                job.name(),
                new LockOwner(engine.owner(), engine.newId().value(), HostProcess.current()),
                engine.clock(),
                job.lockTtl());
        if (!(attempt instanceof JobLock.Attempt.Taken taken)) {
            return new HeldLock(null, null);
        }
        ScheduledExecutorService heartbeat = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lock-" + job.name());
            thread.setDaemon(true);
            return thread;
        });
        long period = job.lockTtl().toMillis() / 3;
        heartbeat.scheduleAtFixedRate(() -> beat(taken.lock(), job), period, period, TimeUnit.MILLISECONDS);
        return new HeldLock(taken.lock(), heartbeat);
    }

    private static void beat(JobLock lock, Job job) {
        try {
            lock.heartbeat();
        } catch (IOException | RuntimeException e) {
            LOG.warn("job {}: the lock's heartbeat failed and is tried again: {}", job.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isSupported() {
        return lock != null;
    }

    @Nullable
    JobLock lock() {
        return lock;
    }

    @Override
    public void close() {
        if (heartbeat != null) {
            heartbeat.shutdownNow();
        }
        if (lock == null) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            lock.release();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the lock could not be released and expires by itself: {}", e.getMessage());
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
