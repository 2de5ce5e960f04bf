package cloud.lvs.backup.contract;

import cloud.lvs.backup.contract.Fault.Effect;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A sink that goes wrong as planned, tells a hook of every call before and after it took effect, and remembers the calls.
 * A deletion of several keys is passed on key by key, so that it can be stopped between them. Thread-safe.
 */
public final class FaultySink implements Sink {
    /** What can be called. */
    public enum Operation {
        CREATE,
        COMMIT,
        /** A writer closed without a commit. */
        ABORT,
        CREATE_IF_ABSENT,
        STAT,
        OPEN,
        LIST,
        /** A request to delete. */
        DELETE,
        /** One key of such a request. */
        DELETE_KEY
    }

    /** When a hook is told. */
    public enum Phase {
        /** Nothing was done yet. */
        BEFORE,
        /** It took effect; the caller does not know yet. */
        AFTER
    }

    /**
     * One call.
     *
     * @param operation what was called
     * @param key of the object, the prefix of a listing, or the keys of a deletion joined by commas
     * @param nth which call of this operation, from 1
     * @param overall which call of all, from 1
     */
    public record Call(Operation operation, String key, int nth, int overall) {}

    /** Is told of every call; may halt the virtual machine, wait for another thread, or throw in the sink's place. */
    @FunctionalInterface
    public interface Hook {
        void on(Call call, Phase phase) throws IOException, InterruptedException;
    }

    private final Sink sink;
    private final FaultPlan plan;
    private final Hook hook;
    private final List<Call> calls = new ArrayList<>();
    private final Map<Operation, Integer> counts = new HashMap<>();
    private final int[] seen;

    public FaultySink(Sink sink, FaultPlan plan) {
        this(sink, plan, (call, phase) -> {});
    }

    public FaultySink(Sink sink, Hook hook) {
        this(sink, FaultPlan.of(), hook);
    }

    public FaultySink(Sink sink, FaultPlan plan, Hook hook) {
        this.sink = sink;
        this.plan = plan;
        this.hook = hook;
        this.seen = new int[plan.faults().size()];
    }

