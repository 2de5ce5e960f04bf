package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.protocol.Operation.Effect;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The objects of a depot as one process reaches them: each operation passes its gate and may fare badly there. */
final class GatedSink implements Sink {
    private final Depot depot;
    private final Gate gate;
    private final Clock clock;

    GatedSink(Depot depot, Gate gate, Clock clock) {
        this.depot = depot;
        this.gate = gate;
        this.clock = clock;
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws IOException, InterruptedException;
    }

    private <T> T perform(Effect effect, String text, Call<T> call) throws IOException, InterruptedException {
        Operation operation = new Operation(effect, depot.name() + ": " + text);
        Verdict verdict = gate.enter(operation);
        if (verdict == Verdict.CRASHES_BEFORE) {
            throw gate.die();
        }
        if (verdict == Verdict.FAILS) {
            throw failure(text);
        }
        T result;
        try {
            result = call.run();
        } catch (BackupException e) {
            gate.saw(e.kind().name().hashCode());
            throw e;
        }
        if (verdict == Verdict.CRASHES_AFTER) {
            throw gate.die();
        }
        if (verdict == Verdict.LOSES_REPLY) {
            throw failure(text);
        }
        return result;
    }

    private BackupException failure(String text) {
        gate.saw("failure".hashCode());
        return new BackupException(Kind.SINK, "sink " + depot.name(), "did not answer: " + text, "try again");
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) {
        if (gate.isDead()) {
            throw gate.die();
        }
        return new Writer(key, depot.sink().create(key, metadata));
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        return perform(Effect.WRITES, "createIfAbsent " + key, () -> {
            Creation creation = depot.sink().createIfAbsent(key, content);
            if (creation == Creation.CREATED) {
                depot.wasPut(key.value(), Arrays.hashCode(content), clock.instant());
            }
            gate.saw(creation.name().hashCode());
            return creation;
        });
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
        return perform(Effect.READS, "stat " + key, () -> {
            gate.saw(depot.partOf(key.value()));
            return depot.sink().stat(key);
        });
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException, InterruptedException {
        return perform(Effect.READS, "open " + key, () -> {
            gate.saw(depot.partOf(key.value()));
            return depot.sink().open(key);
        });
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
        return perform(Effect.READS, "list " + prefix, () -> {
            List<StoredObject> found = new ArrayList<>();
            try (Stream<StoredObject> listing = depot.sink().list(prefix)) {
                listing.forEach(found::add);
            }
            long seen = 0;
            for (StoredObject object : found) {
                seen = Depot.mix(seen, depot.partOf(object.key()));
            }
            gate.saw(seen);
            return found.stream();
        });
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
        List<ObjectKey> all = new ArrayList<>(new TreeSet<>(keys));
        Operation operation = new Operation(Effect.DELETES, depot.name() + ": delete " + all);
        Verdict verdict = gate.enter(operation);
        switch (verdict) {
            case CRASHES_BEFORE -> throw gate.die();
            case FAILS -> throw failure("delete " + all);
            default -> {}
        }
        List<ObjectKey> refused = switch (verdict) {
            case IS_REFUSED -> all;
            case IS_REFUSED_IN_PART -> all.subList(0, Math.min(1, all.size()));
            default -> List.of();
        };
        List<ObjectKey> granted = all.subList(refused.size(), all.size());
        depot.sink().delete(granted);
        granted.forEach(key -> depot.wasDeleted(key.value()));
        if (verdict == Verdict.CRASHES_AFTER) {
            throw gate.die();
        }
        if (verdict == Verdict.LOSES_REPLY) {
            throw failure("delete " + all);
        }
        gate.saw(refused.size());
        Map<ObjectKey, String> reasons = new java.util.HashMap<>();
        refused.forEach(key -> reasons.put(key, "refused"));
        return new DeleteReport(reasons);
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        return depot.sink().fetchCommand(key);
    }

    @Override
    public void close() {}

    private final class Writer implements ObjectWriter {
        private final ObjectKey key;
        private final ObjectWriter object;
        private final OutputStream body;
        private long content;

        Writer(ObjectKey key, ObjectWriter object) {
            this.key = key;
            this.object = object;
            OutputStream out = object.body();
            this.body = new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                    for (int i = offset; i < offset + length; i++) {
                        content = content * 31 + bytes[i];
                    }
                }
            };
        }

        @Override
        public OutputStream body() {
            return body;
        }

        @Override
        public StoredObject commit() throws IOException, InterruptedException {
            return perform(Effect.WRITES, "commit " + key, () -> {
                StoredObject stored = object.commit();
                depot.wasPut(key.value(), content, clock.instant());
                return stored;
            });
        }

        @Override
        public void close() throws IOException {
            if (!gate.isDead()) {
                object.close();
            }
        }
    }
}
