package cloud.lvs.backup.core;

import cloud.lvs.backup.core.files.OwnedDirectory;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Store;
import java.nio.file.Path;
import java.time.Clock;

/**
 * What an application that embeds the library gives a provider: a clock and a directory for temporary files. It has no sinks
 * by name. Reports, exceptions, events and logs are not masked by themselves: an application masks what it shows.
 *
 * @param clock the time
 * @param scratchDirectory an existing directory; that of an {@link OwnedDirectory}, which can tell and remove what killed
 *     processes left, or one that the application looks after
 * @param secrets the secrets that providers have read so far, e.g. from password files, to mask texts with; an application adds
 *     those that it configures itself
 */
public record LibraryContext(Clock clock, Path scratchDirectory, Redactions secrets) implements ProviderContext {
    /** A context that knows no secret yet. */
    public LibraryContext(Clock clock, Path scratchDirectory) {
        this(clock, scratchDirectory, new Redactions());
    }

    @Override
    public Store store(String sinkName) throws BackupException {
        throw new BackupException(
                Kind.CONFIG,
                "sink " + sinkName,
                "is not known: an embedded provider finds no sinks by name",
                "implement ProviderContext.store for this application");
    }

    @Override
    public void redact(String secret) {
        secrets.add(secret);
    }
}
