package cloud.lvs.backup.core;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A sink that keeps the objects of some keys with one bit flipped, and says that all is well. */
final class LyingSink implements Sink {
    private final InMemorySink sink;
    private final Predicate<String> altered;

    LyingSink(InMemorySink sink, Predicate<String> altered) {
        this.sink = sink;
        this.altered = altered;
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) {
        ObjectWriter object = sink.create(key, metadata);
        return new ObjectWriter() {
            @Override
            public OutputStream body() {
                return object.body();
            }

            @Override
            public StoredObject commit() throws IOException, InterruptedException {
                StoredObject stored = object.commit();
                if (altered.test(key.value())) {
                    byte[] bytes = sink.bytes(key.value()).orElseThrow();
                    bytes[bytes.length / 2] ^= 1;
                    sink.putForeign(key.value(), bytes);
                }
                return stored;
            }

            @Override
            public void close() throws IOException {
                object.close();
            }
        };
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
        return sink.open(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) {
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
