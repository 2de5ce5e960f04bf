package cloud.lvs.backup.provider.longhorn.stores;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Stores that the block-store library of Longhorn 1.5.5 and 1.6.4 wrote, unpacked below a directory, and what that library told
 * of each backup when it wrote it.
 */
public final class RealStores {
    private final Path directory;

    /**
     * A backup as the library that wrote it tells it.
     *
     * @param version of the library
     * @param sha256 what an image of the backup must have; empty while in progress
     */
    public record Told(
            String version,
            String volume,
            String name,
            String state,
            String compression,
            long sizeBytes,
            int blockSizeBytes,
            int blocks,
            String sha256) {}

    private RealStores(Path directory) {
        this.directory = directory;
    }

    /** Unpacks the stores. */
    public static RealStores in(Path directory) throws IOException, InterruptedException {
        try (InputStream archive =
                RealStores.class.getResourceAsStream("/cloud/lvs/backup/provider/longhorn/stores.tar.zst")) {
            Path file = Files.createTempFile(directory, "stores", ".tar.zst");
            Files.write(file, Objects.requireNonNull(archive).readAllBytes());
            Process tar = new ProcessBuilder("tar", "-C", directory.toString(), "--zstd", "-xf", file.toString())
                    .inheritIO()
                    .start();
            if (tar.waitFor() != 0) {
                throw new IOException("tar ended with " + tar.exitValue());
            }
            Files.delete(file);
        }
        return new RealStores(directory);
    }

    /** The root of the target that a version wrote. */
    public Path root(String version) {
        return directory.resolve(version).resolve("store");
    }

    /** Every backup of both versions. */
    public List<Told> told() throws IOException {
        List<Told> told = new ArrayList<>();
        for (String version : List.of("1.5.5", "1.6.4")) {
            try (JsonParser parser = new JsonFactory()
                    .createParser(
                            directory.resolve(version).resolve("backups.jsonl").toFile())) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    Map<String, String> line = new HashMap<>();
                    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                        parser.nextToken();
                        line.put(name, parser.getText());
                    }
                    told.add(new Told(
                            version,
                            text(line, "Volume"),
                            text(line, "Backup"),
                            text(line, "State"),
                            text(line, "Compression"),
                            Long.parseLong(text(line, "Size")),
                            Integer.parseInt(text(line, "BlockSize")),
                            Integer.parseInt(text(line, "Blocks")),
                            text(line, "SHA256")));
                }
            }
        }
        return told;
    }

    private static String text(Map<String, String> line, String name) {
        return Objects.requireNonNull(line.get(name), name);
    }

    /** The files of those blocks that a backup of the volume maps, ascending; a failed backup left others. */
    public static List<Path> blocks(Path root, String volume) throws IOException {
        StringBuilder configurations = new StringBuilder();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".cfg")).toList()) {
                configurations.append(Files.readString(file));
            }
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(path -> path.toString().contains("/" + volume + "/blocks/"))
                    .filter(path -> path.toString().endsWith(".blk"))
                    .filter(path ->
                            configurations.indexOf(path.getFileName().toString().replace(".blk", "")) >= 0)
                    .sorted()
                    .toList();
        }
    }
}
