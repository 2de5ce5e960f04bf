package cloud.lvs.backup.spi;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Where backups are kept. Thread-safe; opened once and closed by whoever made it. Every request is bounded in time.
 *
 * <p>Failures are {@link BackupException}s: {@code SINK} if the store cannot be reached or refuses, {@code CREDENTIALS}
 * if it does not accept who we are.
 */
public interface Sink extends Store, AutoCloseable {
    /**
     * Begins an object; an existing one of that key is replaced at the commit.
     *
     * @param metadata small ASCII facts stored with the object where the store can; never needed to read it back
     */
    ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws IOException, InterruptedException;

    /**
     * Creates a small object only if there is none of that key, atomically, also against other processes. A repeated
     * request whose first reply was lost may answer {@link Creation#EXISTS}: the caller looks whose it is.
     *
     * @param content at most 64 KiB
     */
    Creation createIfAbsent(ObjectKey key, byte[] content) throws IOException, InterruptedException;

    /**
     * Deletes these objects and discards unfinished writes under these keys. The engine calls it with an interrupt held back.
     *
     * @return the outcome key by key
     */
    DeleteReport delete(Collection<ObjectKey> keys) throws IOException, InterruptedException;

    /**
     * The shell command that writes the stored bytes of {@code key} to standard output without this tool, e.g.
     * {@code aws s3 cp s3://bucket/2026/11/x.db.zst -}; arguments quoted for a POSIX shell. Holds no secret.
     *
     * @return empty if there is none: then the operator fetches the object by hand, and the line that restores it begins with
     *     the fetched file
     */
    default String fetchCommand(ObjectKey key) {
        return "";
    }

    /**
     * Tries out what this store can and cannot do beyond what every sink must, with objects of its own that it removes. An
     * operator reads the result; a check that failed says what to do.
     *
     * @return in the order tried; empty if there is nothing more to try
     */
    default List<Check> diagnose() throws IOException, InterruptedException {
        return List.of();
    }

    /**
     * How full the store is.
     *
     * @return a value for each bucket, ascending by name; empty if this kind of sink has none
     * @throws BackupException if not even the names of the buckets can be told
     */
    default List<Usage> usage(Usage.Scope scope) throws IOException, InterruptedException {
        return List.of();
    }

    /** Releases connections. Harmless when called twice. The engine calls it with an interrupt held back. */
    @Override
    void close();
}
