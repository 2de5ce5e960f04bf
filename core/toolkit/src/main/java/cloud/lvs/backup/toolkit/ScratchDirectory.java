package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A directory for temporary files that its owner alone may enter (mode 0700). It goes away with everything in it, also on an
 * interrupted thread. Thread-safe.
 */
public final class ScratchDirectory implements AutoCloseable {
    private final Path path;
    private final Consumer<String> warnings;

    private ScratchDirectory(Path path, Consumer<String> warnings) {
        this.path = path;
        this.warnings = warnings;
    }

    /**
     * A new one, under a name nobody has.
     *
     * @param parent where, e.g. {@link cloud.lvs.backup.spi.ProviderContext#scratchDirectory}; must exist
     * @param prefix how its name begins
     * @param warnings told if it cannot be removed, e.g. {@link cloud.lvs.backup.spi.RunContext#warn}
     * @throws BackupException of kind {@code FAILED} if it cannot be made
     */
    public static ScratchDirectory in(Path parent, String prefix, Consumer<String> warnings) throws BackupException {
        try {
            return new ScratchDirectory(OwnerOnly.createTempDirectory(parent, prefix), warnings);
        } catch (IOException e) {
            throw new BackupException(
                    Kind.FAILED,
                    "directory " + parent,
                    "cannot hold temporary files: " + IoErrorMessages.of(e),
                    "use a directory that exists and can be written",
                    e);
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Where a file of this name in it is, or would be. */
    public Path resolve(String name) {
        return path.resolve(name);
    }

    /** Removes it; that it cannot be removed is a warning. */
    @Override
    public void close() {
        try {
            deleteTree(path);
        } catch (IOException e) {
            warnings.accept("Temporary directory " + path + " could not be removed: " + IoErrorMessages.of(e)
                    + " (remove it by hand)");
        }
    }

    /**
     * Deletes a directory and what is in it, if it exists; nothing that a link points to. Nobody else may be able to write to it:
     * who exchanges a directory for a link meanwhile can have other files deleted.
     */
    public static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                // Gone already, as the temporary files of a program that ends.
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
