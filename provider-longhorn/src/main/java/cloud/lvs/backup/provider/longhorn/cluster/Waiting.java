package cloud.lvs.backup.provider.longhorn.cluster;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How time passes while something is waited for.
 *
 * @param clock the time; deadlines are by it
 * @param pause lets it pass
 */
public record Waiting(Clock clock, Pause pause) {
    /** Lets time pass. */
    @FunctionalInterface
    public interface Pause {
        /** Returns when something has changed, at the latest after a time. */
        void until(Semaphore changes, Duration atMost) throws InterruptedException;
    }

    /** Really waits. */
    public static Waiting by(Clock clock) {
        return new Waiting(clock, (changes, atMost) -> {
            if (changes.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                changes.drainPermits();
            }
        });
    }

    public Instant now() {
        return clock.instant();
    }

    /** Waits that long. */
    public void sleep(Duration time) throws InterruptedException {
        pause.until(new Semaphore(0), time);
    }
}
