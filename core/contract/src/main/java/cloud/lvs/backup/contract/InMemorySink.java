package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A sink that keeps its objects in memory and takes the promises of {@link Sink} literally: a misuse that another sink
 * might forgive (a closed sink, a second commit, an oversized conditional write) throws {@link IllegalStateException} or
 * {@link IllegalArgumentException} here. Starts no thread and is deterministic. Thread-safe.
 */
public final class InMemorySink implements Sink {
    /** In what a store may differ. */
    public enum Trait {
        /** {@link Sink#createIfAbsent} answers {@link Creation#UNSUPPORTED}. */
        NO_CONDITIONAL_CREATE,
        /** Objects carry the SHA-256 that the store computed itself. */
        REPORTS_SHA256
    }

    private static final int CONDITIONAL_LIMIT = 64 * 1024;

    private final Clock clock;
    private final Set<Trait> traits;
    private final Contents contents;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** An empty sink whose objects become visible at the time of {@code clock}. */
    public InMemorySink(Clock clock, Trait... traits) {
        this(clock, Set.of(traits), new Contents());
    }

    private InMemorySink(Clock clock, Set<Trait> traits, Contents contents) {
        this.clock = clock;
        this.traits = traits;
        this.contents = contents;
    }

    /** Another sink over the same objects and unfinished writes, as another process would open it. */
    public InMemorySink openAgain() {
        return new InMemorySink(clock, traits, contents);
    }

    /** A sink of its own with the objects of now and none of the unfinished writes; the bytes are shared. */
    public InMemorySink copy() {
        Contents copied = new Contents();
        synchronized (contents) {
            copied.objects.putAll(contents.objects);
        }
        return new InMemorySink(clock, traits, copied);
    }

    /**
     * Puts an object there as if another tool had: any text is a key, also {@code a//b} or {@code ../x}; an existing
     * object is replaced.
     */
    public void putForeign(String key, byte[] content) {
        synchronized (contents) {
            contents.objects.put(key, new Held(content.clone(), clock.instant()));
        }
    }

    /** Takes an object away behind everyone's back. */
    public void removeForeign(String key) {
        synchronized (contents) {
            contents.objects.remove(key);
        }
    }

    /** All keys, ascending. */
    public List<String> keys() {
        synchronized (contents) {
            return List.copyOf(contents.objects.keySet());
        }
    }

    /** The bytes under a key, if there are any. */
    public Optional<byte[]> bytes(String key) {
        synchronized (contents) {
            return Optional.ofNullable(contents.objects.get(key)).map(held -> held.bytes.clone());
        }
    }

    /** The keys of the writes that were neither committed nor aborted nor discarded, in the order they began. */
    public List<String> unfinished() {
        synchronized (contents) {
            return contents.unfinished.stream()
                    .map(writer -> writer.key.value())
                    .toList();
        }
    }

    /** How many streams and listings were opened and not closed. */
    public int openReads() {
        synchronized (contents) {
            return contents.openReads;
        }
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) {
        requireOpen();
        metadata.forEach((name, value) -> {
            requirePrintable(name);
            requirePrintable(value);
        });
        Writer writer = new Writer(key);
        synchronized (contents) {
            contents.unfinished.add(writer);
        }
        return writer;
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) {
        requireOpen();
        if (content.length > CONDITIONAL_LIMIT) {
            throw new IllegalArgumentException(
                    "createIfAbsent of " + key + " takes at most 64 KiB, was given " + content.length + " bytes");
        }
        if (traits.contains(Trait.NO_CONDITIONAL_CREATE)) {
            return Creation.UNSUPPORTED;
        }
        synchronized (contents) {
            Held before = contents.objects.putIfAbsent(key.value(), new Held(content.clone(), clock.instant()));
            return before == null ? Creation.CREATED : Creation.EXISTS;
        }
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) {
        requireOpen();
        synchronized (contents) {
            return Optional.ofNullable(contents.objects.get(key.value())).map(held -> describe(key.value(), held));
        }
    }

