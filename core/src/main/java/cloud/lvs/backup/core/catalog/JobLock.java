package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The lock of a job in a sink: it saves work, safety never rests on it.
 *
 * <p>Numbered objects {@code .lvs-backup/{job}/lock/{n}.json} are created only if absent; the highest number tells the
 * state. Heartbeat, takeover of an expired lock and release each create the next number, and the lower ones are deleted.
 * Whoever finds a higher number than its own has lost the lock.
 */
public final class JobLock {
    private static final Pattern KEY = Pattern.compile(".*/lock/(\\d{12})\\.json");
    private static final int MAX_ATTEMPTS = 5;

    /** What became of an attempt to take the lock. */
    public sealed interface Attempt {
        /** We hold it. */
        record Taken(JobLock lock) implements Attempt {}

        /** The store cannot create conditionally, so there are no locks in it. */
        record Unsupported() implements Attempt {}
    }

    private enum State {
        HELD,
        RELEASED
    }

    private record Entry(String owner, String token, State state, Instant at, Instant expiresAt) {}

    private final Sink sink;
    private final String job;
    private final String owner;
    private final String token;
    private final Clock clock;
    private final Duration ttl;
    private final Documents documents = new Documents();
    private long number;
    private boolean lost;

    private JobLock(Sink sink, String job, String owner, String token, Clock clock, Duration ttl) {
        this.sink = sink;
        this.job = job;
        this.owner = owner;
        this.token = token;
        this.clock = clock;
        this.ttl = ttl;
    }

    /**
     * Takes the lock of a job.
     *
     * @param owner who to name to others, e.g. {@code node-1/4711}
     * @param token unique to this attempt
     * @param ttl how long the lock outlives its last heartbeat
     * @throws BackupException of kind {@code LOCKED} if someone else holds it
     */
    public static Attempt take(Sink sink, String job, String owner, String token, Clock clock, Duration ttl)
            throws IOException, InterruptedException {
        JobLock lock = new JobLock(sink, job, owner, token, clock, ttl);
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            List<Long> numbers = lock.numbers();
            long highest = numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1);
            if (highest > 0) {
                Optional<Entry> current = lock.read(highest);
                if (current.isEmpty()) {
                    continue;
                }
                if (current.get().state() == State.HELD
                        && clock.instant().isBefore(current.get().expiresAt())) {
                    throw lock.heldBy(current.get());
                }
            }
            switch (lock.create(highest + 1, State.HELD)) {
                case CREATED -> {
                    if (lock.settle(numbers)) {
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
        throw new BackupException(
                Kind.LOCKED, "job " + job, "several runs compete for the lock", "wait for one of them to end");
    }

    /** Says that we are alive. */
    public synchronized void heartbeat() throws IOException, InterruptedException {
        if (lost) {
            return;
        }
        long before = number;
        lost = create(before + 1, State.HELD) == Creation.EXISTS || !isHighest();
        deleteOlder(List.of(before));
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
            deleteOlder(List.of(before));
        }
    }

    private List<Long> numbers() throws IOException, InterruptedException {
        List<Long> numbers = new ArrayList<>();
        try (Stream<StoredObject> listing = sink.list(prefix())) {
            listing.forEach(object -> {
                Matcher matcher = KEY.matcher(object.key());
                if (matcher.matches()) {
                    numbers.add(Long.parseLong(matcher.group(1)));
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return numbers;
    }

    private Creation create(long next, State state) throws IOException, InterruptedException {
        Instant now = clock.instant();
        byte[] content = documents.write(new Entry(owner, token, state, now, now.plus(ttl)));
        Creation creation = sink.createIfAbsent(key(next), content);
        if (creation == Creation.EXISTS) {
            // The reply of our own request may have been lost and the request repeated.
            boolean ours = read(next)
                    .filter(entry -> entry.token().equals(token) && entry.at().equals(now))
                    .isPresent();
            creation = ours ? Creation.CREATED : Creation.EXISTS;
        }
        if (creation == Creation.CREATED) {
            number = next;
        }
        return creation;
    }

    /** Whether what was just created is the lock; a number that others had passed and deleted is free to create again. */
    private boolean settle(List<Long> older) throws IOException, InterruptedException {
        try {
            boolean highest = isHighest();
            deleteOlder(highest ? older : List.of(number));
            return highest;
        } catch (IOException | InterruptedException e) {
            giveBack(e);
            throw e;
        }
    }

    private boolean isHighest() throws IOException, InterruptedException {
        return numbers().stream().allMatch(other -> other <= number);
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

    /** Only the highest number counts, so that it does no harm if lower ones stay. */
    private void deleteOlder(List<Long> older) throws InterruptedException {
        if (older.isEmpty()) {
            return;
        }
        try {
            sink.delete(older.stream().map(this::key).toList());
        } catch (IOException e) {
            // Nobody misses them; the next one to take the lock tries again.
        }
    }

    private Optional<Entry> read(long n) throws IOException, InterruptedException {
        try (InputStream in = sink.open(key(n))) {
            return Optional.of(documents.read(key(n), in.readNBytes(64 << 10), Entry.class));
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private BackupException heldBy(Entry entry) {
        return new BackupException(
                Kind.LOCKED,
                "job " + job,
                "is locked by " + entry.owner() + " since " + entry.at() + ", until " + entry.expiresAt(),
                "wait for that run to end; a dead run's lock expires by itself");
    }

    private String prefix() {
        return Journal.ROOT + job + "/lock/";
    }

    private ObjectKey key(long n) {
        return new ObjectKey(prefix() + String.format(java.util.Locale.ROOT, "%012d", n) + ".json");
    }
}
