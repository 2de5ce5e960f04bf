package cloud.lvs.backup.provider.k3s.files;

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
}
