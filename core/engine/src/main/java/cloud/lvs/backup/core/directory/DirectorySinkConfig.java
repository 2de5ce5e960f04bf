package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.Doc;
import java.nio.file.Path;

/**
 * What a directory sink needs to know.
 *
 * @param path the directory; a relative one counts from the working directory
 */
@Doc("Keeps backups as plain files in a directory.")
public record DirectorySinkConfig(
        @Doc("The directory to keep backups in. Made on the first write; the directory above it must exist.")
        Path path) {
    public DirectorySinkConfig {
        if (path.toString().isBlank()) {
            throw new IllegalArgumentException("path is empty");
        }
    }
}
