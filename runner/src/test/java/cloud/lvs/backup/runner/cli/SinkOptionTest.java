package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups in the sinks of copies can be used like those in the job's own. */
class SinkOptionTest {
    private static final String COPIES = """
                copies: [{sink: other, retention: {type: latest, count: 2}}]
                retention: {type: latest, count: 1}
            """;

    @TempDir
    Path directory;

    private Terminal terminal;

    @BeforeEach
    void open() throws IOException {
        terminal = new Terminal(directory);
        // So that none of the backups of a test is of a time that the sinks have not seen yet.
        terminal.now.updateAndGet(now -> now.minus(Duration.ofDays(1)));
        Files.createDirectory(directory.resolve("scratch"));
        terminal.environment.put("TMPDIR", directory.resolve("scratch").toString());
        terminal.configure(COPIES);
    }

    private JsonNode backUp() throws IOException {
        Result run = terminal.run("run", "-o", "json");
        assertThat(run.code()).isZero();
        terminal.now.updateAndGet(now -> now.plus(Duration.ofHours(1)));
        return new ObjectMapper().readTree(run.out());
    }

    private List<String> ids(String... command) throws IOException {
        List<String> ids = new ArrayList<>();
        new ObjectMapper()
                .readTree(terminal.run(command).out())
                .forEach(backup -> ids.add(backup.get("id").asText()));
        return ids;
    }

    /** The disk is gone: what stands in its place is no directory. */
    private void loseTheFirstSink() throws IOException {
        try (Stream<Path> files = Files.walk(terminal.sink)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        Files.writeString(terminal.sink, "not a directory");
    }

    @Test
    void usesTheCopiesWhenTheFirstSinkIsLost() throws Exception {
        backUp();
        backUp();
        backUp();
        loseTheFirstSink();
        assertThat(terminal.run("list").code()).isEqualTo(10);

        List<String> copies = ids("list", "--sink", "other", "-o", "json");
        assertThat(copies).hasSize(2);
        assertThat(terminal.run("show", "latest", "--sink", "other").out())
                .contains(copies.get(0))
                .contains(" in sink local\n");
        assertThat(terminal.run("verify", "latest", "--sink", "other", "--level", "content")
                        .code())
                .isZero();
        assertThat(terminal.run("restore", copies.get(1), "--sink", "other", "--to", directory + "/restored")
                        .code())
                .isZero();
        assertThat(directory.resolve("restored/milk")).hasContent("buy milk");
        assertThat(terminal.run("drill", "--sink", "other").code()).isZero();
        assertThat(terminal.run("hold", copies.get(1), "--sink", "other", "--reason", "all we have")
                        .code())
                .isZero();
        assertThat(terminal.run("list", "--sink", "other").out()).contains("  held: all we have\n");
        assertThat(terminal.run("hold", copies.get(1), "--sink", "other", "--release")
                        .code())
                .isZero();

        terminal.configure(COPIES.replace("count: 2", "count: 1"));
        Result pruned = terminal.run("prune", "--sink", "other", "--yes");
        assertThat(pruned.code()).isZero();
        assertThat(pruned.out()).contains("sink other: kept 1, deleted 1").doesNotContain("local");
        assertThat(ids("list", "--sink", "other", "-o", "json")).containsExactly(copies.get(0));
    }

    @Test
    void prunesOneSinkByWhatIsKeptThere() throws Exception {
        backUp();
        backUp();
        terminal.configure(COPIES.replace("count: 2", "count: 1"));

        assertThat(terminal.run("prune", "--sink", "local", "--yes").out())
                .contains("sink local: kept 1, deleted 0")
                .doesNotContain("other");
        assertThat(ids("list", "--sink", "other", "-o", "json")).hasSize(2);

        // A sink that the job does not name any more has no retention: everything stays.
        terminal.configure("    retention: {type: latest, count: 1}\n");
        assertThat(terminal.run("prune", "--sink", "other", "--yes").out())
                .contains("sink other: kept 2, deleted 0")
                .contains("no retention configured");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"list", "show latest", "verify --all", "restore latest --to x", "drill", "hold latest", "prune"})
    void refusesASinkThatIsNotConfigured(String command) {
        Result result = terminal.run((command + " --sink shelf").split(" "));

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("sink 'shelf'").contains("local").contains("other");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void verifiesEverySinkOnRequestAndEndsWithATotal() throws Exception {
        backUp();
        backUp();
        Path payload = terminal.directory.resolve("other").resolve(keyOfTheNewestCopy());
        Files.writeString(payload, "rotten");

        Result own = terminal.run("verify", "--all");
        assertThat(own.code()).isZero();
        assertThat(own.out()).endsWith("\n1 backup at level checksum: 1 passed, 0 FAILED\n");

        Result all = terminal.run("verify", "--all", "--all-sinks");
        assertThat(all.code()).isEqualTo(5);
        assertThat(all.out())
                .containsPattern("\nnotes-\\S+  local  checksum  passed  \\d+\n")
                .containsPattern("\nnotes-\\S+  other  checksum  FAILED  1 of \\d+ failed\n")
                .endsWith("\n3 backups at level checksum: 2 passed, 1 FAILED\n");
        Result asJson = terminal.run("verify", "--all", "--all-sinks", "-o", "json");
        assertThat(new ObjectMapper().readTree(asJson.out()))
                .extracting(node -> node.get("sink").asText())
                .containsExactly("local", "other", "other");
        assertThat(asJson.err()).contains("3 backups at level checksum: 2 passed, 1 FAILED\n");
        assertThat(terminal.run("verify", "latest", "--all-sinks").out()).contains("2 backups at level");
        assertThat(terminal.run("verify", "--all", "--all-sinks", "--sink", "other")
                        .code())
                .isEqualTo(2);

        loseTheFirstSink();
        Result half = terminal.run("verify", "--all", "--all-sinks");
        assertThat(half.code()).isEqualTo(10);
        assertThat(half.out())
                .endsWith("\n2 backups at level checksum: 1 passed, 1 FAILED; 1 catalog could not be read\n");
    }

    @Test
    void countsPartialBackupsApart() throws Exception {
        backUp();
        Terminal.write(terminal.notes.resolve("broken"), "x");
        assertThat(terminal.run("run").code()).isEqualTo(3);

        Result all = terminal.run("verify", "--all");

        assertThat(all.code()).isEqualTo(3);
        assertThat(all.out())
                .containsPattern("\nnotes-\\S+  local  checksum  partial  \\d+\n")
                .endsWith("\n2 backups at level checksum: 1 passed, 1 partial, 0 FAILED\n");
    }

    private String keyOfTheNewestCopy() throws IOException {
        return new ObjectMapper()
                .readTree(terminal.run("list", "--sink", "other", "-o", "json").out())
                .at("/0/artifacts/0/key")
                .asText();
    }

    @Test
    void reportsTheRetentionOfCopiesLikeTheJobsOwn() throws Exception {
        backUp();
        backUp();
        JsonNode run = backUp().at("/runs/0");

        assertThat(run.at("/retention/sink").asText()).isEqualTo("local");
        assertThat(run.at("/retention/deleted")).hasSize(1);
        assertThat(run.at("/copyRetention")).hasSize(1);
        assertThat(run.at("/copyRetention/0/sink").asText()).isEqualTo("other");
        assertThat(run.at("/copyRetention/0/deleted")).hasSize(1);
        Result text = terminal.run("run");
        for (String lines : List.of(text.out(), text.err())) {
            assertThat(lines)
                    .contains("job notes: retention: sink local: kept 1, deleted 1")
                    .contains("job notes: retention: sink other: kept 2, deleted 1");
        }
    }
}
