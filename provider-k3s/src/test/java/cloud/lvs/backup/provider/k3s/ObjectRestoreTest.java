package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.StoredValue;
import cloud.lvs.backup.provider.k3s.objects.KineObjects;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single objects out of a backup of a real API server's datastore. */
class ObjectRestoreTest {
    @TempDir
    Path directory;

    @TempDir
    Path scratch;

    private Path dataDir;
    private Path to;
    private final Map<String, Object> options = new HashMap<>();

    @BeforeEach
    void unpack() throws Exception {
        dataDir = KineObjects.unpack(directory);
        to = directory.resolve("restored");
    }

    @Test
    void givesEveryObjectCompleteAsTheApiServerAnsweredIt() throws Exception {
        options.putAll(Map.of("as", "json", "secrets", "include", "owned", "include"));

        RestoreReport report = restore("*/*,*/*/*");

        assertThat(failed(report)).isEmpty();
        Map<String, JsonNode> written = new TreeMap<>();
        for (Path file : files()) {
            JsonNode object = new ObjectMapper().readTree(file.toFile());
            ((ObjectNode) object.get("metadata")).remove("managedFields");
            written.put(object.at("/metadata/uid").asText(), object);
        }
        List<JsonNode> answers = KineObjects.answers(dataDir);
        assertThat(written).hasSize(236);
        for (JsonNode answer : answers) {
            JsonNode object = answer.get("object");
            assertThat(written.get(object.at("/metadata/uid").asText()))
                    .as(answer.get("key").asText())
                    .isEqualTo(object);
        }
    }

    @Test
    void writesADecryptedSecretAndItsNamespaceForTheOwnerAlone() throws Exception {
        RestoreReport report = restore("secrets/shop/*");

        assertThat(failed(report)).isEmpty();
        assertThat(names())
                .containsExactly(
                        "_cluster/Namespace-shop.yaml", "all.yaml", "shop/Secret-db.yaml", "shop/Secret-tls.yaml");
        assertThat(Files.readString(to.resolve("shop/Secret-db.yaml"))).startsWith("apiVersion: v1\nkind: Secret\n");
        try (Stream<Path> all = Files.walk(to)) {
            assertThat(all)
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
        assertThat(report.nextSteps()).last().asString().endsWith("kubectl apply -f " + to.resolve("all.yaml"));
    }

    @Test
    void takesTypesAsKubectlDoes() throws Exception {
        for (String type :
                List.of("deployments", "deployment", "deploy", "Deployment", "deployments.apps", "deploy.v1.apps")) {
            assertThat(items(plan(type + "/shop/*"))).as(type).contains("deployments.apps/shop/web");
        }
        for (String type : List.of("widgets", "widget", "wd", "Widget", "widgets.lvs.test", "w*.lvs.*", "*.lvs.test")) {
            assertThat(items(plan(type + "/shop/*"))).as(type).contains("widgets.lvs.test/shop/w1");
        }
        assertThat(items(plan("no/n?"))).containsExactly("nodes/n1");
        assertThat(items(plan("svc/shop/*,ep/shop/*"))).anyMatch(item -> item.startsWith("services/shop/"));
        assertThat(items(plan("ing/*/*"))).anyMatch(item -> item.startsWith("ingresses.networking.k8s.io/shop/"));
    }

    @Test
    void listsWhatMatchesWithoutWriting() throws Exception {
        RestoreReport report = plan("*/shop/*");

        assertThat(items(report)).hasSizeGreaterThan(20).startsWith("namespaces/shop");
        assertThat(report.steps().get(0)).startsWith("Write ").contains(" objects to " + to + " as YAML");
        assertThat(to).doesNotExist();
    }

    @Test
    void leavesOutSecretsThatNoPatternNames() throws Exception {
        RestoreReport report = restore("*/shop/*");

        assertThat(names()).noneMatch(name -> name.contains("/Secret-"));
        assertThat(skipped(report)).contains("secrets/shop/db: no pattern names its type; secrets=include writes it");

        to = directory.resolve("with-secrets");
        options.put("secrets", "include");
        restore("*/shop/*");
        assertThat(names()).contains("shop/Secret-db.yaml");
    }

    @Test
    void leavesOutEventsThatNoPatternNames() throws Exception {
        assertThat(items(plan("*/shop/*"))).noneMatch(item -> item.startsWith("events/"));
        assertThat(items(plan("ev/shop/*"))).contains("events/shop/ev1");
        assertRefused("e*ts/shop/*1").hasMessageContaining("matches nothing but Secrets or Events");
    }

    @Test
    void leavesOutWhatAControllerMakesAgain() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/replicasets/shop/web-1", owned("apps/v1", "ReplicaSet", "web-1", "Deployment", "web"));
            kine.put("/registry/pods/shop/web-1-x", owned("v1", "Pod", "web-1-x", "ReplicaSet", "web-1"));
        }

