package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.spi.Doc;
import java.nio.file.Path;

/**
 * What {@code type: flat} takes.
 *
 * @param directory where the objects lie
 */
@Doc("Keeps every object as one file in one directory, named by the SHA-256 of its key.")
public record FlatSinkConfig(
        @Doc("The directory; it must exist.") Path directory) {}
