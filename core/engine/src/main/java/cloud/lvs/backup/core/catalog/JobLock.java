package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.core.catalog.LockObjects.Entry;
import cloud.lvs.backup.core.catalog.LockObjects.Standing;
import cloud.lvs.backup.core.catalog.LockObjects.State;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * The lock of a job in a sink: it saves work, safety never rests on it.
 *
 * <p>Numbered objects {@code .lvs-backup/{job}/lock/{n}.json} are created only if absent; the highest number tells the
 * state. Heartbeat, takeover of an expired lock and release each create the next number, and the lower ones are deleted.
 * Whoever finds a higher number than its own has lost the lock. The lock of a process that died on this very host is taken
 * over at once, since it can be seen to be dead.
 */
public final class JobLock {
    private static final int MAX_ATTEMPTS = 5;

    /** What became of an attempt to take the lock. */
    public sealed interface Attempt {
        /** We hold it. */
        record Taken(JobLock lock) implements Attempt {}

        /** The store cannot create conditionally, so there are no locks in it. */
        record Unsupported() implements Attempt {}
    }

    private final LockObjects objects;
    private final String job;
    private final LockOwner owner;
    private final Clock clock;
    private final Duration ttl;
    private final Instant since;
    private long number;
    private boolean lost;

    private JobLock(Sink sink, String job, LockOwner owner, Clock clock, Duration ttl) {
        this.objects = new LockObjects(sink, job);
        this.job = job;
        this.owner = owner;
        this.clock = clock;
        this.ttl = ttl;
        this.since = clock.instant();
    }

    /**
     * Takes the lock of a job.
     *
     * @param ttl how long the lock outlives its last heartbeat
     * @throws BackupException of kind {@code LOCKED} if someone else holds it
     */
    public static Attempt take(Sink sink, String job, LockOwner owner, Clock clock, Duration ttl)
            throws IOException, InterruptedException {
        JobLock lock = new JobLock(sink, job, owner, clock, ttl);
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            NavigableMap<Long, StoredObject> found = lock.objects.list();
            Standing standing = lock.objects.standing(found, ttl, clock.instant());
            if (standing instanceof Standing.Changed) {
                continue;
            }
            if (standing instanceof Standing.Held held && !held.holder().isGone(clock.instant())) {
                throw lock.heldBy(held.holder());
            }
            switch (lock.create(found.isEmpty() ? 1 : found.lastKey() + 1, State.HELD)) {
                case CREATED -> {
                    if (lock.settle(List.copyOf(found.keySet()))) {
                        return new Attempt.Taken(lock);
                    }
                }
                case UNSUPPORTED -> {
                    return new Attempt.Unsupported();
                }
                case EXISTS -> {
                    // Another waiter was quicker: look who holds it now.
                }
            }
        }
        throw lock.contested();
    }

    /** Who has the lock of a job, or had it when it died; empty if it was given back, or never taken. */
    public static Optional<LockHolder> holder(Sink sink, String job, Clock clock, Duration ttl)
            throws IOException, InterruptedException {
        LockObjects objects = new LockObjects(sink, job);
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            Standing standing = objects.standing(objects.list(), ttl, clock.instant());
            if (!(standing instanceof Standing.Changed)) {
                return standing instanceof Standing.Held held ? Optional.of(held.holder()) : Optional.empty();
            }
        }
        throw contested(job);
    }

    /**
     * Gives the lock of a dead holder back, in its place.
     *
     * @return whose it was; empty if nobody had it
     * @throws BackupException of kind {@code LOCKED} if the holder lives, as far as anybody can tell
     */
    public static Optional<LockHolder> free(Sink sink, String job, LockOwner owner, Clock clock, Duration ttl)
            throws IOException, InterruptedException {
        JobLock lock = new JobLock(sink, job, owner, clock, ttl);
        NavigableMap<Long, StoredObject> found = lock.objects.list();
        Standing standing = lock.objects.standing(found, ttl, clock.instant());
        if (standing instanceof Standing.Free) {
            return Optional.empty();
        }
        if (!(standing instanceof Standing.Held held)) {
            throw lock.contested();
        }
        if (held.holder().isAlive(clock.instant())) {
            throw lock.heldBy(held.holder());
        }
        if (lock.create(found.lastKey() + 1, State.RELEASED) != Creation.CREATED) {
            throw lock.contested();
        }
        lock.objects.delete(List.copyOf(found.keySet()));
        return Optional.of(held.holder());
    }

    /** Says that we are alive. */
    public synchronized void heartbeat() throws IOException, InterruptedException {
        if (lost) {
            return;
        }
        long before = number;
        lost = create(before + 1, State.HELD) == Creation.EXISTS || !isHighest();
        objects.delete(List.of(before));
    }

    /**
     * Returns while the lock is ours, as far as the last heartbeat told.
     *
     * @throws BackupException of kind {@code LOCKED} if someone took it over
     */
    public synchronized void check() throws BackupException {
        if (lost) {
            throw new BackupException(
                    Kind.LOCKED,
                    "job " + job,
                    "another run took the lock over, since ours had expired",
                    "look for a run that hangs, or raise the lock's time to live");
        }
    }

    /** Gives the lock back; if it cannot, the lock expires. */
    public synchronized void release() throws IOException, InterruptedException {
        if (!lost) {
            long before = number;
            create(before + 1, State.RELEASED);
            lost = true;
            objects.delete(List.of(before));
        }
    }

    private Creation create(long next, State state) throws IOException, InterruptedException {
        Instant now = clock.instant();
        Creation creation = objects.create(
                next, new Entry(owner.name(), owner.token(), state, now, now.plus(ttl), since, owner.process()));
        if (creation == Creation.CREATED) {
            number = next;
        }
        return creation;
    }

    /** Whether what was just created is the lock; a number that others had passed and deleted is free to create again. */
    private boolean settle(List<Long> older) throws IOException, InterruptedException {
        try {
            boolean highest = isHighest();
            objects.delete(highest ? older : List.of(number));
            return highest;
        } catch (IOException | InterruptedException e) {
            giveBack(e);
            throw e;
        }
    }

    private boolean isHighest() throws IOException, InterruptedException {
        NavigableMap<Long, StoredObject> found = objects.list();
        return found.isEmpty() || found.lastKey() <= number;
    }

    private void giveBack(Exception failure) {
        boolean interrupted = Thread.interrupted();
        try {
            release();
        } catch (IOException e) {
            failure.addSuppressed(e);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private BackupException heldBy(LockHolder holder) {
        return new BackupException(Kind.LOCKED, "job " + job, holder.describe(), holder.remedy());
    }

    private BackupException contested() {
        return contested(job);
    }

    private static BackupException contested(String job) {
        return new BackupException(
                Kind.LOCKED, "job " + job, "several runs compete for the lock", "wait for one of them to end");
    }
}
