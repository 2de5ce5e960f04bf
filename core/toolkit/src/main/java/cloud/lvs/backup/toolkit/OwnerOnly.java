package cloud.lvs.backup.toolkit;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Files and directories that their owner alone may read, whatever the umask: what is backed up may hold what not every user of a
 * machine may see, and who may read it was decided where it came from.
 */
public final class OwnerOnly {
    private static final FileAttribute<?> FILE = attribute("rw-------");
    private static final FileAttribute<?> DIRECTORY = attribute("rwx------");

    private OwnerOnly() {}

    private static FileAttribute<?> attribute(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** Makes a directory and those above it, of mode 0700; one that is there stays as it is. */
    public static void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory, DIRECTORY);
    }

    /** A new directory of mode 0700, under a name that begins so and that nobody has. */
    static Path createTempDirectory(Path parent, String prefix) throws IOException {
        return Files.createTempDirectory(parent, prefix, DIRECTORY);
    }

    /**
     * A new file of mode 0600 to write to. Does not mind an interrupted thread, unlike what {@code Files} opens.
     *
     * @throws java.nio.file.FileAlreadyExistsException if it is there
     */
    public static FileOutputStream createFile(Path file) throws IOException {
        Files.createFile(file, FILE);
        return new FileOutputStream(file.toFile());
    }
}
