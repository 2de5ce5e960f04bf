package cloud.lvs.backup.examples.benchmark.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What every part works with.
 *
 * @param distribution what is measured
 * @param work a directory that is removed at the end
 * @param scale how large the data is
 * @param table where the results go
 */
public record BenchmarkContext(Distribution distribution, Path work, DataScale scale, ResultTable table) {
    /** A new directory for a part. */
    public Path newDirectory(String name) throws IOException {
        return Files.createDirectory(work.resolve(name));
    }

    /** Tells whoever waits for the end. */
    public static void say(String format, Object... values) {
        System.err.println("  " + Numbers.format(format, values));
    }
}
