package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What a file system's error means to an operator. The JDK passes on the texts of {@code strerror(3)}. */
final class DirectoryFailures {
    private record Known(String strerror, String problem, String remedy) {}

    private static final List<Known> KNOWN = List.of(
            new Known("no space left on device", "is full", "free space there, prune, or use a larger disk"),
            new Known("disk quota exceeded", "has used up its quota", "free space there, prune, or raise the quota"),
            new Known("read-only file system", "is on a read-only file system", "mount it writable"),
            new Known(
                    "permission denied",
                    "refuses access",
                    "give the user this runs as read, write and search permission there"),
            new Known(
                    "operation not permitted",
                    "refuses access",
                    "give the user this runs as read, write and search permission there"),
            new Known("not a directory", "is not a directory all the way", "remove the file that is in its place"),
            new Known("is a directory", "has a directory where a file should be", "use another key"),
            new Known("file name too long", "cannot hold so long a name", "shorten job names, or the sink's path"),
            new Known("file too large", "cannot hold so large a file", "use a file system without that limit"),
            new Known("stale file handle", "was replaced on its server", "mount it again"),
            new Known("input/output error", "is on a failing disk or share", "check the disk or the mount"),
            new Known("too many open files", "cannot be opened", "raise the limit of open files (ulimit -n)"));

    private DirectoryFailures() {}

    static BackupException explain(Path root, String doing, IOException failure) {
        if (failure instanceof BackupException explained) {
            return explained;
        }
        String words = inWords(failure);
        for (Known known : KNOWN) {
            if (words.toLowerCase(Locale.ROOT).contains(known.strerror())) {
                return new BackupException(
                        Kind.SINK,
                        "directory " + root,
                        known.problem() + ": cannot " + doing + " (" + words + ")",
                        known.remedy(),
                        failure);
            }
        }
        return new BackupException(
                Kind.SINK, "directory " + root, "cannot " + doing + " (" + words + ")", "check the directory", failure);
    }

    /** The error itself and the file it is about. */
    static String inWords(IOException failure) {
        if (failure instanceof BackupException explained) {
            return explained.problem();
        }
        if (!(failure instanceof FileSystemException fileSystem)) {
            return String.valueOf(failure.getMessage());
        }
        String reason = fileSystem.getReason();
        if (reason == null) {
            reason = failure instanceof AccessDeniedException
                    ? "Permission denied"
                    : failure instanceof NotDirectoryException
                            ? "Not a directory"
                            : failure instanceof NoSuchFileException
                                    ? "No such file or directory"
                                    : failure.getClass().getSimpleName();
        }
        return reason + ": " + fileSystem.getFile();
    }

    /** Whether the file system does not know the operation at all. */
    static boolean isUnsupported(IOException failure) {
        String words = inWords(failure).toLowerCase(Locale.ROOT);
        return words.contains("not supported")
                || words.contains("not implemented")
                || words.contains("invalid argument")
                || words.contains("operation not permitted");
    }
}