    /** Every call so far, in the order they began. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** How often an operation was called. */
    public synchronized int count(Operation operation) {
        return counts.getOrDefault(operation, 0);
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws IOException, InterruptedException {
        Step step = begin(Operation.CREATE, key.value());
        ObjectWriter writer = sink.create(key, metadata);
        step.end();
        return new Writer(key, writer, step);
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        Step step = begin(Operation.CREATE_IF_ABSENT, key.value());
        Creation creation = step.has(Effect.PRETEND) ? Creation.CREATED : sink.createIfAbsent(key, content);
        step.end();
        return creation;
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
        Step step = begin(Operation.STAT, key.value());
        Optional<StoredObject> object = sink.stat(key);
        step.end();
        return object;
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException, InterruptedException {
        Step step = begin(Operation.OPEN, key.value());
        InputStream stream = sink.open(key);
        try {
            step.end();
        } catch (IOException | InterruptedException e) {
            stream.close();
            throw e;
        }
        return step.hasOffsets() ? new FaultyInput(stream, step) : stream;
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
        Step step = begin(Operation.LIST, prefix);
        Stream<StoredObject> listing = sink.list(prefix);
        try {
            step.end();
        } catch (IOException | InterruptedException e) {
            listing.close();
            throw e;
        }
        if (!step.has(Effect.FAIL_AT)) {
            return listing;
        }
        long limit = step.offset(Effect.FAIL_AT);
        AtomicLong told = new AtomicLong();
        return listing.peek(object -> {
            if (told.getAndIncrement() >= limit) {
                throw new UncheckedIOException(step.failure("while"));
            }
        });
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
        List<ObjectKey> distinct = List.copyOf(new LinkedHashSet<>(keys));
        Step request = begin(
                Operation.DELETE,
                String.join(",", distinct.stream().map(ObjectKey::value).toList()));
        Map<ObjectKey, String> refused = new HashMap<>();
        for (ObjectKey key : distinct) {
            Step step = begin(Operation.DELETE_KEY, key.value());
            if (step.has(Effect.REFUSE)) {
                refused.put(key, "refused by " + plan);
            } else if (!step.has(Effect.PRETEND)) {
                refused.putAll(sink.delete(List.of(key)).refused());
            }
            step.end();
        }
        request.end();
        return new DeleteReport(refused);
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        return sink.fetchCommand(key);
    }

    @Override
    public void close() {
        sink.close();
    }

    private Step begin(Operation operation, String key) throws IOException, InterruptedException {
        Call call;
        List<Fault> faults = new ArrayList<>();
        synchronized (this) {
            call = new Call(operation, key, counts.merge(operation, 1, Integer::sum), calls.size() + 1);
            calls.add(call);
            for (int i = 0; i < seen.length; i++) {
                Fault fault = plan.faults().get(i);
                if (fault.operation() == operation && key.contains(fault.keyPart())) {
                    seen[i]++;
                    if (fault.nth() == 0 || fault.nth() == seen[i]) {
                        faults.add(fault);
                    }
                }
            }
        }
        hook.on(call, Phase.BEFORE);
        Step step = new Step(call, faults);
        if (step.has(Effect.FAIL_BEFORE)) {
            throw step.failure("before");
        }
        return step;
    }

    /** One call under way with what goes wrong in it. */
    private final class Step {
        private final Call call;
        private final List<Fault> faults;

        Step(Call call, List<Fault> faults) {
            this.call = call;
            this.faults = faults;
        }

        boolean has(Effect effect) {
            return faults.stream().anyMatch(fault -> fault.effect() == effect);
        }

        boolean hasOffsets() {
            return has(Effect.FAIL_AT) || has(Effect.CUT_AT) || has(Effect.FLIP_AT);
        }

        /** The first offset of this effect; {@link Long#MAX_VALUE} if it does not happen. */
        long offset(Effect effect) {
            return faults.stream()
                    .filter(fault -> fault.effect() == effect)
                    .mapToLong(Fault::offset)
                    .min()
                    .orElse(Long.MAX_VALUE);
        }

        void end() throws IOException, InterruptedException {
            hook.on(call, Phase.AFTER);
            if (has(Effect.FAIL_AFTER)) {
                throw failure("after");
            }
        }

        BackupException failure(String when) {
            return new BackupException(
                    Kind.SINK,
                    "object " + call.key(),
                    "injected failure " + when + " " + call.operation() + " #" + call.nth() + " by " + plan,
                    "none: this is a test");
        }
    }

    private final class Writer implements ObjectWriter {
        private final ObjectKey key;
        private final ObjectWriter writer;
        private final OutputStream body;
        private boolean ended;

        Writer(ObjectKey key, ObjectWriter writer, Step creation) {
            this.key = key;
            this.writer = writer;
            this.body = creation.hasOffsets() ? new FaultyOutput(writer.body(), creation) : writer.body();
        }

        @Override
        public OutputStream body() {
            return body;
        }

        @Override
        public StoredObject commit() throws IOException, InterruptedException {
            Step step = begin(Operation.COMMIT, key.value());
            StoredObject stored;
            if (step.has(Effect.PRETEND)) {
                writer.close();
                stored = new StoredObject(key.value(), 0, Instant.EPOCH);
            } else {
                stored = writer.commit();
            }
            ended = true;
            step.end();
            return stored;
        }

        @Override
        public void close() throws IOException {
            if (ended) {
                writer.close();
                return;
            }
            ended = true;
            try {
                Step step = begin(Operation.ABORT, key.value());
                writer.close();
                step.end();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("a hook was interrupted", e);
            }
        }
    }

    /** Where in a stream of bytes what goes wrong; {@link Long#MAX_VALUE} is nowhere. */
    private static final class Offsets {
        final long fail;
        final long cut;
        final long flip;

        Offsets(Step step) {
            fail = step.offset(Effect.FAIL_AT);
            cut = step.offset(Effect.CUT_AT);
            flip = step.offset(Effect.FLIP_AT);
        }

        /** How many of {@code length} bytes from {@code position} on pass before something goes wrong. */
        int harmless(long position, int length) {
            long next = Math.min(Math.min(fail, cut), flip < position ? Long.MAX_VALUE : flip);
            return (int) Math.min(length, Math.max(0, next - position));
        }
    }

    private static final class FaultyOutput extends FilterOutputStream {
        private final Step step;
        private final Offsets offsets;
        private long position;

        FaultyOutput(OutputStream out, Step step) {
            super(out);
            this.step = step;
            this.offsets = new Offsets(step);
        }

        @Override
        public void write(int b) throws IOException {
            if (position >= offsets.fail) {
                throw step.failure("in the body of");
            }
            if (position < offsets.cut) {
                out.write(position == offsets.flip ? b ^ 1 : b);
            }
            position++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int harmless = offsets.harmless(position, length - done);
                out.write(bytes, from + done, harmless);
                position += harmless;
                done += harmless;
                if (done < length) {
                    write(bytes[from + done]);
                    done++;
                }
            }
        }
    }

    private static final class FaultyInput extends FilterInputStream {
        private final Step step;
        private final Offsets offsets;
        private long position;

        FaultyInput(InputStream in, Step step) {
            super(in);
            this.step = step;
            this.offsets = new Offsets(step);
        }

        @Override
        public int read() throws IOException {
            if (position >= offsets.fail) {
                throw step.failure("in the stream of");
            }
            if (position >= offsets.cut) {
                return -1;
            }
            int b = in.read();
            if (b < 0) {
                return -1;
            }
            return position++ == offsets.flip ? b ^ 1 : b;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            int harmless = offsets.harmless(position, length);
            if (harmless == 0 && length > 0) {
                int b = read();
                if (b < 0) {
                    return -1;
                }
                buffer[from] = (byte) b;
                return 1;
            }
            int read = in.read(buffer, from, harmless);
            position += Math.max(0, read);
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            return count > 0 && read() >= 0 ? 1 : 0;
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
