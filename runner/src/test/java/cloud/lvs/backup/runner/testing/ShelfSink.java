package cloud.lvs.backup.runner.testing;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.spi.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** See {@link ShelfProvider}. */
final class ShelfSink implements Sink {
    private final ShelfProvider.Config config;
    private final Sink directory;

    ShelfSink(ShelfProvider.Config config, Sink directory) {
        this.config = config;
        this.directory = directory;
    }

    private Sink directory() throws BackupException {
        if (!config.down().isEmpty()) {
            throw failure("shelf " + config.path(), config.down());
        }
        return directory;
    }

    private static BackupException failure(String target, String problem) {
        Kind kind = problem.contains("denied") ? Kind.CREDENTIALS : Kind.SINK;
        return new BackupException(kind, target, problem, "look at the shelf");
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws IOException, InterruptedException {
        return directory().create(key, metadata);
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        return directory().createIfAbsent(key, content);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
        return directory().stat(key);
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException, InterruptedException {
        return directory().open(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
        return directory().list(prefix);
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
        return config.refuses().isEmpty()
                ? directory().delete(keys)
                : new DeleteReport(
                        keys.stream().collect(Collectors.toMap(Function.identity(), key -> config.refuses())));
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        return directory.fetchCommand(key);
    }

    @Override
    public List<Check> diagnose() {
        return List.of(Check.passed("boards", "are level"));
    }

    @Override
    public List<Usage> usage(Usage.Scope scope) throws IOException {
        directory();
        Map<String, Usage> usages = new TreeMap<>();
        config.buckets().forEach((name, bytes) -> usages.put(name, new Usage.Measured(name, bytes / 100, bytes)));
        config.unreadable()
                .forEach(name ->
                        usages.put(name, new Usage.Unknown(name, failure("bucket " + name, "access is denied"))));
        return usages.values().stream()
                .filter(usage -> scope == Usage.Scope.ALL || usage.bucket().equals(config.bucket()))
                .toList();
    }

    @Override
    public void close() {
        directory.close();
    }
}
