package cloud.lvs.backup.spi;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.stream.Stream;

/** The read side of a {@link Sink}. Thread-safe. Keys are relative to the sink's own prefix. */
public interface Store {
    /**
     * The object under {@code key}, or empty if there is none.
     *
     * @throws BackupException of kind {@code SINK} or {@code CREDENTIALS} if the store cannot say
     */
    Optional<StoredObject> stat(ObjectKey key) throws IOException, InterruptedException;

    /**
     * The stored bytes of an object; the caller closes the stream. A read that breaks off throws, it never ends early.
     *
     * @throws BackupException of kind {@code NOT_FOUND} if there is no such object
     */
    InputStream open(ObjectKey key) throws IOException, InterruptedException;

    /**
     * All visible objects whose key begins with {@code prefix} (may be empty), ascending by key in code-unit order.
     * The stream reads lazily, is complete or throws {@link java.io.UncheckedIOException} while it is read, and must be
     * closed.
     */
    Stream<StoredObject> list(String prefix) throws IOException, InterruptedException;

    /**
     * As {@link #list(String)}, but only the objects whose key is greater than {@code after}. A store that can begin a listing
     * anywhere does not read what comes before.
     */
    default Stream<StoredObject> list(String prefix, String after) throws IOException, InterruptedException {
        return list(prefix).filter(object -> object.key().compareTo(after) > 0);
    }
}
