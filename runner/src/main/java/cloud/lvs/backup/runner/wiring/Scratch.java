package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.core.files.OwnedDirectory;
import cloud.lvs.backup.core.files.OwnedDirectory.Leftover;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where temporary files go: a directory of this process's own below the one that is configured, made when it is first asked
 * for. What dead processes left beside it goes before the first file comes, unless it was looked for before. Thread-safe.
 */
public final class Scratch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

    private final Path root;
    private final Consumer<String> told;
    private @Nullable OwnedDirectory own;
    private boolean looked;

    private Scratch(Path root, Consumer<String> told) {
        this.root = root;
        this.told = told;
    }

    /**
     * The configured directory, or that of the system.
     *
     * @param told is given a line for each directory of a dead process that was removed
     * @throws BackupException of kind {@code CONFIG} if it does not exist
     */
    public static Scratch of(@Nullable Path configured, Map<String, String> environment, Consumer<String> told)
            throws BackupException {
        String temporary = environment.getOrDefault("TMPDIR", "");
        Path directory = configured != null ? configured : Path.of(temporary.isEmpty() ? "/tmp" : temporary);
        if (!Files.isDirectory(directory)) {
            throw new BackupException(
                    Kind.CONFIG,
                    "scratch directory " + directory,
                    "is not an existing directory",
                    configured == null
                            ? "set TMPDIR, or 'scratch' in the configuration"
                            : "make it, or change 'scratch'");
        }
        return new Scratch(directory.toAbsolutePath(), told);
    }

    /** The directory that all processes share. */
    public Path root() {
        return root;
    }

    /** Exists; the one that all share where none of our own can be made, and whoever writes there says why. */
    public synchronized Path directory() {
        if (!looked) {
            sweep(Mode.EXECUTE).forEach(this::tell);
        }
        return unsweptDirectory();
    }

    /** The same, and what dead processes left stays for now. */
    synchronized Path unsweptDirectory() {
        return own().map(OwnedDirectory::path).orElse(root);
    }

    private Optional<OwnedDirectory> own() {
        if (own == null) {
            try {
                own = OwnedDirectory.below(root);
            } catch (IOException e) {
                LOG.debug("No directory of its own can be made below {}: {}", root, e.toString());
            }
        }
        return Optional.ofNullable(own);
    }

    private void tell(Leftover leftover) {
        told.accept("scratch directory " + root + ": " + leftover.path().getFileName() + " of " + leftover.owner()
                + ", which ended without cleaning up, "
                + (leftover.problem().isEmpty()
                        ? "was removed"
                        : "holds its temporary files and cannot be removed: " + leftover.problem()
                                + " (remove it by hand)"));
    }

    /** What dead processes left; a dry run leaves it there. */
    public synchronized List<Leftover> sweep(Mode mode) {
        looked = true;
        return own().map(directory -> directory.sweep(mode)).orElse(List.of());
    }

    /** What looks like the temporary files of killed runs of earlier versions, which do not say whose they are. */
    public synchronized List<Path> unowned() {
        return own().map(OwnedDirectory::unowned).orElse(List.of());
    }

    @Override
    public synchronized void close() {
        if (own != null) {
            own.close();
        }
    }
}
