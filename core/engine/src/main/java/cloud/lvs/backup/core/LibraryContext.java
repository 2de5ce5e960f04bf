package cloud.lvs.backup.core;

import cloud.lvs.backup.core.files.OwnedDirectory;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Store;
import java.nio.file.Path;
import java.time.Clock;

/**
 * What an application that embeds the library gives a provider: a clock and a directory for temporary files. It has no sinks
 * by name and masks nothing; reports hold no secret anyway.
 *
 * @param clock the time
 * @param scratchDirectory an existing directory; that of an {@link OwnedDirectory}, which can tell and remove what killed
 *     processes left, or one that the application looks after
 */
public record LibraryContext(Clock clock, Path scratchDirectory) implements ProviderContext {
    @Override
    public Store store(String sinkName) throws BackupException {
        throw new BackupException(
                Kind.CONFIG,
                "sink " + sinkName,
                "is not known: an embedded provider finds no sinks by name",
                "implement ProviderContext.store for this application");
    }

    @Override
    public void redact(String secret) {}
}
