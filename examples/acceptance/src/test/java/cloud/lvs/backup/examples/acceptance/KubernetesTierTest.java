package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.k3s.kine.Encrypted;
import cloud.lvs.backup.provider.k3s.kine.Encrypted.Key;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The k3s tier with the writers of a real cluster: kine and kube-apiserver. They are backed up while five clients write,
 * killed, restored in place over what they left, undone, and rebuilt after a total loss. What is to be there again is what the
 * API server itself listed at the backup's revision.
 */
@NeedsKubePeers
class KubernetesTierTest {
    private static final Key OLD = Key.of("aescbc", "aescbckey", 1);
    private static final Key NEW = Key.of("aesgcm", "aesgcmkey-2026-11-30T18:00:00Z", 2);

    @TempDir
    static Path home;

    private static Path programs;
    private static String backup;
    private static SortedMap<String, JsonNode> atBackup;
    private static Map<String, String> acknowledged;
    private static String accountToken;

    /** A copy of the data directory as SIGKILL left it, and a configuration beside it; one of each for every test. */
    private Path workspace;

    @BeforeAll
    static void backUpInAStormAndKill() throws Exception {
        programs = KubePeers.programs();
        KubeServer.install(home.resolve("k3s"), Encrypted.configuration(OLD));
        configure(home, "backups", "");
        try (KubeServer server = KubeServer.start(programs, home.resolve("k3s")).awaitReady();
                KubeStorm storm = KubeStorm.over(server.client())) {
            accountToken = server.client()
                    .post("/api/v1/namespaces/storm/serviceaccounts/app/token", "{\"spec\":{}}")
                    .expectOk()
                    .json()
                    .at("/status/token")
                    .asText();
            for (int i = 0; i < 3; i++) {
                storm.awaitWrites(150);
                lvs(home, "run").expect(0);
            }
            JsonNode newest = json(lvs(home, "show", "latest", "-o", "json").expect(0));
            backup = newest.get("id").asText();
            atBackup =
                    server.client().everythingAt(newest.at("/source/revision").asText());
            assertThat(lvs(home, "restore", backup, "--in-place", "--yes")
                            .expect(2)
                            .err())
                    .contains("is open in a running process");
            storm.awaitWrites(300);
            storm.kill(server);
            acknowledged = storm.kept();
        }
        assertThat(atBackup).hasSizeGreaterThan(300);
    }

    @BeforeEach
    void copyWhatWasLeft(TestInfo test) throws Exception {
        workspace = Files.createDirectory(
                home.resolve(test.getTestMethod().orElseThrow().getName()));
        shell("cp -a ../k3s k3s");
        configure(workspace, "../backups", "");
    }

    @Test
    void isRestoredInPlaceOverTheLeftoversAndUndone() throws Exception {
        String before = fingerprint();

        lvs(workspace, "restore", backup, "--in-place", "--yes").expect(0);

        assertThat(fingerprint()).isNotEqualTo(before);
        try (KubeServer server = start()) {
            assertEverythingOfTheBackup(server);
        }

        lvs(workspace, "restore", "--undo", "-j", "k3s", "--yes").expect(0);

        assertThat(fingerprint()).isEqualTo(before);
        try (KubeServer server = start()) {
            for (Map.Entry<String, String> object : acknowledged.entrySet()) {
                JsonNode found = server.client().get(object.getKey()).expectOk().json();
                assertThat(found.at("/metadata/uid").asText()).isEqualTo(object.getValue());
            }
        }
    }

    @Test
    void comesBackFromTheBackupAloneAfterATotalLoss() throws Exception {
        shell("rm -r k3s && mkdir k3s");

        lvs(workspace, "restore", backup, "--in-place", "--yes").expect(0);

        assertThat(workspace.resolve("k3s/server/tls")).doesNotExist();
        assertThat(workspace.resolve("k3s/server/cred")).doesNotExist();
        try (KubeServer server = start()) {
            assertEverythingOfTheBackup(server);
            // Forbidden, but known: what the service account was given before the loss is still signed by the right
            // key.
            assertThat(server.client().as(accountToken).get("/api/v1/secrets"))
                    .satisfies(answer -> assertThat(answer.status()).isEqualTo(403))
                    .satisfies(answer -> assertThat(answer.text()).contains("system:serviceaccount:storm:app"));
        }
        assertThat(shell("cmp k3s/server/cred/encryption-config.json ../k3s/server/cred/encryption-config.json"))
                .isEmpty();
    }