    @Override
    public InputStream open(ObjectKey key) throws BackupException {
        requireOpen();
        synchronized (contents) {
            Held held = contents.objects.get(key.value());
            if (held == null) {
                throw new BackupException(
                        Kind.NOT_FOUND, "object " + key, "does not exist", "list the sink to see what it holds");
            }
            contents.openReads++;
            return new FilterInputStream(new ByteArrayInputStream(held.bytes)) {
                private final AtomicBoolean released = new AtomicBoolean();

                @Override
                public void close() {
                    releaseRead(released);
                }
            };
        }
    }

    @Override
    public Stream<StoredObject> list(String prefix) {
        requireOpen();
        AtomicBoolean released = new AtomicBoolean();
        synchronized (contents) {
            List<StoredObject> snapshot = new ArrayList<>();
            for (Map.Entry<String, Held> entry :
                    contents.objects.tailMap(prefix).entrySet()) {
                if (!entry.getKey().startsWith(prefix)) {
                    break;
                }
                snapshot.add(describe(entry.getKey(), entry.getValue()));
            }
            contents.openReads++;
            return snapshot.stream().onClose(() -> releaseRead(released));
        }
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) {
        requireOpen();
        Set<ObjectKey> all = Set.copyOf(keys);
        synchronized (contents) {
            all.forEach(key -> contents.objects.remove(key.value()));
            contents.unfinished.removeIf(writer -> all.contains(writer.key));
        }
        return DeleteReport.complete();
    }

    /** A placeholder: no shell can reach this sink. */
    @Override
    public String fetchCommand(ObjectKey key) {
        return "in-memory-sink get '" + key.value().replace("'", "'\\''") + "'";
    }

    @Override
    public void close() {
        closed.set(true);
    }

    private StoredObject describe(String key, Held held) {
        return new StoredObject(
                key, held.bytes.length, held.since, traits.contains(Trait.REPORTS_SHA256) ? sha256(held.bytes) : null);
    }

    private void releaseRead(AtomicBoolean released) {
        if (released.compareAndSet(false, true)) {
            synchronized (contents) {
                contents.openReads--;
            }
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the sink is closed");
        }
    }

    private static void requirePrintable(String text) {
        if (!text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException("metadata is printable ASCII, was '" + text + "'");
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static final class Held {
        final byte[] bytes;
        final Instant since;

        Held(byte[] bytes, Instant since) {
            this.bytes = bytes;
            this.since = since;
        }
    }

    /** What the sinks over one store share; guarded by itself. */
    private static final class Contents {
        final TreeMap<String, Held> objects = new TreeMap<>();
        final Set<Writer> unfinished = new LinkedHashSet<>();
        int openReads;
    }

    private final class Writer implements ObjectWriter {
        private final ObjectKey key;
        private final Body body = new Body();
        private @Nullable StoredObject committed;

        Writer(ObjectKey key) {
            this.key = key;
        }

        @Override
        public OutputStream body() {
            return body;
        }

        @Override
        public StoredObject commit() throws BackupException {
            requireOpen();
            synchronized (contents) {
                if (committed != null) {
                    throw new IllegalStateException("object " + key + " is committed already");
                }
                if (!contents.unfinished.remove(this)) {
                    throw new BackupException(
                            Kind.SINK,
                            "object " + key,
                            "its unfinished write was aborted or discarded",
                            "find out who deleted the key meanwhile");
                }
                Held held = new Held(body.toByteArray(), clock.instant());
                contents.objects.put(key.value(), held);
                committed = describe(key.value(), held);
                return committed;
            }
        }

        @Override
        public void close() {
            synchronized (contents) {
                contents.unfinished.remove(this);
            }
        }

        private final class Body extends ByteArrayOutputStream {
            @Override
            public synchronized void write(int b) {
                requireUnfinished();
                super.write(b);
            }

            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                requireUnfinished();
                super.write(bytes, offset, length);
            }

            @Override
            public void write(byte[] bytes) throws IOException {
                write(bytes, 0, bytes.length);
            }

            // A discarded write still takes bytes: its process learns of it at the commit, as with a real store.
            private void requireUnfinished() {
                if (committed != null) {
                    throw new IllegalStateException("object " + key + " is committed already");
                }
            }
        }
    }
}
