package cloud.lvs.backup.provider.k3s.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is mounted where, as this process sees it ({@code proc(5)}, {@code mountinfo}).
 *
 * @param points every mount point; empty where there is no {@code /proc}
 */
public record MountTable(Set<Path> points) {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final int MOUNT_POINT = 4;

    /** As they are now. */
    public static MountTable current() {
        try {
            return parse(new String(Files.readAllBytes(MOUNTINFO), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new MountTable(Set.of());
        }
    }

    static MountTable parse(String mountinfo) {
        Set<Path> points = new HashSet<>();
        for (String line : mountinfo.split("\n")) {
            String[] fields = line.split(" ");
            if (fields.length > MOUNT_POINT) {
                points.add(Path.of(unescaped(fields[MOUNT_POINT])));
            }
        }
        return new MountTable(points);
    }

    /** Blanks, tabs, line breaks and backslashes are written in octal. */
    private static String unescaped(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    /** Whether something is mounted at just this path: a file or a directory that cannot be renamed. */
    public boolean isMountPoint(Path path) throws IOException {
        return points.contains(path.toRealPath());
    }

    /** Whether a file can be renamed from one directory to the other. */
    public boolean areTogether(Path directory, Path other) throws IOException {
        return Objects.equals(mountOf(directory.toRealPath()), mountOf(other.toRealPath()))
                && Objects.equals(Files.getAttribute(directory, "unix:dev"), Files.getAttribute(other, "unix:dev"));
    }

    private @Nullable Path mountOf(Path real) {
        for (Path path = real; path != null; path = path.getParent()) {
            if (points.contains(path)) {
                return path;
            }
        }
        return null;
    }
}
