package cloud.lvs.backup.provider.k3s.files;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code stat} says of a file, or of what a link to it leads to. Never opens it: a named pipe would never let go, and
 * closing a file that this process also has open through SQLite would drop SQLite's POSIX locks on it.
 *
 * @param type what kind of file it is
 * @param sizeBytes its size
 * @param modified when its content changed last
 * @param names how many directory entries lead to it (hard links)
 * @param identity tells one file from another that took its name; null where the file system has no such thing
 */
public record FileStat(
        FileType type,
        long sizeBytes,
        FileTime modified,
        int names,
        @Nullable Object identity) {
    /**
     * Looks at a file.
     *
     * @return empty if there is none
     * @throws BackupException if that cannot be said
     */
    public static Optional<FileStat> of(Path file) throws BackupException {
        try {
            Map<String, Object> stat = Files.readAttributes(file, "unix:mode,size,lastModifiedTime,nlink,fileKey");
            return Optional.of(new FileStat(
                    FileType.ofMode((Integer) Objects.requireNonNull(stat.get("mode"))),
                    (Long) Objects.requireNonNull(stat.get("size")),
                    (FileTime) Objects.requireNonNull(stat.get("lastModifiedTime")),
                    (Integer) Objects.requireNonNull(stat.get("nlink")),
                    stat.get("fileKey")));
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
                    Kind.SOURCE,
                    file.toString(),
                    "cannot be looked at: " + IoErrorMessages.of(e),
                    "check the file system",
                    e);
        }
    }

    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    /** Whether it holds bytes that can be read to an end. */
    public boolean isRegular() {
        return type == FileType.REGULAR;
    }
}
