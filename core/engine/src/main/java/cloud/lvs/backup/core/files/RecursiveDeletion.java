package cloud.lvs.backup.core.files;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;

/**
 * Deletes directories with what is in them, and nothing that a link points to, even if somebody exchanges a directory for a link
 * meanwhile. What goes away by itself, as the files of a process that ends do, is no failure. Works on an interrupted thread.
 */
public final class RecursiveDeletion {
    private RecursiveDeletion() {}

    public static void delete(Path directory) throws IOException {
        empty(directory, "");
        Files.deleteIfExists(directory);
    }

    /** Deletes what is in a directory, but for the file of a name. */
    static void empty(Path directory, String but) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (!(entries instanceof SecureDirectoryStream<Path> secure)) {
                throw new IOException("directories of this file system cannot be emptied safely: " + directory);
            }
            deleteEntries(secure, but);
        } catch (NoSuchFileException e) {
            // Gone already.
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void deleteEntries(SecureDirectoryStream<Path> directory, String but) throws IOException {
        for (Path entry : directory) {
            Path name = entry.getFileName();
            if (name.toString().equals(but)) {
                continue;
            }
            try {
                if (isDirectory(directory, name)) {
                    try (SecureDirectoryStream<Path> below =
                            directory.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                        deleteEntries(below, "");
                    }
                    directory.deleteDirectory(name);
                } else {
                    directory.deleteFile(name);
                }
            } catch (NoSuchFileException e) {
                // Gone already.
            }
        }
    }

    private static boolean isDirectory(SecureDirectoryStream<Path> parent, Path name) throws IOException {
        return parent.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory();
    }
}
