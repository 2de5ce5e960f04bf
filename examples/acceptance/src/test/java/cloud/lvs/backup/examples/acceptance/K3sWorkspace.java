package cloud.lvs.backup.examples.acceptance;

import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.RealisticKine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A directory with a k3s data directory, an age identity and a configuration: what an operator has. */
final class K3sWorkspace {
    private final Path directory;
    private final String recipient;

    private K3sWorkspace(Path directory, String recipient) {
        this.directory = directory;
        this.recipient = recipient;
    }

    /** With a datastore of a few hundred rows. */
    static K3sWorkspace small(Path directory) throws Exception {
        K3sWorkspace workspace = empty(directory);
        try (KineDatabase kine = KineDatabase.create(workspace.dataDir())) {
            for (int i = 0; i < 300; i++) {
                kine.put("/registry/configmaps/default/app-" + i, "value " + i + " of an application ".repeat(20));
            }
        }
        return workspace;
    }

    /** With a datastore of about this size. */
    static K3sWorkspace sized(Path directory, long bytes) throws Exception {
        K3sWorkspace workspace = empty(directory);
        RealisticKine.fill(workspace.dataDir(), bytes, 42);
        return workspace;
    }

    private static K3sWorkspace empty(Path directory) throws IOException, InterruptedException {
        Program shell = Program.shell(directory);
        shell.run("age-keygen -o identity.txt").expect(0);
        String recipient =
                shell.run("age-keygen -y identity.txt").expect(0).out().strip();
        return new K3sWorkspace(directory, recipient);
    }

    Path dataDir() {
        return directory.resolve("k3s");
    }

    Path token() {
        return KineDatabase.token(dataDir());
    }

    Path sink() {
        return directory.resolve("backups");
    }

    Path identity() {
        return directory.resolve("identity.txt");
    }

    String encryption() {
        return "encryption: {type: age, recipients: [" + recipient + "], identityFile: ./identity.txt}";
    }

    /** Writes {@code lvs.yaml} with one job {@code k3s}. */
    void configure(String... settings) throws IOException {
        Files.writeString(directory.resolve("lvs.yaml"), """
                version: 1
                sources: {node: {type: k3s, dataDir: k3s}}
                sinks: {disk: {type: directory, path: backups}}
                jobs:
                  k3s:
                    source: node
                    sink: disk
                    %s
                """.formatted(String.join("\n    ", settings)));
    }

    /** The keys of the payload of the one backup that {@code list -o json} shows. */
    static List<String> keys(String json) {
        Matcher keys = Pattern.compile("\"key\"\\s*:\\s*\"([^\"]+)\"").matcher(json);
        return keys.results().map(result -> result.group(1)).toList();
    }
}
