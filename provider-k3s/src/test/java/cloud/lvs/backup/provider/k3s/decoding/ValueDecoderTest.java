package cloud.lvs.backup.provider.k3s.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.decoding.UndecodableValueException.Reason;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.StoredValue;
import cloud.lvs.backup.provider.k3s.objects.KineObjects;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValueDecoderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    @Test
    void givesEveryObjectAsTheApiServerAnsweredIt() throws Exception {
        Path dataDir = KineObjects.unpack(directory);
        SortedMap<String, JsonNode> decoded = new TreeMap<>();

        try (Connection copy = Sqlite.immutable(KineDatabase.file(dataDir));
                EncryptionConfig keys =
                        EncryptionConfig.heldBy(TokenPairing.of(copy, ServerToken.read(KineDatabase.token(dataDir)))
                                .data())) {
            ValueDecoder decoder = new ValueDecoder(KubernetesSchema.load(), keys);
            new LiveRows(copy).values(LiveRows.ROOT, row -> {
                try {
                    if (!row.key().equals("/registry/health")) {
                        StoredObject stored = decoder.decode(row.key(), row.bytes(), row.id());
                        assertThat(stored.unknown()).isEqualTo(UnknownFields.NONE);
                        ((ObjectNode) stored.metadata()).remove("managedFields");
                        // Read again, so that numbers compare as JSON.
                        decoded.put(row.key(), JSON.readTree(stored.json().toString()));
                    }
                } catch (Exception e) {
                    throw new AssertionError(row.key(), e);
                }
            });
        }

        SortedMap<String, String> different = new TreeMap<>();
        for (JsonNode answer : KineObjects.answers(dataDir)) {
            String key = answer.get("key").asText();
            JsonNode given = decoded.remove(key);
            if (!answer.get("object").equals(given)) {
                different.put(key, given + " instead of " + answer.get("object"));
            }
        }
        assertThat(different).isEmpty();
        assertThat(decoded.keySet()).allMatch(key -> key.matches("/registry/(ranges|peerserverleases)/.*"));
    }

    @Test
    void writesTheEmptyWhereGoDoes() throws Exception {
        byte[] spec = new StoredValue().text(5, "").bytes();

        assertThat(decode(
                                "v1",
                                "PersistentVolumeClaim",
                                StoredValue.named("a", "shop").field(2, spec).bytes())
                        .json())
                .isEqualTo(JSON.readTree(
                        "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'a','namespace':"
                                        .replace('\'', '"')
                                + "'shop','resourceVersion':'7'},'spec':{'resources':{},'storageClassName':''},'status':{}}"
                                        .replace('\'', '"')));
    }

    @Test
    void countsTheFieldsThatTheSchemasDoNotKnow() throws Exception {
        byte[] spec = new StoredValue().text(4000, "later").number(4001, 3).bytes();

        StoredObject stored = decode(
                "v1",
                "Service",
                StoredValue.named("a", "shop").field(2, spec).number(99, 1).bytes());

        assertThat(stored.unknown().inWords("1.36.3"))
                .isEqualTo(
                        "3 fields that Kubernetes 1.36.3 does not know are missing: spec field 4000, spec field 4001,"
                                + " field 99");
    }

    @Test
    void saysOfAnUnknownKindThatItHasNoSchema() {
        assertUndecodable(
                StoredValue.of("lvs.test/v9", "Gadget", new byte[0]), Reason.NO_SCHEMA, "Gadget of lvs.test/v9");
    }

    @Test
    void saysOfWhatIsCutShortThatItIsNotWhole() throws Exception {
        byte[] whole =
                StoredValue.of("v1", "ConfigMap", StoredValue.named("a", "shop").bytes());

        for (int length = 0; length < whole.length - 4; length++) {
            assertUndecodable(Arrays.copyOf(whole, length), Reason.DAMAGED, "");
        }
    }

    @Test
    void doesNotBelieveALengthThatLies() {
        for (long length : new long[] {200, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE, -1}) {
            byte[] metadata = new StoredValue()
                    .varint(1 << 3 | 2)
                    .varint(length)
                    .varint(1)
                    .bytes();
            assertUndecodable(StoredValue.of("v1", "Secret", metadata), Reason.DAMAGED, "longer than what is left");
        }
        byte[] endless = new StoredValue().varint(1 << 3 | 2).bytes();
        endless = Arrays.copyOf(endless, 40);
        Arrays.fill(endless, 1, 40, (byte) 0xff);
        assertUndecodable(StoredValue.of("v1", "Secret", endless), Reason.DAMAGED, "does not end");
    }

    @Test
    void refusesATypeThatIsNotTheFields() {
        assertUndecodable(
                StoredValue.of("v1", "Secret", new StoredValue().number(1, 5).bytes()),
                Reason.DAMAGED,
                "field metadata (1) is not of the type");
    }

    @Test
    void refusesABombOfManyValuesAndOneOfManyLevels() {
        StoredValue many = new StoredValue();
        for (int i = 0; i < 600_000; i++) {
            many.field(2, new byte[0]);
        }
        byte[] pod = StoredValue.named("a", "shop").field(2, many.bytes()).bytes();
        assertUndecodable(StoredValue.of("v1", "Pod", pod), Reason.DAMAGED, "more than 500000 values");

        byte[] deep = ("{\"apiVersion\":\"lvs.test/v1\",\"kind\":\"Widget\",\"spec\":" + "[".repeat(1_000_000))
                .getBytes(StandardCharsets.UTF_8);
        assertUndecodable(deep, Reason.DAMAGED, "nested more than 500 deep");

        byte[] wide = ("{\"spec\":[" + "{},".repeat(700_000) + "{}]}").getBytes(StandardCharsets.UTF_8);
        assertUndecodable(wide, Reason.DAMAGED, "more than 1000000 parts");
    }

    @Test
    void doesNotRepeatASecretThatIsNoJson() {
        assertThatThrownBy(() -> decode("{\"data\": hunter2}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UndecodableValueException.class)
                .message()
                .contains("JSON")
                .doesNotContain("hunter");
    }

    private static void assertUndecodable(byte[] value, Reason reason, String words) {
        assertThatThrownBy(() -> decode(value))
                .isInstanceOfSatisfying(
                        UndecodableValueException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(words);
    }

    private static StoredObject decode(String apiVersion, String kind, byte[] object) throws Exception {
        return decode(StoredValue.of(apiVersion, kind, object));
    }

    private static StoredObject decode(byte[] value) throws Exception {
        return new ValueDecoder(KubernetesSchema.load(), EncryptionConfig.none())
                .decode("/registry/x/shop/a", value, 7);
    }
}
