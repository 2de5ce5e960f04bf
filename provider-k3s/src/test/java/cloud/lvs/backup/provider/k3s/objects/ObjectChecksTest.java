package cloud.lvs.backup.provider.k3s.objects;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.RealisticKine;
import cloud.lvs.backup.provider.k3s.kine.StoredValue;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
import cloud.lvs.backup.spi.Check;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectChecksTest {
    @TempDir
    Path directory;

    @Test
    void decodesEveryLiveValueOfARealDatastore() throws Exception {
        assertThat(checks(KineObjects.unpack(directory))).containsExactly("PASSED objects: 238 live values decode");
    }

    @Test
    void decodesWhatTheBenchmarksAreMadeOf() throws Exception {
        RealisticKine.fill(directory, 4 << 20, 7);

        assertThat(checks(directory)).singleElement().asString().startsWith("PASSED objects: ");
    }

    @Test
    void namesTheFirstThatIsDamaged() throws Exception {
        try (KineDatabase kine = KineDatabase.create(directory)) {
            kine.put("/registry/configmaps/shop/b", new byte[] {'k', '8', 's', 0, 0x0a, 0x7f});
            kine.put("/registry/configmaps/shop/c", new byte[0]);
            kine.put("/registry/configmaps/shop/gone", new byte[] {1});
            kine.delete("/registry/configmaps/shop/gone");
            kine.put("/registry/lvs.test/widgets/shop/a", "{\"kind\":");
        }

        assertThat(checks(directory))
                .containsExactly(
                        "FAILED objects: 3 live values cannot be decoded; the first, /registry/configmaps/shop/b,"
                                + " is not whole: its protobuf has a field longer than what is left of it");
    }

    @Test
    void isNoPassWhereNothingWasDecoded() throws Exception {
        KineDatabase.create(directory).close();
        try (Connection kine = DriverManager.getConnection("jdbc:sqlite:" + KineDatabase.file(directory));
                Statement statement = kine.createStatement()) {
            statement.execute("DELETE FROM kine WHERE name LIKE '/registry/%'");
        }

        assertThat(checks(directory)).containsExactly("WARNED objects: no live value was decoded");
    }

    @Test
    void warnsOfAKindThatIsNotKnownHereAndTellsOfNewFields() throws Exception {
        byte[] newer = StoredValue.named("a", "shop").number(99, 1).bytes();
        try (KineDatabase kine = KineDatabase.create(directory)) {
            kine.put("/registry/gadgets/shop/a", StoredValue.of("lvs.k8s.io/v1", "Gadget", new byte[0]));
            kine.put("/registry/configmaps/shop/a", StoredValue.of("v1", "ConfigMap", newer));
        }

        assertThat(checks(directory))
                .containsExactly(
                        "WARNED objects: 1 live value cannot be decoded here, and may be whole; the first,"
                                + " /registry/gadgets/shop/a, is a Gadget of lvs.k8s.io/v1, which Kubernetes 1.36.3,"
                                + " whose schemas are used, does not have",
                        "PASSED objects: 4 live values decode; 1 with fields that Kubernetes 1.36.3 does not know");
    }

    private static List<String> checks(Path dataDir) throws Exception {
        Path file = KineDatabase.file(dataDir);
        try (Connection copy = Sqlite.immutable(file)) {
            TokenPairing pairing = TokenPairing.of(copy, ServerToken.read(KineDatabase.token(dataDir)));
            return ObjectChecks.of(file, pairing, new TestRunContext()).stream()
                    .map((Check check) -> check.status() + " " + check.name() + ": " + check.detail())
                    .toList();
        }
    }
}
