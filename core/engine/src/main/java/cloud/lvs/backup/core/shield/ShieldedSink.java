package cloud.lvs.backup.core.shield;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.spi.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A sink that deletes, aborts and closes with a pending interrupt held back, and gives no null. Equal to another over the same sink. */
public record ShieldedSink(Sink sink) implements Sink {
    /** {@code sink}, shielded once. */
    public static Sink over(Sink sink) {
        return sink instanceof ShieldedSink ? sink : new ShieldedSink(sink);
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws IOException, InterruptedException {
        return new ShieldedWriter(Answers.ofSink(sink, "create", () -> sink.create(key, metadata)));
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
        Shield shield = Shield.raise();
        try {
            return Answers.ofSink(sink, "delete", () -> sink.delete(keys));
        } finally {
            shield.lower();
        }
    }

    @Override
    public void close() {
        Shield shield = Shield.raise();
        try {
            sink.close();
        } finally {
            shield.lower();
        }
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        return Answers.ofSink(sink, "createIfAbsent", () -> sink.createIfAbsent(key, content));
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
        return Answers.ofSink(sink, "stat", () -> sink.stat(key));
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException, InterruptedException {
        return Answers.ofSink(sink, "open", () -> sink.open(key));
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
        return Answers.ofSink(sink, "list", () -> sink.list(prefix));
    }

    @Override
    public Stream<StoredObject> list(String prefix, String after) throws IOException, InterruptedException {
        return Answers.ofSink(sink, "list", () -> sink.list(prefix, after));
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        try {
            return Answers.of("sink", sink, "fetchCommand", sink.fetchCommand(key));
        } catch (BackupException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<Check> diagnose() throws IOException, InterruptedException {
        return Answers.ofSink(sink, "diagnose", sink::diagnose);
    }

    @Override
    public List<Usage> usage(Usage.Scope scope) throws IOException, InterruptedException {
        return Answers.ofSink(sink, "usage", () -> sink.usage(scope));
    }

    @Override
    public String toString() {
        return sink.toString();
    }
}
