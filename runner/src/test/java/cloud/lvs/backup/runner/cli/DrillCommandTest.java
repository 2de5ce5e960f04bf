package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code drill}: one command for all jobs, with reports to file. */
class DrillCommandTest {
    private static final String SECOND_JOB = """
              diary:
                source: {type: notes, directory: %1$s/diary}
                sink: other
            """;

    @TempDir
    Path directory;

    private Terminal terminal;
    private Instant backedUpAt = Instant.EPOCH;
    private String stamp = "";

    @BeforeEach
    void open() throws IOException {
        terminal = new Terminal(directory);
        // What is drilled later on must not be of a time that the sink has not seen yet.
        terminal.now.updateAndGet(now -> now.minus(Duration.ofDays(1)));
        Files.createDirectory(directory.resolve("scratch"));
        terminal.environment.put("TMPDIR", directory.resolve("scratch").toString());
        Terminal.write(directory.resolve("diary/monday"), "rain");
        terminal.configure(SECOND_JOB.formatted(directory));
    }

    private void backUp() {
        backedUpAt = terminal.now();
        stamp = terminal.stamp();
        assertThat(terminal.run("run").code()).isZero();
        terminal.now.updateAndGet(now -> now.plus(Duration.ofHours(3)));
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    private boolean drilledIsRecorded(String sink) throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve(sink))) {
            return files.anyMatch(file -> file.endsWith("drilled.json"));
        }
    }

    @Test
    void drillsTheNewestBackupOfEveryJob() throws Exception {
        backUp();

        Result result = terminal.run("drill");

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .containsPattern("notes-" + stamp + "-[a-z0-9]+: drill: passed, RPO 3 h, RTO 0.0 s\n")
                .containsPattern("diary-" + stamp + "-[a-z0-9]+: drill: passed, RPO 3 h, RTO 0.0 s\n")
                .containsPattern("\nmanifest +0.0 s\ncopy +0.0 s\n")
                .containsPattern("\na\\|note +passed +monday\n");
        assertThat(drilledIsRecorded("sink")).isTrue();
        assertThat(drilledIsRecorded("other")).isTrue();
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void drillsTheBackupThatIsNamed() throws Exception {
        backUp();
        Instant first = backedUpAt;
        String id = "diary-" + stamp;
        backUp();

        JsonNode document = json(terminal.run("drill", id, "-o", "json").out());

        assertThat(document.at("/drills")).hasSize(1);
        assertThat(document.at("/drills/0/capturedAt").asText()).isEqualTo(first.toString());
        assertThat(document.at("/drills/0/rpoSeconds").asDouble()).isEqualTo(6 * 3600);
        assertThat(terminal.run("drill", "latest", "-j", "notes").out()).doesNotContain("diary");
    }

    @Test
    void writesTheReportAsJsonAndAsMarkdown() throws Exception {
        backUp();
        Path asJson = directory.resolve("drill.json");
        Path asMarkdown = directory.resolve("drill.md");

        Result result = terminal.run("drill", "--report", asJson.toString(), "--report", asMarkdown.toString());

        assertThat(result.code()).isZero();
        JsonNode document = json(Files.readString(asJson));
        assertThat(document.at("/exitCode").asInt(-1)).isZero();
        assertThat(document.at("/drills/0/job").asText()).isEqualTo("notes");
        assertThat(document.at("/drills/0/passed").asBoolean()).isTrue();
        assertThat(document.at("/drills/0/phases/1/name").asText()).isEqualTo("copy");
        assertThat(document.at("/drills/0/checks/0/name").asText()).isEqualTo("manifest");
        assertThat(Files.readString(asMarkdown))
                .startsWith("# Restore drill of " + terminal.now() + "\n")
                .containsPattern("\n\\| diary-" + stamp + "-[a-z0-9]+ \\| passed \\| 10,800.0 s \\| 0.0 s \\|\n")
                .contains("\n| a\\|note | passed | monday |\n");
    }

    @Test
    void endsWithFiveWhenADrillFailsAndDrillsTheOthers() throws Exception {
        Terminal.write(terminal.notes.resolve("milk"), "wrong");
        backUp();
        Path report = directory.resolve("drill.md");

        Result result = terminal.run("drill", "--report", report.toString());

        assertThat(result.code()).isEqualTo(5);
        assertThat(result.err())
                .containsPattern("job notes: drill: backup notes-[^:]+: a\\|note: milk says wrong \\(do not rely");
        assertThat(result.out()).contains(": drill: FAILED, RPO 3 h").contains(": drill: passed, RPO 3 h");
        assertThat(Files.readString(report)).contains("| FAILED |").contains("| passed |");
        assertThat(drilledIsRecorded("sink")).isFalse();
        assertThat(drilledIsRecorded("other")).isTrue();
    }

    @Test
    void tellsTheJobThatHasNoBackup() throws Exception {
        assertThat(terminal.run("run", "notes").code()).isZero();
        Path report = directory.resolve("drill.json");

        Result result = terminal.run("drill", "--report", report.toString());

        assertThat(result.code()).isEqualTo(8);
        assertThat(result.err()).contains("job diary: drill: backup latest: job diary has no backup in sink other");
        JsonNode document = json(Files.readString(report));
        assertThat(document.at("/drills")).hasSize(1);
        assertThat(document.at("/failures/0/job").asText()).isEqualTo("diary");
    }

    @Test
    void handsOptionsToTheSourceOfOneJob() {
        backUp();

        Result partOfIt = terminal.run("drill", "-j", "notes", "--set", "only=milk");
        assertThat(partOfIt.code()).isEqualTo(5);
        assertThat(partOfIt.err()).contains("item bread: not asked for");
        assertThat(terminal.run("drill", "--set", "only=milk"))
                .extracting(Result::code)
                .isEqualTo(2);
        Result unknown = terminal.run("drill", "-j", "notes", "--set", "onyl=milk");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("only");
    }

    @Test
    void saysWhatItWouldDoAndChangesNothing() throws Exception {
        backUp();

        Result result = terminal.run("drill", "-j", "notes", "--dry-run");

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains(": drill: dry run, RPO 3 h\n- wrote the notes to ");
        assertThat(drilledIsRecorded("sink")).isFalse();
    }

    @Test
    void refusesAReportOfUnknownForm() {
        backUp();

        Result result = terminal.run("drill", "--report", "drill.txt");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("--report drill.txt: ends neither in .json nor in .md");
        assertThat(terminal.run("drill", "--report", directory + "/none/drill.md"))
                .satisfies(lost -> assertThat(lost.code()).isEqualTo(2))
                .satisfies(lost -> assertThat(lost.err()).contains("cannot be written: there is no directory"));
    }

    @Test
    void removesWhatItRestoredWhenItIsStoppedAndReportsIt() throws Exception {
        Terminal.write(terminal.notes.resolve("slowly"), "zzz");
        backUp();
        Path report = directory.resolve("drill.json");
        CompletableFuture<Result> stopped = new CompletableFuture<>();
        Thread worker =
                new Thread(() -> stopped.complete(terminal.run("drill", "--report", report.toString())), "worker");
        worker.start();
        Path waiting = directory.resolve("waiting");
        for (int i = 0; i < 1500 && !Files.exists(waiting); i++) {
            Thread.sleep(20);
        }
        worker.interrupt();
        Result result = stopped.get(60, TimeUnit.SECONDS);

        assertThat(result.code()).isEqualTo(130);
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
        JsonNode document = json(Files.readString(report));
        assertThat(document.at("/exitCode").asInt()).isEqualTo(130);
        assertThat(document.at("/failures/0/kind").asText()).isEqualTo("CANCELLED");
    }
}
