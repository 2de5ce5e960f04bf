package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor}: what is tried, how it is told, and with which code it ends. */
class DoctorCommandTest {
    @TempDir
    Path directory;

    private Terminal terminal;

    @BeforeEach
    void open() {
        terminal = new Terminal(directory);
    }

    private void useShelf(String more) throws IOException {
        String text = Files.readString(terminal.config)
                .replace(
                        "  other: {type: directory, path: " + directory + "/other}",
                        "  other: {type: shelf, path: " + directory + "/other" + more + "}");
        Files.writeString(terminal.config, text);
    }

    private static JsonNode json(Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }

    private static String line(String subject, String check, String status) {
        return "(?s)(^|\n)" + subject + "\n(?:[^\n]+\n)*" + check + " +" + status + " ";
    }

    @Test
    void examinesEveryJobAndEverySink() throws Exception {
        terminal.run("run");
        useShelf("");

        Result result = terminal.run("doctor");

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .containsPattern(line("job notes", "preflight", "passed"))
                .containsPattern(line("job notes", "item bread", "passed"))
                .containsPattern(line("job notes", "pipeline", "passed"))
                .containsPattern(line("job notes", "catalog", "passed"))
                .containsPattern(line("sink local", "create-if-absent", "passed"))
                .containsPattern(line("sink other", "boards", "passed"));
        assertNoProbes();
    }

