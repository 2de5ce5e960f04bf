package cloud.lvs.backup.provider.k3s.objects;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The datastore of a real API server with 236 live objects of 45 kinds, and what that server answered for each of them: {@code
 * kine-objects.tar.zst}.
 */
public final class KineObjects {
    private KineObjects() {}

    /**
     * Unpacks it.
     *
     * @return a data directory whose log is in the database
     */
    public static Path unpack(Path directory) throws Exception {
        Path archive = directory.resolve("kine-objects.tar.zst");
        try (InputStream in = Objects.requireNonNull(
                KineObjects.class.getResourceAsStream("/cloud/lvs/backup/provider/k3s/kine-objects.tar.zst"))) {
            Files.copy(in, archive);
        }
        Process tar = new ProcessBuilder("tar", "--zstd", "-xf", archive.toString())
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        Path dataDir = directory.resolve("kine-objects");
        try (Connection connection = Sqlite.readWrite(KineDatabase.file(dataDir))) {
            Sqlite.execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        return dataDir;
    }

    /** What the API server answered: {@code key}, {@code apiVersion}, {@code kind} and {@code object}. */
    public static List<JsonNode> answers(Path dataDir) throws Exception {
        List<JsonNode> answers = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (String line : Files.readAllLines(dataDir.resolve("objects.jsonl"))) {
            answers.add(mapper.readTree(line));
        }
        return answers;
    }
}
