package cloud.lvs.backup.core;

import cloud.lvs.backup.contract.InMemorySink;
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
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A sink whose objects of some keys are listed but cannot be read, as a store says of what it has archived. */
final class ArchivingSink implements Sink {
    private final InMemorySink sink;
    private final Predicate<String> archived;
    int answersListings = Integer.MAX_VALUE;

    ArchivingSink(InMemorySink sink, Predicate<String> archived) {
        this.sink = sink;
        this.archived = archived;
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) {
        return sink.create(key, metadata);
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) {
        return sink.createIfAbsent(key, content);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) {
        return sink.stat(key);
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException {
        if (archived.test(key.value())) {
            throw new BackupException(
                    Kind.SINK, "object " + key, "is archived (InvalidObjectState)", "have the store restore it first");
        }
        return sink.open(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException {
        if (answersListings-- <= 0) {
            throw new BackupException(Kind.SINK, "store", "does not answer", "try again");
        }
        return sink.list(prefix);
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) {
        return sink.delete(keys);
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        return sink.fetchCommand(key);
    }

    @Override
    public void close() {
        sink.close();
    }
}
