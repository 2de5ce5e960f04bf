package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A sink with only what a sink must have, so that no shell command fetches an object from it. */
record NoFetchSink(Sink sink) implements Sink {
    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws IOException, InterruptedException {
        return sink.create(key, metadata);
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        return sink.createIfAbsent(key, content);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
        return sink.stat(key);
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException, InterruptedException {
        return sink.open(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
        return sink.list(prefix);
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
        return sink.delete(keys);
    }

    @Override
    public void close() {
        sink.close();
    }
}
