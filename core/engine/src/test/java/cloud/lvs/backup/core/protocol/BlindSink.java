package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Shows ruined backups as they were before: an engine before it does as one would that ignores what this hides. So the mistakes
 * can be planted without planting them in the engine.
 */
final class BlindSink implements Sink {
    /** What is not seen. */
    enum Blindness {
        MANIFEST,
        PAYLOAD,
        CLOCK
    }

    private static final Pattern COMMITTED = Pattern.compile(".*/(\\d{8}T\\d{6}Z)-[a-z0-9]+/committed-.*");

    private final Sink sink;
    private final Set<Blindness> blindness;
    private final Map<String, byte[]> before;

    BlindSink(Sink sink, Set<Blindness> blindness, Map<String, byte[]> before) {
        this.sink = sink;
        this.blindness = blindness;
        this.before = before;
    }

    private Optional<byte[]> hidden(ObjectKey key) {
        boolean isJournal = key.value().startsWith(".lvs-backup/");
        return Optional.ofNullable(before.get(key.value()))
                .filter(content -> blindness.contains(isJournal ? Blindness.MANIFEST : Blindness.PAYLOAD));
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException {
        Optional<StoredObject> seen = sink.stat(key);
        return hidden(key)
                .map(content -> new StoredObject(key.value(), content.length, World.NOW))
                .or(() -> seen);
    }

    @Override
    public InputStream open(ObjectKey key) throws IOException, InterruptedException {
        Optional<byte[]> hidden = hidden(key);
        return hidden.isPresent() ? new ByteArrayInputStream(hidden.get()) : sink.open(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException, InterruptedException {
        Stream<StoredObject> listing = sink.list(prefix);
        return blindness.contains(Blindness.CLOCK) ? listing.map(BlindSink::asItsNameSays) : listing;
    }

    private static StoredObject asItsNameSays(StoredObject object) {
        Matcher committed = COMMITTED.matcher(object.key());
        return committed.matches()
                ? new StoredObject(
                        object.key(),
                        object.sizeBytes(),
                        BackupId.parseTimestamp(committed.group(1)).orElseThrow())
                : object;
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws IOException, InterruptedException {
        return sink.create(key, metadata);
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        return sink.createIfAbsent(key, content);
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
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
