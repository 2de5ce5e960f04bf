package cloud.lvs.backup.provider.k3s.files;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A private directory (0700) that goes away with everything in it, also on an interrupted thread. */
public final class ScratchDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScratchDirectory.class);

    private final Path path;

    private ScratchDirectory(Path path) {
        this.path = path;
    }

    /** A new one below {@code parent}, under a name nobody has. */
    public static ScratchDirectory in(Path parent, String prefix) throws BackupException {
        try {
            return new ScratchDirectory(Files.createTempDirectory(
                    parent,
                    prefix,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        } catch (IOException e) {
            throw new BackupException(
                    Kind.FAILED,
                    "directory " + parent,
                    "cannot hold temporary files: " + IoErrorMessages.of(e),
                    "use a directory that exists and can be written",
                    e);
        }
    }

    public Path path() {
        return path;
    }

    public Path resolve(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        try {
            deleteTree(path);
        } catch (IOException e) {
            LOG.warn("Temporary directory {} could not be removed: {}", path, IoErrorMessages.of(e));
        }
    }

    /** Deletes a directory and what is in it; nothing that a link points to. */
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
                // Gone already: SQLite removes its own temporary files.
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** @throws BackupException if there is less room than {@code bytes} where {@code directory} lies */
    public static void requireRoom(Path directory, long bytes, String purpose) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < bytes) {
            throw new BackupException(
                    Kind.FAILED,
                    "directory " + directory,
                    "has " + free + " bytes free, but " + purpose + " needs " + bytes,
                    "free some space there, or use another directory");
        }
    }

    /** What to say when the room that was there is gone: others write to the same file system. */
    public static BackupException full(Path directory, String purpose, long bytes, Exception cause) {
        String free;
        try {
            free = Files.getFileStore(directory).getUsableSpace() + " bytes are free";
        } catch (IOException e) {
            free = "how much is free cannot be told";
        }
        return new BackupException(
                Kind.FAILED,
                "directory " + directory,
                "became full: " + free + ", but " + purpose + " needs " + bytes + " in all",
                "free some space there, or use another directory",
                cause);
    }
}
