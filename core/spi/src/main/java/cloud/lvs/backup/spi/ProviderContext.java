package cloud.lvs.backup.spi;

import java.nio.file.Path;
import java.time.Clock;

/** What the host gives a provider. Thread-safe. */
public interface ProviderContext {
    /** The time; never read it elsewhere. */
    Clock clock();

    /** An existing directory for temporary files; whoever makes one there removes it. */
    Path scratchDirectory();

    /**
     * The read side of a configured sink, opened when first used: for a source whose data another program keeps in a store, e.g.
     * Longhorn in its backup target. {@link SourceProvider#readsSinks} says which.
     *
     * @throws BackupException of kind {@code CONFIG} if no sink has this name
     */
    Store store(String sinkName) throws BackupException;

    /**
     * Tells the host a secret, so that it masks the text wherever it would appear in logs, errors and reports, e.g. because a
     * library put it into an exception. The runner knows every {@link Secret} of its configuration already; what is read from
     * elsewhere, a file say, is told here.
     */
    void redact(String secret);
}
