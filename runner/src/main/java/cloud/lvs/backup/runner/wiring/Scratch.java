package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where temporary files go.
 *
 * @param directory exists
 */
public record Scratch(Path directory) {
    /**
     * The configured directory, or that of the system.
     *
     * @throws BackupException of kind {@code CONFIG} if it does not exist
     */
    public static Scratch of(@Nullable Path configured, Map<String, String> environment) throws BackupException {
        String temporary = environment.getOrDefault("TMPDIR", "");
        Path directory = configured != null ? configured : Path.of(temporary.isEmpty() ? "/tmp" : temporary);
        if (!Files.isDirectory(directory)) {
            throw new BackupException(
                    Kind.CONFIG,
                    "scratch directory " + directory,
                    "is not an existing directory",
                    configured == null
                            ? "set TMPDIR, or 'scratch' in the configuration"
                            : "make it, or change 'scratch'");
        }
        return new Scratch(directory.toAbsolutePath());
    }
}
