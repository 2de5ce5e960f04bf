package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.k3s.kine.Encrypted;
import cloud.lvs.backup.provider.k3s.kine.Encrypted.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Single objects, from a backup to manifests to another API server. The filled cluster is the one whose answers the decoder is
 * tested with; what was applied is backed up again and has to give the same manifests.
 */
@NeedsKubePeers
class KubernetesObjectsTest {
    private static final Path FILLED = Checkout.root()
            .resolve("provider-k3s/src/test/resources/cloud/lvs/backup/provider/k3s/kine-objects.tar.zst");

    @TempDir
    static Path home;

    private static Path programs;

    @BeforeAll
    static void backUpTheFilledCluster() throws Exception {
        programs = KubePeers.programs();
        shell("tar --zstd -xf '" + FILLED + "'");
        configure("filled.yaml", "kine-objects", "filled");
        lvs("filled.yaml", "run").expect(0);
        KubeServer.install(home.resolve("k3s"), Encrypted.configuration(Key.of("aescbc", "aescbckey", 1)));
        configure("lvs.yaml", "k3s", "backups");
    }

    @Test
    void everythingIsAppliedToAnEmptyClusterAndReadBackEqual() throws Exception {
        lvs("filled.yaml", restore("written", "*/*,*/*/*", "secrets=include")).expect(0);
        try (KubeServer server = KubeServer.start(programs, home.resolve("k3s")).awaitReady()) {
            String apply = "apply --server-side --force-conflicts --validate=strict -f written/all.yaml";
            // The first time the kinds of its own CustomResourceDefinitions are not known yet.
            assertThat(kubectl(server, apply).err().lines().filter(line -> line.startsWith("Error")))
                    .isEmpty();
            kubectl(server, apply).expect(0);
        }
        lvs("lvs.yaml", "run").expect(0);

        lvs("lvs.yaml", restore("again", "*/*,*/*/*", "secrets=include")).expect(0);

        // The API server makes objects of its own, and renews its lease; nothing else may differ.
        assertThat(Program.shell(home)
                        .run("diff -r -x all.yaml -x 'Lease.*' written again")
                        .out()
                        .lines()
                        .filter(line -> !line.startsWith("Only in again")))
                .isEmpty();
    }

    private static String[] restore(String directory, String objects, String... settings) {
        List<String> line = new ArrayList<>(
                List.of("restore", "latest", "-j", "k3s", "--to", directory, "--set", "objects=" + objects));
        for (String setting : settings) {
            line.addAll(List.of("--set", setting));
        }
        return line.toArray(String[]::new);
    }

    private static Program.Result kubectl(KubeServer server, String arguments) throws Exception {
        return Program.shell(home)
                .with("KUBECONFIG", server.kubeconfig().toString())
                .run(programs.resolve("kubectl") + " " + arguments);
    }

    private static void shell(String script) throws Exception {
        Program.shell(home).run(script).expect(0);
    }

    private static void configure(String file, String dataDir, String sink) throws IOException {
        Files.writeString(home.resolve(file), """
                version: 1
                sources: {node: {type: k3s, dataDir: %s}}
                sinks: {disk: {type: directory, path: %s}}
                jobs: {k3s: {source: node, sink: disk}}
                """.formatted(dataDir, sink));
    }

    private static Program.Result lvs(String configuration, String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("-c", configuration));
        line.addAll(List.of(arguments));
        return Program.launcher(Checkout.distribution(), home).run(line.toArray(String[]::new));
    }
}
