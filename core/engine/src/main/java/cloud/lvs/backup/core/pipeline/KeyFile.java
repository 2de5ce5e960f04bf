package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads files that hold keys, and the PEM blocks (RFC 7468) in them. */
final class KeyFile {
    private static final int MOST_BYTES = 1 << 20;

    private KeyFile() {}

    /** @throws BackupException of kind {@code CREDENTIALS} if the file cannot be read */
    static byte[] read(Path file, String target) throws BackupException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MOST_BYTES + 1);
            if (content.length > MOST_BYTES) {
                throw new BackupException(
                        Kind.CREDENTIALS,
                        target,
                        "is larger than 1 MiB, so not a key file",
                        "name the file with the key");
            }
            return content;
        } catch (BackupException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new BackupException(
                    Kind.CREDENTIALS, target, "does not exist", "mount or create it, or correct the path", e);
        } catch (AccessDeniedException e) {
            throw new BackupException(
                    Kind.CREDENTIALS, target, "may not be read", "let the user of this process read it", e);
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CREDENTIALS, target, "cannot be read: " + e.getMessage(), "make it a readable file", e);
        }
    }

    /**
     * The contents of all PEM blocks with this label.
     *
     * @throws IllegalArgumentException if one is not Base64
     */
    static List<byte[]> pemBlocks(String text, String label) {
        Pattern block = Pattern.compile(
                "-----BEGIN " + Pattern.quote(label) + "-----([^-]*)-----END " + Pattern.quote(label) + "-----");
        List<byte[]> blocks = new ArrayList<>();
        Matcher matcher = block.matcher(text);
        while (matcher.find()) {
            blocks.add(Base64.getDecoder().decode(matcher.group(1).replaceAll("\\s", "")));
        }
        return blocks;
    }
}
