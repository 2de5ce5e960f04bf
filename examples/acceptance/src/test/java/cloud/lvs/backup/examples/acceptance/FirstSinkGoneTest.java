package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runbook for the day the first sink is gone, done to the letter. */
class FirstSinkGoneTest {
    static final String RESTORE = "check: executed, first sink gone";
    static final String REBUILD = "check: executed, the copies become the first sink";

    @TempDir
    Path directory;

    @Test
    void theCopiesAreRestoredFromAndBecomeTheFirstSink() throws Exception {
        K3sWorkspace workspace = K3sWorkspace.small(directory);
        configure(workspace, "disk", "share");
        runbook("lvs-backup -c lvs.yaml run").expect(0);
        Path sink = directory.resolve("disk");
        Program.shell(directory)
                .run("rm -r disk; echo a disk that is none > disk")
                .expect(0);
        assertThat(sink).isRegularFile();
        runbook("lvs-backup -c lvs.yaml list").expect(10);

        runbook(Block.marked("docs/restore.md", RESTORE).text()).expect(0);

        assertThat(directory.resolve("restored/token")).hasSameBinaryContentAs(workspace.token());
        assertThat(Program.shell(directory)
                        .run("sqlite3 restored/state.db 'PRAGMA integrity_check; SELECT count(*) > 300 FROM kine'")
                        .expect(0)
                        .out())
                .isEqualTo("ok\n1\n");

        configure(workspace, "share", "fresh");
        Program.Result rebuilt = runbook("ID=" + newest() + "\n"
                + Block.marked("docs/restore.md", REBUILD).text());

        assertThat(rebuilt.expect(0).out()).contains("\n4 backups at level checksum: 4 passed, 0 FAILED\n");
        assertThat(runbook("lvs-backup -c lvs.yaml list").expect(0).out()).doesNotContain("held");
    }

    private void configure(K3sWorkspace workspace, String sink, String copies) throws IOException {
        Files.writeString(directory.resolve("lvs.yaml"), """
                version: 1
                sources: {node: {type: k3s, dataDir: k3s}}
                sinks:
                  disk: {type: directory, path: disk}
                  share: {type: directory, path: share}
                  fresh: {type: directory, path: fresh}
                jobs:
                  k3s:
                    source: node
                    sink: %s
                    copies: [{sink: %s}]
                    %s
                """.formatted(sink, copies, workspace.encryption()));
    }

    private String newest() throws Exception {
        Matcher id = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"")
                .matcher(
                        runbook("lvs-backup -c lvs.yaml list -o json").expect(0).out());
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    private Program.Result runbook(String script) throws Exception {
        return Program.shell(directory)
                .with("TARGET", directory.resolve("restored").toString())
                .run("lvs-backup() { '" + Checkout.distribution().resolve("bin/lvs-backup") + "' \"$@\"; }\n" + script);
    }
}