    @Test
    void tellsAKeyThatIsNotInTheBackupBeforeTheServerIsStarted() throws Exception {
        configure(workspace, "backups", "");
        Files.write(workspace.resolve("k3s/server/cred/encryption-config.json"), Encrypted.configuration(NEW, OLD));
        try (KubeServer server = start()) {
            server.client()
                    .post("/api/v1/namespaces/storm/secrets", "{\"metadata\":{\"name\":\"rotated\"}}")
                    .expectOk();
            assertThat(lvs(workspace, "run").expect(0).err())
                    .contains("encryption aesgcm aesgcmkey-2026-11-30T18:00:00Z: the bootstrap data has no such key");
        }
        String before = fingerprint();

        for (String[] command : new String[][] {
            {"verify", "latest", "--level", "content"}, {"drill"}, {"restore", "latest", "--in-place", "--yes"}
        }) {
            Program.Result told = lvs(workspace, command).expect(5);
            assertThat(told.out() + told.err()).contains("aesgcmkey-2026-11-30T18:00:00Z");
        }
        assertThat(fingerprint()).isEqualTo(before);

        // What was told is true.
        lvs(workspace, "restore", "latest", "--in-place", "--yes", "--set", "unreadable=accept")
                .expect(0);
        try (KubeServer server = KubeServer.start(programs, workspace.resolve("k3s"))) {
            KubeClient.Answer secrets = server.awaitAnswer("/api/v1/secrets");
            assertThat(secrets.isOk()).isFalse();
            assertThat(secrets.text()).contains("unable to transform key");
            assertThat(server.readyz()).isNotEqualTo("200 ok");
        }
    }

    @Test
    void readsWhatTheServerEncryptedOnceTheRotationIsStored() throws Exception {
        configure(workspace, "backups", "");
        Files.write(workspace.resolve("k3s/server/cred/encryption-config.json"), Encrypted.configuration(NEW, OLD));
        KubeServer.storeFiles(workspace.resolve("k3s"));
        try (KubeServer server = start()) {
            server.client()
                    .post("/api/v1/namespaces/storm/secrets", "{\"metadata\":{\"name\":\"rotated\"}}")
                    .expectOk();
            assertThat(lvs(workspace, "run").expect(0).err()).doesNotContain("bootstrap data");
        }

        assertThat(lvs(workspace, "verify", "latest", "--level", "content")
                        .expect(0)
                        .out())
                .contains("encryption aesgcm aesgcmkey-2026-11-30T18:00:00Z", "reads 1 value of secrets")
                .contains("every encrypted value can be read");
    }

    @Test
    void tellsAWrongTokenBeforeTheServerIsStarted() throws Exception {
        Path token = workspace.resolve("k3s/server/token");
        Files.writeString(token, "K10" + "0".repeat(64) + "::server:of-another-cluster\n");
        String before = fingerprint();

        assertThat(lvs(workspace, "run").expect(1).err()).contains("is encrypted with another token");
        // A backup that was made without its token has to fit the one that is there.
        configure(workspace, "backups", ", tokenFile: ./none, expectToken: false");
        lvs(workspace, "run").expect(0);
        assertThat(lvs(workspace, "restore", "latest", "--in-place", "--yes")
                        .expect(5)
                        .err())
                .contains("k3s/server/token does not fit it");
        assertThat(fingerprint()).isEqualTo(before);
    }

    private KubeServer start() throws Exception {
        return KubeServer.start(programs, workspace.resolve("k3s")).awaitReady();
    }

    private static void assertEverythingOfTheBackup(KubeServer server) throws Exception {
        SortedMap<String, JsonNode> now = server.client().everything();
        // The lease by which the API server says that it lives.
        now.keySet().removeIf(key -> key.contains("/leases kube-system/"));
        SortedMap<String, JsonNode> then = new TreeMap<>(atBackup);
        then.keySet().removeIf(key -> key.contains("/leases kube-system/"));
        assertThat(now.keySet()).isEqualTo(then.keySet());
        then.forEach((key, object) -> assertThat(now.get(key)).as(key).isEqualTo(object));
    }

    /** Of every file that k3s would find: its path, mode and content. */
    private String fingerprint() throws Exception {
        return shell(
                "find k3s -name 'db-*-restore-*' -prune -o -type f -printf '%m %p ' -exec sha256sum {} \\; | sort");
    }

    private String shell(String script) throws Exception {
        return Program.shell(workspace).run(script).expect(0).out();
    }

    private static void configure(Path workspace, String sink, String source) throws IOException {
        Files.writeString(workspace.resolve("lvs.yaml"), """
                version: 1
                sources: {node: {type: k3s, dataDir: k3s%s}}
                sinks: {disk: {type: directory, path: %s}}
                jobs: {k3s: {source: node, sink: disk}}
                """.formatted(source, sink));
    }

    private static Program.Result lvs(Path workspace, String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("-c", "lvs.yaml"));
        line.addAll(List.of(arguments));
        return Program.launcher(Checkout.distribution(), workspace).run(line.toArray(String[]::new));
    }

    private static JsonNode json(Program.Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }
}
