package cloud.lvs.backup.examples.benchmark.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Directories with all that is in them. */
public final class DirectoryTrees {
    private DirectoryTrees() {}

    public static void remove(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    /** What the backups of a directory sink take, without their journal. */
    public static long payloadBytes(Path sink) throws IOException {
        try (Stream<Path> files = Files.walk(sink)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("/.lvs-backup/"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
