package cloud.lvs.backup.provider.k3s.files;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Making and removing directories. */
public final class Directories {
    private Directories() {}

    /** Makes a directory that only its owner may enter. */
    public static void createPrivate(Path directory) throws IOException {
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Deletes an empty directory; that it failed is added to {@code cause}. */
    public static void deleteQuietly(Path directory, Throwable cause) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** @throws BackupException if nothing can be made or renamed in a directory; one that is missing is made later */
    public static void requireWritable(Path directory) throws IOException {
        Path existing = directory.toAbsolutePath();
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw refusal(existing, "is not a directory", "move it away");
        }
        if (!Files.isWritable(existing)) {
            throw refusal(
                    existing,
                    "cannot be written: it is mounted read-only, or belongs to another user",
                    "mount it writable and run as root");
        }
    }

    private static BackupException refusal(Path path, String problem, String remedy) {
        return new BackupException(Kind.CONFIG, path.toString(), problem, remedy + "; nothing was touched");
    }
}
