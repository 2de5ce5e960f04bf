package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code stat} says of a file. Never opens it: closing a file that this process also has open through SQLite would
 * drop SQLite's POSIX locks on it.
 *
 * @param identity tells one file from another that took its name; null where the file system has no such thing
 */
record FileFacts(
        long sizeBytes, FileTime modified, @Nullable Object identity, boolean directory) {
    /**
     * Looks at a file.
     *
     * @return empty if there is none
     * @throws BackupException if that cannot be said
     */
    static Optional<FileFacts> of(Path file) throws BackupException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new FileFacts(
                    attributes.size(), attributes.lastModifiedTime(), attributes.fileKey(), attributes.isDirectory()));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (AccessDeniedException e) {
            throw new BackupException(
                    Kind.SOURCE,
                    file.toString(),
                    "may not be looked at by this user",
                    "run as root or with CAP_DAC_READ_SEARCH: k3s keeps server/db for root alone",
                    e);
        } catch (IOException e) {
            // A component of the path that is a file, not a directory, is reported as a plain FileSystemException.
            if (String.valueOf(e.getMessage()).contains("Not a directory")) {
                return Optional.empty();
            }
            throw new BackupException(
                    Kind.SOURCE, file.toString(), "cannot be looked at: " + e, "check the file system", e);
        }
    }

    /** The size of a file, 0 if there is none. */
    static long sizeOf(Path file) throws BackupException {
        return of(file).map(FileFacts::sizeBytes).orElse(0L);
    }
}
