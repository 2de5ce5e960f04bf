package cloud.lvs.backup.provider.k3s.files;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Whether a file system has room for what is to be written. */
public final class DiskSpace {
    private DiskSpace() {}

    /** @throws BackupException if there is less than {@code bytes} where {@code directory} lies */
    public static void require(Path directory, long bytes, String purpose) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < bytes) {
            throw new BackupException(
                    Kind.FAILED,
                    "directory " + directory,
                    "has " + free + " bytes free, but " + purpose + " needs " + bytes,
                    "free some space there, or use another directory");
        }
    }

    /** Whether the failure means that a disk, or a quota of it, is full. */
    public static boolean isExhausted(IOException failure) {
        String words = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("no space left on device") || words.contains("disk quota exceeded");
    }

    /** What to say when the room that was there is gone: others write to the same file system. */
    public static BackupException exhausted(Path directory, long bytes, String purpose, Exception cause) {
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
