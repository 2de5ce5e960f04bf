package cloud.lvs.backup.core.read;

import cloud.lvs.backup.core.files.FileErrors;
import cloud.lvs.backup.core.files.RecursiveDeletion;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/**
 * Where a source restores to in a drill. Nobody else may look into it, since what is restored holds secrets, and it goes away
 * with everything in it, also on an interrupted thread.
 */
public final class RehearsalDirectory implements AutoCloseable {
    private final Path path;
    private final Consumer<String> warnings;

    private RehearsalDirectory(Path path, Consumer<String> warnings) {
        this.path = path;
        this.warnings = warnings;
    }

    /**
     * Makes one.
     *
     * @param warnings is told if it cannot be removed
     */
    static RehearsalDirectory make(Path path, Consumer<String> warnings) throws BackupException {
        try {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "scratch directory " + path.getParent(),
                    "cannot be used: " + FileErrors.inWords(e),
                    "name one that exists, can be written and has room for what is restored",
                    e);
        }
        return new RehearsalDirectory(path, warnings);
    }

    @Override
    public void close() {
        try {
            RecursiveDeletion.delete(path);
        } catch (IOException e) {
            warnings.accept("directory " + path + " holds what was restored and could not be removed: "
                    + FileErrors.inWords(e)
                    + " (remove it by hand)");
        }
    }
}
