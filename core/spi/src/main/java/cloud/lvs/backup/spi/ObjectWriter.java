package cloud.lvs.backup.spi;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * One object being written. Nothing is visible before {@link #commit()} returns; {@link #close()} without a commit
 * aborts and leaves nothing behind. Used from one thread.
 */
public interface ObjectWriter extends Closeable {
    /** Where the bytes go; the same stream at every call. Closing it neither commits nor aborts. */
    OutputStream body();

    /**
     * Makes the object visible with all bytes written to {@link #body()}, durably.
     *
     * @return the object as the store reports it afterwards
     * @throws BackupException of kind {@code SINK} if the store did not keep exactly these bytes, as far as it can tell
     */
    StoredObject commit() throws IOException, InterruptedException;

    /**
     * Aborts what was not committed. Harmless when called twice or after {@link #commit()}. The engine calls it with an
     * interrupt held back.
     */
    @Override
    void close() throws IOException;
}