    private void assertNoProbes() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile).map(Path::toString))
                    .noneMatch(file -> file.contains(".lvs-backup-doctor"));
        }
    }

    @Test
    void examinesOneJobWithItsSinks() throws Exception {
        terminal.configure("""
                    copies: [{sink: other}]
                  nowhere: {source: {type: notes, directory: /does/not/exist}, sink: local}
                """);

        JsonNode document = json(terminal.run("doctor", "-j", "notes", "-o", "json"));

        assertThat(document)
                .extracting(node -> node.get("subject").asText())
                .containsExactly("job notes", "sink local", "sink other");
        assertThat(document.at("/0/checks/0/name").asText()).isEqualTo("preflight");
        assertThat(document.at("/0/checks/0/status").asText()).isEqualTo("PASSED");
    }

    @Test
    void isContentWithAMachineThatHasNoIdentity() {
        terminal.configure("""
                    encryption:
                      recipients: [age1lp8eqyqsa9tsmp63msurth58syhj6r9h4trcmumnrtpkxj3wpfesaau3m0]
                      identityFile: %s/no/identity.txt
                """.formatted(directory));
        terminal.run("run");

        Result result = terminal.run("doctor");

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .containsPattern(line("job notes", "pipeline", "passed"))
                .contains("identity.txt is not on this machine, so content is verified and restored elsewhere");
    }

    @Test
    void warnsOfWhatIsUnencryptedUnlessTheConfigurationSaysSo() {
        assertThat(terminal.run("doctor", "-j", "notes").out())
                .containsPattern(line("job notes", "encryption", "warned"));
        terminal.configure("    encryption: {type: none}\n");
        assertThat(terminal.run("doctor", "-j", "notes").out())
                .containsPattern(line("job notes", "encryption", "passed"))
                .contains("none, as configured");
    }

    @Test
    void examinesOneSink() throws Exception {
        assertThat(json(terminal.run("doctor", "--sink", "other", "-o", "json")))
                .extracting(node -> node.get("subject").asText())
                .containsExactly("sink other");
        assertThat(terminal.run("doctor", "--sink", "othr"))
                .satisfies(result -> assertThat(result.code()).isEqualTo(2))
                .satisfies(result ->
                        assertThat(result.err()).contains("sink 'othr'").contains("did you mean 'other'"));
        assertThat(terminal.run("doctor", "-j", "nots").code()).isEqualTo(2);
    }

    @Test
    void tellsAllThatIsWrongAndEndsWithTheWorst() throws Exception {
        terminal.configure("""
                  nowhere: {source: {type: notes, directory: /does/not/exist}, sink: local}
                  vault: {source: mine, sink: safe}
                """);
        useShelf(", down: does not answer");
        Files.writeString(
                terminal.config,
                Files.readString(terminal.config).replace("sinks:", "sinks:\n  safe: {type: vault, path: /x}"));

        Result result = terminal.run("doctor");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err().lines())
                .anyMatch(line -> line.startsWith("job nowhere: doctor: preflight: notes in /does/not/exist: are not"))
                .anyMatch(line -> line.startsWith("job vault: doctor: configuration: sink 'safe': path leads nowhere"))
                .anyMatch(line -> line.startsWith("sink safe: doctor: configuration: sink 'safe': path leads nowhere"))
                .anyMatch(line -> line.startsWith("sink other: doctor: write: shelf ")
                        && line.endsWith("does not answer (look at the shelf)"));
        assertThat(result.out()).containsPattern(line("job notes", "preflight", "passed"));
    }

    @Test
    void endsByWhoHasToAct() throws Exception {
        useShelf(", down: does not answer");
        assertThat(terminal.run("doctor", "--sink", "other").code()).isEqualTo(10);

        terminal.configure("");
        useShelf(", down: access is denied");
        assertThat(terminal.run("doctor", "--sink", "other").code()).isEqualTo(12);

        Files.delete(terminal.notes.resolve("milk"));
        Files.delete(terminal.notes.resolve("bread"));
        assertThat(terminal.run("doctor", "-j", "notes").code()).isEqualTo(4);
        Files.delete(terminal.notes);
        assertThat(terminal.run("doctor", "-j", "notes").code()).isEqualTo(1);
    }

    @Test
    void passesAStoreThatRefusesDeletionAndSaysWhatIsLeft() throws Exception {
        useShelf(", refuses: locked until 2027");

        Result result = terminal.run("doctor", "--sink", "other");

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .containsPattern(line("sink other", "delete", "warned"))
                .containsPattern("\\.lvs-backup-doctor/[a-z0-9]+/probe \\(locked until 2027\\)");
    }

    @Test
    void aDryRunWritesNothingAndSaysWhatItWouldDo() {
        Result result = terminal.run("doctor", "--dry-run");

        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("sink local: would write, read, list, replace and delete objects below");
        assertThat(terminal.sink).doesNotExist();
        assertThat(directory.resolve("other")).doesNotExist();
    }

    @Test
    void namesAndRemovesWhatKilledRunsLeft() throws Exception {
        Path left = terminal.temporary.resolve("lvs-scratch-0a1b2c3d");
        Terminal.write(left.resolve("owner-1-1"), "process 1 on node-1 since 2026-11-21T03:00:00Z\nboot earlier\n");
        Terminal.write(left.resolve("postgres-1/pgpass"), "*:*:*:*:secret");
        Path unowned = Files.createDirectory(terminal.temporary.resolve("k3s-9738416809685747581"));
        Files.setLastModifiedTime(
                unowned, FileTime.from(TestTime.machine().instant().minus(Duration.ofDays(2))));

        Result dry = terminal.run("doctor", "--dry-run");
        assertThat(dry.code()).isZero();
        assertThat(dry.out()).containsPattern(line("scratch directory .*/tmp", "leftover", "warned"));
        assertThat(left).exists();

        Result result = terminal.run("doctor");
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .containsPattern(
                        "leftover +passed +" + left + " of process 1 on node-1 since 2026-11-21T03:00:00Z, which"
                                + " ended without cleaning up, was removed")
                .containsPattern("leftover +warned +" + unowned + " looks like the temporary files of a killed run");
        assertThat(left).doesNotExist();
        assertThat(unowned).exists();
    }

    @Test
    void aRunRemovesWhatKilledRunsLeftAndLeavesNothingItself() throws Exception {
        Path left = terminal.temporary.resolve("lvs-scratch-0a1b2c3d");
        Terminal.write(left.resolve("owner-1-1"), "process 1 on node-1 since 2026-11-21T03:00:00Z\nboot earlier\n");
        Terminal.write(left.resolve("postgres-1/pgpass"), "*:*:*:*:secret");

        Result result = terminal.run("run");

        assertThat(result.code()).isZero();
        assertThat(result.err())
                .contains("scratch directory " + terminal.temporary
                        + ": lvs-scratch-0a1b2c3d of process 1 on node-1 since"
                        + " 2026-11-21T03:00:00Z, which ended without cleaning up, was removed\n");
        assertThat(terminal.temporary).isEmptyDirectory();
    }
}
