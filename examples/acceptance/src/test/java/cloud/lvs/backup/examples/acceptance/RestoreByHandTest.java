package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents say about restoring without this tool, done without Java on the PATH. */
class RestoreByHandTest {
    static final String README_ZSTD = "check: by hand, zstd and age";
    static final String README_GZIP = "check: by hand, gzip";
    static final String RUNBOOK = "check: by hand, runbook";

    private static final List<String> TOOLS = List.of(
            "bash", "sh", "ls", "cat", "grep", "sed", "tail", "sha256sum", "age", "zstd", "gunzip", "gzip", "sqlite3");

    @TempDir
    Path directory;

    private K3sWorkspace workspace;
    private Path target;

    @BeforeEach
    void makeADatastore() throws Exception {
        workspace = K3sWorkspace.small(directory);
        target = Files.createDirectory(directory.resolve("by-hand"));
    }

    @Test
    void readmeAndRunbookRestoreZstdAndAge() throws Exception {
        workspace.configure("compression: {type: zstd}", workspace.encryption());
        List<String> keys = backUp();
        assertThat(keys).allMatch(key -> key.endsWith(".zst.age"));

        Program.Result result = byHand(Block.marked("README.md", README_ZSTD).text());
        assertThatTheTokenIsForItsOwnerOnly();

        assertThat(result.out()).contains(": OK\n").contains("\nok\n");
        assertRestoredAsTheToolDoes();
        assertTheRunbookRestoresTheSame();
    }

    @Test
    void readmeAndRunbookRestoreGzip() throws Exception {
        workspace.configure("compression: {type: gzip}");
        List<String> keys = backUp();
        assertThat(keys).allMatch(key -> key.endsWith(".gz"));

        byHand("database='" + keys.get(0) + "'\n"
                + Block.marked("README.md", README_GZIP).text());

        Files.copy(workspace.token(), target.resolve("token"));
        assertRestoredAsTheToolDoes();
        assertTheRunbookRestoresTheSame();
    }

    @Test
    void theHintsOfTheManifestRestore() throws Exception {
        workspace.configure("compression: {type: zstd}", workspace.encryption());
        backUp();
        String manifest = lvsBackup("show", "latest", "-o", "json").out();
        Matcher hints = Pattern.compile("\"restoreHint\"\\s*:\\s*\"([^\"]+)\"").matcher(manifest);

        List<String> lines = hints.results().map(hint -> hint.group(1)).toList();
        assertThat(lines).hasSize(2);
        for (String line : lines) {
            byHand("cd \"$TARGET\"\n" + line.replace("IDENTITY_FILE", "\"$IDENTITY\""));
        }

        assertRestoredAsTheToolDoes();
    }

    @Test
    void aChangedByteIsNoticedByHandToo() throws Exception {
        workspace.configure("compression: {type: zstd}", workspace.encryption());
        Path payload = workspace.sink().resolve(backUp().get(0));
        byte[] bytes = Files.readAllBytes(payload);
        bytes[bytes.length / 2] ^= 1;
        Files.write(payload, bytes);

        Program.Result result =
                shellWithoutJava().run(Block.marked("README.md", README_ZSTD).text());

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.out()).contains(": FAILED");
        assertThat(target).isEmptyDirectory();
    }

    private List<String> backUp() throws Exception {
        lvsBackup("run").expect(0);
        return K3sWorkspace.keys(lvsBackup("list", "-o", "json").expect(0).out());
    }

    private Program.Result lvsBackup(String... arguments) throws Exception {
        List<String> line = new java.util.ArrayList<>(List.of("-c", "lvs.yaml"));
        line.addAll(List.of(arguments));
        return Program.launcher(Checkout.distribution(), directory).run(line.toArray(String[]::new));
    }

    private Program.Result byHand(String script) throws Exception {
        return shellWithoutJava().run(script).expect(0);
    }

    private Program shellWithoutJava() throws Exception {
        Path tools = directory.resolve("tools");
        if (!Files.exists(tools)) {
            Files.createDirectory(tools);
            for (String tool : TOOLS) {
                String found = Program.shell(directory)
                        .run("command -v " + tool)
                        .expect(0)
                        .out()
                        .strip();
                Path wrapper = tools.resolve(tool);
                Files.writeString(wrapper, "#!/bin/sh\nexec " + found + " \"$@\"\n");
                Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwx------"));
            }
        }
        Program shell = Program.shell(directory)
                .with("PATH", tools.toString())
                .with("SINK", workspace.sink().toString())
                .with("IDENTITY", workspace.identity().toString())
                .with("TARGET", target.toString());
        assertThat(shell.run("command -v java").exitCode())
                .as("there is no java")
                .isNotZero();
        return shell;
    }

    private void assertThatTheTokenIsForItsOwnerOnly() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("token"))))
                .isEqualTo("rw-------");
    }

    private void assertTheRunbookRestoresTheSame() throws Exception {
        Files.delete(target.resolve("state.db"));
        Files.delete(target.resolve("token"));

        Program.Result result = byHand(Block.marked("docs/restore.md", RUNBOOK).text());
        assertThatTheTokenIsForItsOwnerOnly();

        assertThat(result.out()).contains("committed-").contains("\nok\n");
        assertRestoredAsTheToolDoes();
    }

    private void assertRestoredAsTheToolDoes() throws Exception {
        if (!Files.exists(directory.resolve("restored"))) {
            lvsBackup("restore", "latest", "--to", "restored").expect(0);
        }
        assertThat(target.resolve("state.db")).hasSameBinaryContentAs(directory.resolve("restored/state.db"));
        assertThat(target.resolve("token")).hasSameBinaryContentAs(workspace.token());
    }
}
