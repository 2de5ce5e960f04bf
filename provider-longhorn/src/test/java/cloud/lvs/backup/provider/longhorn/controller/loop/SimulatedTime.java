package cloud.lvs.backup.provider.longhorn.controller.loop;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The time the controllers live in: either running faster than the real one, or standing still until it is advanced. Tasks
 * run in the order of their times, one at a time.
 */
public final class SimulatedTime implements AutoCloseable {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private final double speed;
    private final Object lock;
    private final @Nullable Thread runner;
    private final long startNanos = System.nanoTime();
    private final Instant start;
    private Instant stood;
    private long order;
    private volatile boolean closed;

    private SimulatedTime(Instant start, double speed, Object lock) {
        this.start = start;
        this.stood = start;
        this.speed = speed;
        this.lock = lock;
        if (speed > 0) {
            runner = new Thread(this::run, "scripted-longhorn-time");
            runner.setDaemon(true);
            runner.start();
        } else {
            runner = null;
        }
    }

    /**
     * Time that runs {@code speed} times as fast as the real one.
     *
     * @param lock held while a task runs
     */
    public static SimulatedTime running(Instant start, double speed, Object lock) {
        return new SimulatedTime(start, speed, lock);
    }

    /** Time that stands still but for {@link #advance}. */
    public static SimulatedTime standing(Instant start, Object lock) {
        return new SimulatedTime(start, 0, lock);
    }

    /** Now, for the controllers. */
    public Instant now() {
        if (speed == 0) {
            synchronized (tasks) {
                return stood;
            }
        }
        return start.plusNanos((long) ((System.nanoTime() - startNanos) * speed));
    }

    /** A clock that shows this time. */
    public Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now();
            }
        };
    }

    /** Runs a task after a while of this time. */
    public void after(Duration delay, Runnable task) {
        synchronized (tasks) {
            tasks.add(new Task(now().plus(delay), order++, task));
            tasks.notifyAll();
        }
    }

    /** Lets time pass that stands still, and runs what falls due. */
    public void advance(Duration duration) {
        if (speed > 0) {
            throw new IllegalStateException("time runs by itself here");
        }
        Instant end = now().plus(duration);
        while (true) {
            Task next;
            synchronized (tasks) {
                next = tasks.peek();
                if (next == null || next.due().isAfter(end)) {
                    stood = end;
                    return;
                }
                tasks.remove(next);
                if (next.due().isAfter(stood)) {
                    stood = next.due();
                }
            }
            synchronized (lock) {
                next.work().run();
            }
        }
    }

    private void run() {
        try {
            while (!closed) {
                Task next = take();
                if (next != null) {
                    synchronized (lock) {
                        next.work().run();
                    }
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private @Nullable Task take() throws InterruptedException {
        synchronized (tasks) {
            Task next = tasks.peek();
            if (next == null) {
                tasks.wait();
                return null;
            }
            Duration left = Duration.between(now(), next.due());
            if (!left.isNegative() && !left.isZero()) {
                tasks.wait(Math.max(1, (long) (left.toMillis() / speed)));
                return null;
            }
            tasks.remove(next);
            return next;
        }
    }

    @Override
    public void close() {
        closed = true;
        if (runner != null) {
            runner.interrupt();
        }
    }

    private record Task(Instant due, long order, Runnable work) implements Comparable<Task> {
        @Override
        public int compareTo(Task other) {
            int byTime = due.compareTo(other.due);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