        assertThat(skipped(plan("deployments/shop/*,replicasets/shop/web-1,pods/shop/web-1-x")))
                .containsExactlyInAnyOrder(
                        "replicasets.apps/shop/web-1: made again by Deployment web; owned=include writes it",
                        "pods/shop/web-1-x: made again by ReplicaSet web-1; owned=include writes it");
        assertThat(skipped(plan("pods/shop/web-1-x"))).isEmpty();

        options.put("owned", "include");
        assertThat(skipped(plan("*/shop/*"))).noneMatch(line -> line.contains("made again"));
    }

    @Test
    void namesWhatIsNearestWhenNothingMatches() {
        assertRefused("secrets/shop/dbb")
                .hasMessageContaining(
                        "objects=secrets/shop/dbb: matches nothing in this backup; the nearest: secrets/shop/db")
                .hasMessageContaining("of that type there are 2, in shop");
        assertRefused("gadgets/shop/db")
                .hasMessageContaining("there are ")
                .hasMessageContaining("secrets (2)")
                .hasMessageEndingWith(" in shop");
        assertRefused("secrets/db").hasMessageContaining("the nearest: secrets/shop/db");
        assertThat(to).doesNotExist();
    }

    @Test
    void refusesAPatternThatIsNone() {
        for (String pattern : List.of("secrets", "secrets/", "a/b/c/d", "/x", "secrets/shop/db,")) {
            assertRefused(pattern).hasMessageContaining("is not TYPE[.GROUP]/NAMESPACE/NAME");
        }
    }

    @Test
    void refusesADirectoryThatIsNotEmptyAndAnyOtherTarget() throws Exception {
        Files.createDirectory(to);
        Files.writeString(to.resolve("mine"), "");
        assertRefused("secrets/shop/db").hasMessageContaining("is not empty");

        assertThatThrownBy(() -> restore("secrets/shop/db", new RestoreTarget.InPlace(), Mode.EXECUTE, backup()))
                .hasMessageContaining("never into a datastore");
    }

    @Test
    void fillsADirectoryThatIsThere() throws Exception {
        Files.createDirectory(to);

        restore("secrets/shop/db");

        assertThat(names()).contains("shop/Secret-db.yaml");
        try (Stream<Path> entries = Files.list(to)) {
            assertThat(entries).hasSize(3);
        }
    }

    @Test
    void writesTheRestAndSaysWhichObjectIsDamaged() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/configmaps/shop/torn", new byte[] {'k', '8', 's', 0, 0x0a, 0x7f});
            kine.put("/registry/gadgets.lvs.test/gadgets/shop/g", StoredValue.of("lvs.test/v1", "Gadget", new byte[0]));
            kine.put("/registry/configmaps/shop/moved", StoredValue.of("v1", "ConfigMap", named("other")));
            kine.put("/registry/secrets/shop/sealed", "k8s:enc:aescbc:v1:gone:0123456789abcdef0123456789abcdef");
        }

        RestoreReport report = restore("cm/shop/*,*.gadgets.lvs.test/shop/*,secrets/shop/*");

        assertThat(failed(report))
                .hasSize(4)
                .anyMatch(line -> line.startsWith("configmaps/shop/torn is not whole"))
                .anyMatch(line -> line.contains("is a Gadget of lvs.test/v1"))
                .anyMatch(line -> line.startsWith("configmaps/shop/moved calls itself shop/other"))
                .anyMatch(line -> line.startsWith("secrets/shop/sealed is encrypted with the key aescbc gone"));
        assertThat(names()).contains("shop/Secret-db.yaml").noneMatch(name -> name.contains("torn"));
    }

    @Test
    void staysInsideTheDirectoryWhateverTheKeysSay() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            put(kine, "..", "x");
            put(kine, "shop", "../../escaped");
            put(kine, "shop", "a\nb\u0007");
            put(kine, ".", "..");
            put(kine, "_cluster", "x");
        }

        RestoreReport report = restore("cm/*/*");

        assertThat(failed(report)).isEmpty();
        assertThat(names())
                .contains(
                        "%2E%2E/ConfigMap-x.yaml",
                        "shop/ConfigMap-..%2F..%2Fescaped.yaml",
                        "shop/ConfigMap-a%0Ab%07.yaml",
                        "%2E/ConfigMap-...yaml",
                        "%5Fcluster/ConfigMap-x.yaml");
        assertThat(report.items()).allSatisfy(item -> assertThat(item.item()).doesNotContainPattern("\\p{Cntrl}"));
        assertThat(directory.resolve("escaped.yaml")).doesNotExist();
    }

    @Test
    void writesOneOfTwoObjectsThatWouldBeOneFile() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            byte[] ingress = StoredValue.of("networking.k8s.io/v1", "Ingress", named("twice"));
            kine.put("/registry/ingress/shop/twice", ingress);
            kine.put("/registry/ingresses/shop/twice", ingress);
        }

        RestoreReport report = restore("ingresses*/shop/twice");

        assertThat(failed(report))
                .singleElement()
                .asString()
                .contains(
                        "would be the file shop/Ingress.networking.k8s.io-twice.yaml, which /registry/ingress/shop/twice is");
    }

    @Test
    void saysHowManyFieldsItDoesNotKnow() throws Exception {
        byte[] object = new StoredValue()
                .field(1, metadata("new", "shop"))
                .number(77, 1)
                .bytes();
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/configmaps/shop/new", StoredValue.of("v1", "ConfigMap", object));
        }

        RestoreReport report = restore("cm/shop/new");

        assertThat(report.checks())
                .singleElement()
                .satisfies(check -> assertThat(check.detail())
                        .contains("1 field that Kubernetes")
                        .contains("field 77"));
        assertThat(Files.readString(to.resolve("shop/ConfigMap-new.yaml"))).startsWith("# 1 field that Kubernetes ");
    }

    @Test
    void writesNothingWhenItIsStoppedHalfWay() throws Exception {
        BackupReader backup = backup();
        AtomicInteger checkpoints = new AtomicInteger();
        HookedRun run = HookedRun.atCheckpoints(() -> {
            if (checkpoints.incrementAndGet() == 30) {
                throw new IllegalStateException("stopped");
            }
        });

        assertThatThrownBy(() -> restore("*/*/*", new RestoreTarget.Place(to.toString()), Mode.EXECUTE, backup, run))
                .hasMessage("stopped");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("kine-objects", "kine-objects.tar.zst");
        }
        assertThat(to).doesNotExist();
        assertThat(scratch).isEmptyDirectory();
    }

    // What is asked

    private RestoreReport restore(String patterns) throws Exception {
        return restore(patterns, new RestoreTarget.Place(to.toString()), Mode.EXECUTE, backup());
    }

    private RestoreReport plan(String patterns) throws Exception {
        return restore(patterns, new RestoreTarget.Place(to.toString()), Mode.DRY_RUN, backup());
    }

    private RestoreReport restore(String patterns, RestoreTarget target, Mode mode, BackupReader backup)
            throws Exception {
        return restore(patterns, target, mode, backup, new TestRunContext());
    }

    private RestoreReport restore(String patterns, RestoreTarget target, Mode mode, BackupReader backup, RunContext run)
            throws Exception {
        options.put("objects", List.of(patterns));
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return source.restore(
                    backup,
                    new RestoreRequest(
                            target,
                            List.of(),
                            ConfigurationRecord.of(K3sRestoreOptions.class, options),
                            Consent.NOT_GIVEN,
                            mode),
                    run);
        }
    }

    private InMemoryBackup backup() throws Exception {
        return K3sBackups.of(dataDir);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String patterns) {
        return assertThatThrownBy(() -> restore(patterns))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIG));
    }

    // What came of it

    private static List<String> items(RestoreReport report) {
        return report.items().stream().map(ItemResult::item).toList();
    }

    private static List<String> skipped(RestoreReport report) {
        return report.items().stream()
                .filter(item -> item.status() == ItemResult.Status.SKIPPED)
                .map(item -> item.item() + ": " + item.reason())
                .toList();
    }

    private static List<String> failed(RestoreReport report) {
        return report.items().stream()
                .filter(item -> item.status() == ItemResult.Status.FAILED)
                .map(item -> item.item() + " " + item.reason())
                .toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(to)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private List<String> names() throws IOException {
        return files().stream().map(file -> to.relativize(file).toString()).toList();
    }

    // What lies in the datastore

    private static void put(KineDatabase kine, String namespace, String name) throws Exception {
        kine.put(
                "/registry/configmaps/" + namespace + "/" + name,
                StoredValue.of(
                        "v1",
                        "ConfigMap",
                        new StoredValue().field(1, metadata(name, namespace)).bytes()));
    }

    private static byte[] named(String name) {
        return new StoredValue().field(1, metadata(name, "shop")).bytes();
    }

    private static byte[] metadata(String name, String namespace) {
        return new StoredValue().text(1, name).text(3, namespace).bytes();
    }

    private static byte[] owned(String apiVersion, String kind, String name, String ownerKind, String owner) {
        byte[] reference = new StoredValue()
                .text(1, ownerKind)
                .text(3, owner)
                .text(4, "a-uid")
                .text(5, "apps/v1")
                .number(6, 1)
                .bytes();
        byte[] metadata = new StoredValue()
                .text(1, name)
                .text(3, "shop")
                .field(13, reference)
                .bytes();
        return StoredValue.of(
                apiVersion, kind, new StoredValue().field(1, metadata).bytes());
    }
}
