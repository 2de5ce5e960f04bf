package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The journal of a sink: {@code .lvs-backup/{job}/{timestamp}-{run}/}, one small object per state of a backup.
 *
 * <p>It only adds, lists and deletes objects; what they mean together is told by {@link BackupDirectory}, and in which order
 * to write them is the engine's.
 */
public final class Journal {
    /** Where all journals of a sink begin. */
    public static final String ROOT = ".lvs-backup/";

    private static final int MAX_DOCUMENT_BYTES = 64 << 20;
    private static final Pattern KEY = Pattern.compile(
            Pattern.quote(ROOT) + "(?<job>[^/]+)/(?<timestamp>\\d{8}T\\d{6}Z)-(?<run>[a-z0-9]{4,32})/(?<name>[^/]+)");

    private final Sink sink;
    private final JournalDocuments documents = new JournalDocuments();

    public Journal(Sink sink) {
        this.sink = sink;
    }

    /** Visits the directories of a job, oldest first, in one listing and with one directory in memory at a time. */
    public void scan(String job, Consumer<BackupDirectory> visitor) throws IOException, InterruptedException {
        visit(ROOT + job + "/", visitor);
    }

    /** As {@link #scan}, for the jobs of the whole sink. */
    public void scanAll(Consumer<BackupDirectory> visitor) throws IOException, InterruptedException {
        visit(ROOT, visitor);
    }

    /** What lies in the directory of {@code id} now; empty of objects if there is none. */
    public BackupDirectory directory(BackupId id) throws IOException, InterruptedException {
        List<BackupDirectory> found = new ArrayList<>(1);
        visit(ROOT + id.job() + "/" + id.directory() + "/", found::add);
        return found.isEmpty() ? new BackupDirectory(id, List.of()) : found.get(0);
    }

    /**
     * Tells an object that cannot be read from a store that does not answer, by a listing of the directory of {@code id}.
     *
     * @throws IOException if it is the store; {@code failure} is suppressed in it
     */
    public void requireAnswer(BackupId id, IOException failure) throws IOException, InterruptedException {
        try {
            directory(id);
        } catch (IOException e) {
            e.addSuppressed(failure);
            throw e;
        }
    }

    private void visit(String prefix, Consumer<BackupDirectory> visitor) throws IOException, InterruptedException {
        @Nullable BackupId current = null;
        List<StoredObject> objects = new ArrayList<>();
        try (Stream<StoredObject> listing = sink.list(prefix)) {
            for (Iterator<StoredObject> it = listing.iterator(); it.hasNext(); ) {
                StoredObject object = it.next();
                Optional<BackupId> owner = owner(object.key());
                if (owner.isEmpty()) {
                    continue;
                }
                if (current != null && !current.equals(owner.get())) {
                    visitor.accept(new BackupDirectory(current, objects));
                    objects.clear();
                }
                current = owner.get();
                objects.add(object);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (current != null) {
            visitor.accept(new BackupDirectory(current, objects));
        }
    }

    private static Optional<BackupId> owner(String key) {
        Matcher matcher = KEY.matcher(key);
        if (!matcher.matches() || JournalName.parse(matcher.group("name")).isEmpty() || !ObjectKey.isValid(key)) {
            return Optional.empty();
        }
        try {
            return BackupId.parseTimestamp(matcher.group("timestamp"))
                    .map(timestamp -> new BackupId(matcher.group("job"), timestamp, new RunId(matcher.group("run"))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Writes a document into the directory of {@code id}; returns it as the store reports it. */
    public StoredObject put(BackupId id, JournalName name, Object document) throws IOException, InterruptedException {
        return put(id, name, documents.write(document));
    }

    /** Writes bytes into the directory of {@code id}; returns them as the store reports them. */
    public StoredObject put(BackupId id, JournalName name, byte[] content) throws IOException, InterruptedException {
        try (ObjectWriter writer = sink.create(name.keyIn(id), Map.of())) {
            writer.body().write(content);
            StoredObject stored = writer.commit();
            if (stored.sizeBytes() != content.length) {
                throw new BackupException(
                        Kind.SINK,
                        "object " + name.keyIn(id),
                        "was written with " + content.length + " bytes but the store reports " + stored.sizeBytes(),
                        "this store does not keep what it is given; use another");
            }
            return stored;
        }
    }

    /** The bytes that {@link #put} would write for a document. */
    public byte[] encode(Object document) {
        return documents.write(document);
    }

    /**
     * Reads a document.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is damaged, {@code NOT_FOUND} if it is gone
     */
    public <T> T read(ObjectKey key, Class<T> type) throws IOException, InterruptedException {
        return documents.read(key, readBytes(key), type);
    }

    /** Reads a document from its bytes. */
    public <T> T decode(ObjectKey key, byte[] content, Class<T> type) throws BackupException {
        return documents.read(key, content, type);
    }

    /** The bytes of an object of the journal. */
    public byte[] readBytes(ObjectKey key) throws IOException, InterruptedException {
        try (InputStream in = sink.open(key)) {
            byte[] content = in.readNBytes(MAX_DOCUMENT_BYTES + 1);
            if (content.length > MAX_DOCUMENT_BYTES) {
                throw new BackupException(
                        Kind.VERIFICATION,
                        "object " + key,
                        "is larger than any document of the journal",
                        "something else wrote it; look at it by hand");
            }
            return content;
        }
    }

    /** Deletes objects; see {@link Sink#delete}. */
    public DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException {
        return keys.isEmpty() ? DeleteReport.complete() : sink.delete(keys);
    }
}
