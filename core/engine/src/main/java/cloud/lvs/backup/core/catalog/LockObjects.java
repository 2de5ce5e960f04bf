package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.core.catalog.HostProcess.Life;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The numbered objects of a job's lock. What is damaged counts as held, for as long as a lock lives after its last sign. */
final class LockObjects {
    private static final Pattern KEY = Pattern.compile(".*/lock/(\\d{12,18})\\.json");
    private static final int MAX_BYTES = 64 << 10;
    /** However wrong the time in a document is: nothing blocks for good. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Sink sink;
    private final String prefix;
    private final JournalDocuments documents = new JournalDocuments();

    LockObjects(Sink sink, String job) {
        this.sink = sink;
        this.prefix = Journal.ROOT + job + "/lock/";
    }

    /** What an object says. */
    enum State {
        HELD,
        RELEASED
    }

    /**
     * Its document.
     *
     * @param owner who wrote it
     * @param token of the one who wrote it
     * @param at when
     * @param expiresAt from when on it does not count
     * @param since when the lock was taken; null in documents of earlier versions
     * @param process whose lock it is; null where that is unknown
     */
    record Entry(
            String owner,
            String token,
            State state,
            Instant at,
            Instant expiresAt,
            @Nullable Instant since,
            @Nullable HostProcess process) {}

    /** All there are, by their number. */
    NavigableMap<Long, StoredObject> list() throws IOException, InterruptedException {
        NavigableMap<Long, StoredObject> objects = new TreeMap<>();
        try (Stream<StoredObject> listing = sink.list(prefix)) {
            listing.forEach(object -> {
                Matcher matcher = KEY.matcher(object.key());
                if (matcher.matches()) {
                    objects.put(Long.parseLong(matcher.group(1)), object);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return objects;
    }

    Creation create(long number, Entry entry) throws IOException, InterruptedException {
        Creation creation = sink.createIfAbsent(key(number), documents.write(entry));
        if (creation != Creation.EXISTS) {
            return creation;
        }
        // The reply of our own request may have been lost and the request repeated.
        try {
            Optional<Entry> there = read(number);
            boolean ours = there.isPresent()
                    && entry.token().equals(there.get().token())
                    && entry.at().equals(there.get().at());
            return ours ? Creation.CREATED : Creation.EXISTS;
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            return Creation.EXISTS;
        }
    }

    /** Only the highest number counts, so that it does no harm if lower ones stay. */
    void delete(List<Long> numbers) throws InterruptedException {
        if (numbers.isEmpty()) {
            return;
        }
        try {
            sink.delete(numbers.stream().map(this::key).toList());
        } catch (IOException e) {
            // Nobody misses them; the next one to take the lock tries again.
        }
    }

    /** What the highest of them says. */
    sealed interface Standing {
        /** Nobody has the lock. */
        record Free() implements Standing {}

        /** Somebody has it, or had it last. */
        record Held(LockHolder holder) implements Standing {}

        /** It went away while it was looked at. */
        record Changed() implements Standing {}
    }

    /** @param ttl how long a lock outlives its last sign of life, where its document does not say */
    Standing standing(NavigableMap<Long, StoredObject> objects, Duration ttl, Instant now)
            throws IOException, InterruptedException {
        if (objects.isEmpty()) {
            return new Standing.Free();
        }
        Instant written = objects.lastEntry().getValue().lastModified();
        Optional<Entry> found;
        try {
            found = read(objects.lastKey());
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            return new Standing.Held(damaged(written, ttl, now));
        }
        if (found.isEmpty()) {
            return new Standing.Changed();
        }
        Entry entry = found.get();
        if (entry.state() == State.RELEASED) {
            return new Standing.Free();
        }
        Instant latest = written.plus(ttl.compareTo(LONGEST) > 0 ? ttl : LONGEST);
        return new Standing.Held(new LockHolder(
                entry.owner(),
                entry.since() == null ? entry.at() : entry.since(),
                entry.at(),
                entry.expiresAt().isAfter(latest) ? latest : entry.expiresAt(),
                entry.process() == null ? Life.UNKNOWN : entry.process().life()));
    }

    /** One that the store dates far ahead of us cannot be waited for. */
    private static LockHolder damaged(Instant written, Duration ttl, Instant now) {
        Instant lastSign = written.isAfter(now.plus(ttl)) ? now.minus(ttl) : written;
        return new LockHolder("", lastSign, lastSign, lastSign.plus(ttl), Life.UNKNOWN);
    }

    /** @throws BackupException of kind {@code VERIFICATION} if it is damaged */
    private Optional<Entry> read(long number) throws IOException, InterruptedException {
        try (InputStream in = sink.open(key(number))) {
            Entry entry = documents.read(key(number), in.readNBytes(MAX_BYTES), Entry.class);
            if (Stream.of(entry.owner(), entry.token(), entry.state(), entry.at(), entry.expiresAt())
                    .anyMatch(member -> member == null)) {
                throw new BackupException(Kind.VERIFICATION, "object " + key(number), "lacks a member", "wait");
            }
            return Optional.of(entry);
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private ObjectKey key(long number) {
        return new ObjectKey(prefix + String.format(Locale.ROOT, "%012d", number) + ".json");
    }
}
