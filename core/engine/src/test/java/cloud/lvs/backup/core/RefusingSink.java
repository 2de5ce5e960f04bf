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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A sink that refuses to delete some keys, as a locked object would, and counts requests. */
final class RefusingSink implements Sink {
    private final Sink sink;
    private final Predicate<String> refused;
    private final Predicate<String> locked;
    final Map<String, Integer> requests = new HashMap<>();

    RefusingSink(Sink sink, Predicate<String> refused) {
        this(sink, refused, key -> false);
    }

    private RefusingSink(Sink sink, Predicate<String> refused, Predicate<String> locked) {
        this.sink = sink;
        this.refused = refused;
        this.locked = locked;
    }

    /** One that says of these keys that they are locked. */
    static RefusingSink locking(Sink sink, Predicate<String> locked) {
        return new RefusingSink(sink, locked, locked);
    }

    private void count(String operation) {
        requests.merge(operation, 1, Integer::sum);
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws IOException, InterruptedException {
        count("create");
        return sink.create(key, metadata);
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        count("createIfAbsent");
        return sink.createIfAbsent(key, content);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
        count("stat");
        return sink.stat(key);
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException, InterruptedException {
        count("open");
        return sink.open(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
        count("list");
        return sink.list(prefix);
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
        count("delete");
        List<ObjectKey> allowed =
                keys.stream().filter(key -> !refused.test(key.value())).toList();
        Map<ObjectKey, String> refusals = new HashMap<>(sink.delete(allowed).refused());
        keys.stream()
                .filter(key -> refused.test(key.value()))
                .forEach(key ->
                        refusals.put(key, locked.test(key.value()) ? "is locked until tomorrow" : "AccessDenied"));
        return new DeleteReport(
                refusals,
                refusals.keySet().stream()
                        .filter(key -> locked.test(key.value()))
                        .collect(Collectors.toSet()));
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
