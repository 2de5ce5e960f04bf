package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Captures files that nothing takes a snapshot of. */
public final class FileCapture {
    /** The fact that tells how long a file was. */
    public static final String BYTES = "bytes";

    private FileCapture() {}

    /**
     * Copies a file that must not change meanwhile.
     *
     * @param item for progress
     * @return the fact {@link #BYTES}, as a body gives it back
     * @throws BackupException of kind {@code SOURCE} if the file cannot be read, is no regular file, or changed while it was read
     */
    public static Map<String, String> copy(Path file, OutputStream out, String item, RunContext run)
            throws IOException, InterruptedException {
        // Not Files.newInputStream: its channel closes when the thread is interrupted.
        try (InputStream in = new FileInputStream(file.toFile())) {
            BasicFileAttributes before = attributes(file);
            long copied = StreamCopy.copyExpected(in, out, item, before.size(), run);
            if (copied != before.size() || !attributes(file).lastModifiedTime().equals(before.lastModifiedTime())) {
                throw refused(file, "it changed while it was read", "let it be, and run again", null);
            }
            return Map.of(BYTES, Long.toString(copied));
        } catch (BackupException e) {
            throw e;
        } catch (IOException e) {
            throw refused(file, e.getMessage(), "see that it is a regular file that this user can read", e);
        }
    }

    private static BackupException refused(
            Path file, @Nullable String reason, String remedy, @Nullable IOException cause) {
        return new BackupException(Kind.SOURCE, "file " + file, "cannot be backed up: " + reason, remedy, cause);
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        return attributes;
    }
}
