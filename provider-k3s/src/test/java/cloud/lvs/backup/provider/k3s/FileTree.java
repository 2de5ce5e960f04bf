package cloud.lvs.backup.provider.k3s;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What lies below a directory: relative path → permissions, for a link where it leads, and for a file its size and a hash of its content. */
final class FileTree {
    private FileTree() {}

    static SortedMap<String, String> of(Path directory) throws IOException {
        SortedMap<String, String> tree = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.filter(path -> !path.equals(directory)).toList()) {
                String facts =
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
                if (Files.isSymbolicLink(path)) {
                    facts += " -> " + Files.readSymbolicLink(path);
                }
                if (Files.isRegularFile(path)) {
                    byte[] bytes = Files.readAllBytes(path);
                    facts += " " + bytes.length + " " + Arrays.hashCode(bytes);
                }
                tree.put(directory.relativize(path).toString(), facts);
            }
        }
        return tree;
    }
}
