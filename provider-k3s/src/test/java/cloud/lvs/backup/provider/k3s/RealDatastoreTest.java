package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.backup.KineChecks;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.kine.Bootstrap;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.secrets.BootstrapData;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig.Opened;
import cloud.lvs.backup.provider.k3s.secrets.SecretsProof;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A datastore that kine wrote under a kube-apiserver, killed with most of it in the log: Secrets stored plain, by
 * {@code aescbc} and by {@code secretbox}. {@code expected.json} says what the API server answered.
 */
class RealDatastoreTest {
    private static final String PASSWORD = "00112233445566778899aabbccddeeff";

    @TempDir
    Path directory;

    @TempDir
    Path scratch;

    private Path dataDir;
    private JsonNode expected;

    @BeforeEach
    void unpack() throws Exception {
        Path archive = directory.resolve("kine-real.tar.zst");
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("kine-real.tar.zst"))) {
            Files.copy(in, archive);
        }
        shell("tar --zstd -xf kine-real.tar.zst");
        dataDir = directory.resolve("kine-real");
        expected = new ObjectMapper().readTree(dataDir.resolve("expected.json").toFile());
    }

    @Test
    void isBackedUpAtTheRevisionAndWithTheObjectsThatTheServerHad() throws Exception {
        Map<String, String> facts =
                K3sBackups.of(dataDir).manifest().items().get(0).facts();

        assertThat(facts)
                .containsEntry("maxId", expected.get("revision").asText())
                .containsEntry("encryptedValues", "24")
                .containsEntry("encryptedValuesUnreadable", "0")
                .containsEntry("encryptionKeys", "aescbc aescbckey, secretbox secretboxkey-2026-11-30T18:00:00Z");
        SortedMap<String, String> live = new TreeMap<>();
        facts.forEach((name, count) -> {
            if (name.startsWith("objects.")) {
                // Services lie one level deeper than everything else.
                live.put(name.substring("objects.".length()).replace("services/specs", "services"), count);
            }
        });
        SortedMap<String, String> answered = new TreeMap<>();
        for (Iterator<String> resource = expected.get("liveObjects").fieldNames(); resource.hasNext(); ) {
            String name = resource.next();
            answered.put(name, expected.get("liveObjects").get(name).asText());
        }
        assertThat(live).isEqualTo(answered);
    }

    @Test
    void givesEachSecretAsTheServerGaveIt() throws Exception {
        Path copy = restored();
        try (Connection connection = Sqlite.immutable(copy);
                EncryptionConfig keys = keys(copy)) {
            assertThat(expected.get("secrets")).hasSize(32).allSatisfy(secret -> {
                String key = secret.get("key").asText();
                byte[] value = value(connection, key);
                Opened opened = keys.open(key, value);
                boolean plain = secret.get("keyName").isNull();
                assertThat(opened.key())
                        .isEqualTo(secret.get("provider").asText()
                                + (plain ? "" : " " + secret.get("keyName").asText()));
                Map<String, byte[]> data = Protobuf.dataOf(plain ? value : Objects.requireNonNull(opened.plain()));
                assertThat(sha256(Objects.requireNonNull(data.get("password"))))
                        .isEqualTo(secret.get("passwordSha256").asText());
                assertThat(sha256(Objects.requireNonNull(data.get("note"))))
                        .isEqualTo(secret.get("noteSha256").asText());
            });
        }
    }

    @Test
    void verifiesAndSaysWhichKeysReadWhat() throws Exception {
        assertThat(encryption(K3sBackups.of(dataDir)))
                .containsExactly(
                        "PASSED encryption aescbc aescbckey: reads 12 values of secrets",
                        "PASSED encryption secretbox secretboxkey-2026-11-30T18:00:00Z: reads 12 values of secrets",
                        "PASSED encryption: every encrypted value can be read");
    }

    @Test
    void failsWithTheConfigurationOfBeforeTheRotation() throws Exception {
        holdInTheRow(Files.readAllBytes(dataDir.resolve("server/cred/encryption-1.json")));

        assertThat(encryption(K3sBackups.of(dataDir)))
                .containsExactly(
                        "PASSED encryption aescbc aescbckey: reads 12 values of secrets",
                        "FAILED encryption secretbox secretboxkey-2026-11-30T18:00:00Z: the bootstrap data has no such key,"
                                + " by which 12 values of secrets would be read");
    }

    @Test
    void failsASecretboxThatWasTouchedOrCutShort() throws Exception {
        try (Connection connection = Sqlite.readWrite(KineDatabase.file(dataDir))) {
            byte[] flipped = value(connection, "/registry/secrets/team-0/step3-0");
            flipped[flipped.length - 1] ^= 1;
            replace(connection, "/registry/secrets/team-0/step3-0", flipped);
            byte[] whole = value(connection, "/registry/secrets/team-1/step3-1");
            replace(connection, "/registry/secrets/team-1/step3-1", Arrays.copyOf(whole, 80));
        }

        assertThat(encryption(K3sBackups.of(dataDir)))
                .contains("PASSED encryption secretbox secretboxkey-2026-11-30T18:00:00Z: reads 10 values of secrets")
                .anyMatch(line ->
                        line.startsWith("FAILED") && line.endsWith("the first is /registry/secrets/team-0/step3-0"))
                .anyMatch(line -> line.contains("cut short") && line.endsWith("/registry/secrets/team-1/step3-1"));
    }

    @Test
    void leavesNoPlainTextInMemory() throws Exception {
        // The marker is made and encrypted elsewhere: until the heap has been written down, this process has not seen
        // it.
        shell("(printf 'k8s\\0'; head -c 3000 /dev/urandom | base64 -w0 | tee marker; printf end) > plain");
        String key =
                HexFormat.of().formatHex(Base64.getDecoder().decode("ul9oYUdsxZ9+scn+iiaaFnpvJwgOuZZdrHEAbmmPV2s="));
        shell("openssl enc -aes-256-cbc -K " + key + " -iv 00000000000000000000000000000000 -in plain -out sealed");
        byte[] sealed = Files.readAllBytes(directory.resolve("sealed"));
        byte[] head = "k8s:enc:aescbc:v1:aescbckey:".getBytes(StandardCharsets.US_ASCII);
        try (Connection connection = Sqlite.readWrite(KineDatabase.file(dataDir))) {
            byte[] value = ByteBuffer.allocate(head.length + 16 + sealed.length)
                    .put(head)
                    .put(new byte[16])
                    .put(sealed)
                    .array();
            replace(connection, "/registry/secrets/team-0/step2-0", value);
        }
        Path copy = restored();
        TokenPairing pairing = pairing(copy);

        Path heap = proveAndDumpTheHeap(copy, pairing);

        byte[] marker = Files.readAllBytes(directory.resolve("marker"));
        for (int from : new int[] {0, marker.length / 2, marker.length - 64}) {
            assertThat(holds(heap, Arrays.copyOfRange(marker, from, from + 32)))
                    .as("plain text from byte " + from + " on is in the heap")
                    .isFalse();
        }
    }

    /** With what is garbage since: unless the collector came in between, which shows in what was left before. */
    private Path proveAndDumpTheHeap(Path copy, TokenPairing pairing) throws Exception {
        for (int attempt = 0; attempt < 10; attempt++) {
            new Random(attempt).nextBytes(new byte[4000]);
            SecretsProof proof = SecretsProof.of(copy, pairing);
            Path heap = directory.resolve(attempt + ".hprof");
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(heap.toString(), false);
            assertThat(proof.facts()).containsEntry("encryptedValuesUnreadable", "0");
            byte[] left = new byte[4000];
            new Random(attempt).nextBytes(left);
            if (holds(heap, Arrays.copyOf(left, 32))) {
                return heap;
            }
            Files.delete(heap);
        }
        throw new AssertionError("the garbage collector came in between ten times");
    }

    private List<String> encryption(BackupReader backup) throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return source.verify(backup, Level.CONTENT, new TestRunContext()).checks().stream()
                    .filter(check -> check.name().startsWith("encryption"))
                    .map(check -> check.status() + " " + check.name() + ": " + check.detail())
                    .toList();
        }
    }

    /** The datastore as a backup of it would give it. */
    private Path restored() throws Exception {
        InMemoryBackup backup = K3sBackups.of(dataDir);
        try (InputStream in = backup.open(K3sBackups.artifact(backup, "k3s-sqlite"))) {
            Path copy = directory.resolve("restored.db");
            Files.copy(in, copy);
            return copy;
        }
    }

    private TokenPairing pairing(Path copy) throws Exception {
        return Objects.requireNonNull(
                KineChecks.of(copy, K3sConfig.CheckDepth.QUICK, ServerToken.read(KineDatabase.token(dataDir)))
                        .pairing());
    }

    private EncryptionConfig keys(Path copy) throws Exception {
        BootstrapData data = Objects.requireNonNull(pairing(copy).data());
        return EncryptionConfig.parse(Objects.requireNonNull(data.files().get(DataDir.ENCRYPTION_CONFIG)));
    }

    private void holdInTheRow(byte[] configuration) throws Exception {
        Map<String, byte[]> files = Bootstrap.files("cluster");
        files.put("EncryptionConfig", configuration);
        try (Connection connection = Sqlite.readWrite(KineDatabase.file(dataDir))) {
            replace(connection, Bootstrap.key(PASSWORD), Bootstrap.seal(PASSWORD, files));
        }
    }

    private static byte[] value(Connection connection, String key) throws Exception {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT value FROM kine WHERE name = ? ORDER BY id DESC LIMIT 1")) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                assertThat(row.next()).as(key).isTrue();
                return row.getBytes(1);
            }
        }
    }

    private static void replace(Connection connection, String key, byte[] value) throws Exception {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE kine SET value = ? WHERE id = (SELECT max(id) FROM kine WHERE name = ?)")) {
            statement.setBytes(1, value);
            statement.setString(2, key);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private void shell(String script) throws Exception {
        Process shell = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertThat(shell.waitFor()).as(script).isZero();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static boolean holds(Path file, byte[] wanted) throws Exception {
        byte[] window = new byte[1 << 20];
        int kept = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (int n = in.read(window, kept, window.length - kept);
                    n > 0;
                    n = in.read(window, kept, window.length - kept)) {
                int filled = kept + n;
                for (int i = 0; i + wanted.length <= filled; i++) {
                    if (window[i] == wanted[0]
                            && Arrays.equals(window, i, i + wanted.length, wanted, 0, wanted.length)) {
                        return true;
                    }
                }
                kept = Math.min(filled, wanted.length - 1);
                System.arraycopy(window, filled - kept, window, 0, kept);
            }
        }
        return false;
    }

    /** As much of protobuf as a stored Secret needs: {@code Unknown.raw} is field 2, {@code Secret.data} is field 2. */
    private static final class Protobuf {
        private final ByteBuffer bytes;

        private Protobuf(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
        }

        static Map<String, byte[]> dataOf(byte[] stored) {
            assertThat(stored).startsWith('k', '8', 's', 0);
            byte[] secret = new Protobuf(Arrays.copyOfRange(stored, 4, stored.length))
                    .fields(2)
                    .get(0);
            Map<String, byte[]> data = new TreeMap<>();
            for (byte[] entry : new Protobuf(secret).fields(2)) {
                data.put(
                        new String(new Protobuf(entry).fields(1).get(0), StandardCharsets.UTF_8),
                        new Protobuf(entry).fields(2).get(0));
            }
            return data;
        }

        /** The contents of the fields with this number; all are of a length that is told. */
        private List<byte[]> fields(int number) {
            List<byte[]> found = new ArrayList<>();
            while (bytes.hasRemaining()) {
                int tag = varint();
                assertThat(tag & 7).as("wire type").isEqualTo(2);
                byte[] content = new byte[varint()];
                bytes.get(content);
                if (tag >> 3 == number) {
                    found.add(content);
                }
            }
            return found;
        }

        private int varint() {
            int value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = bytes.get();
                value |= (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }
    }
}
