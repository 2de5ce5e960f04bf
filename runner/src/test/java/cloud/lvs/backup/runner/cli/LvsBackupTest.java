package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import cloud.lvs.backup.runner.output.Progress;
import cloud.lvs.backup.spi.BackupId;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LvsBackupTest {
    @TempDir
    Path directory;

    private final Instant now = TestClock.machine().instant();
    private Terminal terminal;

    @BeforeEach
    void open() {
        terminal = new Terminal(directory);
        // The directory's files have the time of the machine.
        terminal.now.set(now);
    }

    @Test
    void backsUpListsShowsVerifiesRestores() throws Exception {
        Result run = terminal.run("run");

        assertThat(run.code()).isZero();
        assertThat(run.err())
                .containsPattern("job notes: OK notes-" + BackupId.format(now) + "-[a-z0-9]+: 2 items, 2 artifacts");

        JsonNode list = json(terminal.run("list", "-o", "json"));
        assertThat(list).hasSize(1);
        JsonNode backup = list.get(0);
        assertThat(fields(backup)).containsExactly("id", "job", "capturedAt", "outcome", "items", "artifacts", "held");
        assertThat(backup.get("job").asText()).isEqualTo("notes");
        assertThat(backup.get("capturedAt").asText()).isEqualTo(now.toString());
        assertThat(backup.get("outcome").asText()).isEqualTo("OK");
        assertThat(backup.get("items")).extracting(JsonNode::asText).containsExactlyInAnyOrder("milk", "bread");
        JsonNode artifact = backup.get("artifacts").get(0);
        assertThat(fields(artifact)).containsExactly("name", "key", "plainBytes", "storedBytes", "sha256");
        assertThat(artifact.get("name").asText()).isEqualTo("note");
        assertThat(terminal.sink.resolve(artifact.get("key").asText()))
                .isRegularFile()
                .hasSize(artifact.get("storedBytes").asLong());

        String id = backup.get("id").asText();
        assertThat(terminal.run("list").out())
                .startsWith("ID ")
                .containsPattern("\n" + id + "  " + now + "  0.0 s  OK +2 ");
        assertThat(terminal.run("show", "latest").out())
                .contains(id)
                .contains("by hand:")
                .contains("zstd -d");
        assertThat(json(terminal.run("show", id, "-o", "json")).get("artifacts"))
                .hasSize(2);
        assertThat(new YAMLMapper()
                        .readTree(terminal.run("show", id, "-o", "yaml").out())
                        .get("id")
                        .asText())
                .isEqualTo(id);

        Result verified = terminal.run("verify", "latest", "--level", "content", "-o", "json");
        assertThat(verified.code()).isZero();
        assertThat(json(verified).get("passed").asBoolean()).isTrue();

        Path place = directory.resolve("restored");
        Result restored = terminal.run("restore", "latest", "--to", place.toString(), "--item", "milk");
        assertThat(restored.code()).isZero();
        assertThat(restored.out()).contains("milk").contains("next: read them");
        assertThat(place).isDirectoryContaining(file -> file.endsWith("milk"));
        assertThat(place.resolve("milk")).hasContent("buy milk");
        assertThat(place.resolve("bread")).doesNotExist();
    }

    @Test
    void aRestoreOfItemsThatLackSomethingIsPartial() throws Exception {
        Files.writeString(terminal.notes.resolve("torn"), "half of it");
        terminal.run("run");

        Result restored = terminal.run("restore", "latest", "--to", directory.resolve("restored") + "", "-o", "json");

        assertThat(restored.code()).isEqualTo(3);
        assertThat(restored.err())
                .contains(
                        "job notes: restore: item torn: 1 of its statements did not take effect (the report names each"
                                + " with its reason)");
        assertThat(json(restored).at("/omissions/0/object").asText()).isEqualTo("its last line");
    }

    @Test
    void takesGlobalFlagsBeforeAndBehindTheCommand() {
        terminal.run("run");
        String config = terminal.config.toString();

        assertThat(terminal.bare("list", "-c", config, "-j", "notes", "-o", "json"))
                .isEqualTo(terminal.bare("-o", "json", "-c", config, "-j", "notes", "list"))
                .extracting(Result::code)
                .isEqualTo(0);
    }

    @Test
    void findsTheConfigurationByItsVariable() {
        terminal.environment.put("LVS_BACKUP_CONFIG", terminal.config.toString());

        assertThat(terminal.bare("config", "validate").code()).isZero();
        assertThat(terminal.bare("-c", directory + "/other.yaml", "config", "validate"))
                .satisfies(result -> assertThat(result.code()).isEqualTo(2))
                .satisfies(result -> assertThat(result.err()).contains("other.yaml: does not exist"));
    }

    @Test
    void pagesThroughManyBackups() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(terminal.run("run").code()).isZero();
            terminal.now.updateAndGet(now -> now.plusSeconds(60));
        }
        List<String> seen = new ArrayList<>();
        Result page = terminal.run("list", "-o", "json", "--limit", "2");
        assertThat(page.err()).contains("2 of 5 backups are listed; go on with --after notes-");
        ids(page).forEach(seen::add);
        page = terminal.run("list", "-o", "json", "--limit", "2", "--after", seen.get(1));
        ids(page).forEach(seen::add);
        page = terminal.run("list", "-o", "json", "--limit", "2", "--after", seen.get(3));
        ids(page).forEach(seen::add);

        assertThat(page.err()).isEmpty();
        assertThat(seen).hasSize(5).doesNotHaveDuplicates().isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(terminal.run("list", "--after", "nonsense").code()).isEqualTo(2);
        assertThat(terminal.run("list", "--limit", "0").code()).isEqualTo(2);
    }

    @Test
    void plansBeforeItPrunesAndAdopts() throws Exception {
        terminal.configure("    retention: {type: latest, count: 1}\n");
        terminal.run("run");
        terminal.now.updateAndGet(now -> now.plusSeconds(60));
        terminal.configure("");
        terminal.run("run");
        terminal.configure("    retention: {type: latest, count: 1}\n");

        Result plan = terminal.run("prune");
        assertThat(plan.code()).isZero();
        assertThat(plan.out())
                .containsPattern("job notes: sink local: would keep 1, delete 1 \\(\\d+ B\\)\n")
                .contains("keep     count: 1 of 1")
                .contains("drop     count: 2 of 1")
                .doesNotContain("deleted");
        JsonNode planned =
                json(terminal.run("prune", "--verbose", "-o", "json")).get(0);
        assertThat(planned.at("/mode").asText()).isEqualTo("DRY_RUN");
        assertThat(planned.at("/plan/keep").asInt()).isEqualTo(1);
        String dropped = planned.at("/plan/delete/0").asText();
        assertThat(planned.at("/plan/keys").get(dropped)).hasSize(2);
        assertThat(planned.at("/plan/bytes").asLong()).isPositive();
        assertThat(planned.get("done").isNull()).isTrue();
        assertThat(terminal.run("prune", "--verbose").out()).containsPattern("\nwould delete \\d{4}/\\d{2}/");
        assertThat(plan.err()).contains("nothing was deleted; add --yes");
        assertThat(ids(terminal.run("list", "-o", "json"))).hasSize(2);
        assertThat(terminal.run("prune", "--yes", "--dry-run").err()).contains("nothing was deleted");

        Result done = terminal.run("prune", "--yes", "-o", "json");
        assertThat(done.code()).isZero();
        assertThat(json(done).get(0).get("deleted")).hasSize(1);
        assertThat(json(done).at("/0/done/deleted/0").asText()).isEqualTo(dropped);
        assertThat(json(done).at("/0/done/bytes").asLong())
                .isEqualTo(planned.at("/plan/bytes").asLong());
        assertThat(json(done).at("/0/plan/delete/0").asText()).isEqualTo(dropped);
        assertThat(ids(terminal.run("list", "-o", "json"))).hasSize(1);

        assertThat(terminal.run("adopt").err()).contains("nothing was written; add --yes");
    }

    @Test
    void holdsReleasesAndCopies() throws Exception {
        terminal.run("run");

        assertThat(terminal.run("hold", "latest", "--reason", "audit").code()).isZero();
        assertThat(terminal.run("list").out()).contains("  held: audit\n");
        JsonNode hold = json(terminal.run("list", "-o", "json")).at("/0/hold");
        assertThat(hold.get("reason").asText()).isEqualTo("audit");
        assertThat(hold.get("since").asText()).isEqualTo(now.toString());
        assertThat(json(terminal.run("show", "latest", "-o", "json"))
                        .at("/hold/reason")
                        .asText())
                .isEqualTo("audit");
        assertThat(terminal.run("show", "latest").out())
                .containsPattern("\nheld      since " + now + " by .+: audit\n");
        assertThat(terminal.run("hold", "latest", "--release", "--dry-run").out())
                .endsWith(" would be released\n");
        assertThat(terminal.run("hold", "latest", "--release").out()).endsWith(" is released\n");
        assertThat(terminal.run("list").out()).doesNotContain("held:");
        assertThat(terminal.run("show", "latest").out()).doesNotContain("\nheld");
        assertThat(terminal.run("hold", "latest", "--release").out()).endsWith(" is not held\n");

        assertThat(terminal.run("copy", "latest").err()).contains("has no 'copies'");
        assertThat(terminal.run("copy", "latest", "--to", "local").code()).isEqualTo(2);
        Result copied = terminal.run("copy", "latest", "--to", "other", "-o", "json");
        assertThat(copied.code()).isZero();
        assertThat(json(copied).get(0).get("state").asText()).isEqualTo("COPIED");
        assertThat(directory.resolve("other").resolve(".lvs-backup")).isDirectory();
    }

    @Test
    void aHoldWithoutAReasonThatCanBeReadStaysAHold() throws Exception {
        terminal.run("run");
        terminal.run("hold", "latest", "--reason", "audit");
        try (Stream<Path> files = Files.walk(terminal.sink)) {
            Files.writeString(
                    files.filter(file -> file.endsWith("held.json")).findFirst().orElseThrow(), "{}");
        }

        assertThat(terminal.run("list"))
                .satisfies(list -> assertThat(list.code()).isZero())
                .satisfies(list -> assertThat(list.out()).contains("  held: the reason is damaged\n"));
        assertThat(terminal.run("show", "latest").out()).contains("the reason is damaged");
    }

    @Test
    void saysWhereThereIsNoBackupInsteadOfABareHeader() throws Exception {
        Result none = terminal.run("list");

        assertThat(none.code()).isZero();
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).isEqualTo("job notes: list: there is no backup in sink local\n");
        assertThat(json(terminal.run("list", "-o", "json"))).isEmpty();
    }

    @Test
    void refusesToUndoWithoutConsent() {
        assertThat(terminal.run("restore", "--undo"))
                .satisfies(result -> assertThat(result.code()).isEqualTo(2))
                .satisfies(result -> assertThat(result.err())
                        .isEqualTo("job notes: restore: the undo of the last restore: replaces what is there now, and"
                                + " nobody agreed to that (look with --dry-run first, then add --yes)\n"));
        // These get as far as the source.
        assertThat(terminal.run("restore", "--undo", "--yes").err()).contains("restore only into a place");
        assertThat(terminal.run("restore", "--undo", "--dry-run").err()).contains("restore only into a place");
    }

    @Test
    void cleansUpAfterRestoresOnlyWhenToldSo() throws Exception {
        String place = directory.resolve("restored").toString();

        assertThat(terminal.run("restore", "--clean-up", "--to", place).err())
                .contains("the clean-up after restores: removes what they left, and nobody agreed to that");
        assertThat(terminal.run("restore", "--clean-up", "--to", place, "--yes").out())
                .contains("restores of this source leave nothing elsewhere");
        assertThat(terminal.run("restore", "--clean-up").err()).contains("needs exactly one of --to PLACE");
        assertThat(terminal.run("restore", "latest", "--clean-up", "--to", place)
                        .err())
                .contains("takes no ID with --clean-up");
    }

    @Test
    void showsAFactALineAndTimesToTheSecond() throws Exception {
        Instant second = terminal.now();
        terminal.now.set(second.plusNanos(123_456_789));
        terminal.run("run");

        String shown = terminal.run("show", "latest").out();

        assertThat(shown)
                .contains("\ncaptured  " + second + "\nfinished  " + second + "\n")
                .contains("\nsource    notes\n  directory            notes\n")
                .contains("\nitem      milk: done\n");
        assertThat(terminal.run("show", "latest", "-o", "json").out())
                .contains("\"finishedAt\": \"" + second + "\"")
                .doesNotContain(".123");
    }

    @Test
    void writesTheRunReportInOnePiece() throws Exception {
        Path report = directory.resolve("report.json");
        Files.writeString(report, "old");

        assertThat(terminal.run("run", "--report", report.toString()).code()).isZero();

        JsonNode document = new ObjectMapper().readTree(report.toFile());
        assertThat(document.get("exitCode").asInt()).isZero();
        assertThat(document.at("/runs/0/outcome").asText()).isEqualTo("OK");
        assertThat(document.at("/runs/0/artifacts")).hasSize(2);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".tmp")))
                    .isEmpty();
        }
    }

    @Test
    void endsPartialEmptyAndFailedRunsWithTheirCodes() throws Exception {
        Terminal.write(terminal.notes.resolve("broken"), "x");
        Result partial = terminal.run("run");
        assertThat(partial.code()).isEqualTo(3);
        assertThat(partial.err())
                .containsOnlyOnce("item broken: cannot be read")
                .contains("job notes: PARTIAL");

        for (String note : List.of("broken", "milk", "bread")) {
            Files.delete(terminal.notes.resolve(note));
        }
        assertThat(terminal.run("run").code()).isEqualTo(4);

        Files.delete(terminal.notes);
        Result failed = terminal.run("run");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .contains("job notes: preflight: notes in " + terminal.notes + ": are not there (make the directory)");
    }

    @Test
    void runsTheOtherJobsWhenOneFailsAndEndsWithTheWorstCode() throws Exception {
        terminal.configure("""
                  nowhere: {source: {type: notes, directory: /does/not/exist}, sink: local}
                  vault: {source: mine, sink: safe}
                """);
        String text = Files.readString(terminal.config).replace("sinks:", "sinks:\n  safe: {type: vault, path: /x}");
        Files.writeString(terminal.config, text);
        Path report = directory.resolve("report.json");

        Result run = terminal.run("run", "--report", report.toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("job notes: OK")
                .contains("job nowhere: preflight: notes in /does/not/exist")
                .containsPattern(
                        "job vault: start: sink 'safe': path leads nowhere \\(change it at .*lvs.yaml:5:16\\)");
        assertThat(new ObjectMapper().readTree(report.toFile()).get("runs"))
                .extracting(node -> node.get("outcome").asText())
                .containsExactly("OK", "FAILED", "FAILED");
        assertThat(terminal.run("run", "notes").code()).isZero();
        assertThat(terminal.run("run", "notes", "nowhere").code()).isEqualTo(1);
    }

    @Test
    void findsDamagedBackups() throws Exception {
        terminal.run("run");
        Path payload = terminal.sink.resolve(json(terminal.run("list", "-o", "json"))
                .at("/0/artifacts/0/key")
                .asText());
        byte[] bytes = Files.readAllBytes(payload);
        bytes[bytes.length / 2] ^= 1;
        Files.write(payload, bytes);

        assertThat(terminal.run("verify", "latest", "--level", "stored").code()).isZero();
        Result verified = terminal.run("verify", "latest");
        assertThat(verified.code()).isEqualTo(5);
        assertThat(verified.err())
                .contains("job notes: verify: ")
                .contains(payload.getFileName().toString());
        assertThat(verified.out()).contains("FAILED");
        assertThat(terminal.run("verify", "--all").code()).isEqualTo(5);
        assertThat(terminal.run("restore", "latest", "--to", directory + "/r").code())
                .isEqualTo(5);
    }

    @Test
    void aManifestThatCannotBeReadIsALineOfItsVerificationAndHasNoSize() throws Exception {
        terminal.configure("    retention: {type: standard, keepLast: 1}\n");
        terminal.run("run");
        String id = json(terminal.run("list", "-o", "json")).at("/0/id").asText();
        Path journal = terminal.sink.resolve(".lvs-backup/notes/" + id.substring("notes-".length()));
        Files.writeString(journal.resolve("committed-OK.json"), "{");

        Result verified = terminal.run("verify", "--all");
        assertThat(verified.code()).isEqualTo(5);
        assertThat(verified.out())
                .containsPattern(id + " +local +checksum +FAILED +1 of 1 failed\n")
                .contains("1 backup at level checksum: 0 passed, 1 FAILED\n");
        assertThat(verified.err()).contains("backup " + id + ": manifest: ", "is damaged: it is cut off");

        terminal.now.set(terminal.now().plusSeconds(1));
        assertThat(terminal.run("run").out()).contains("kept 1, deleted 1\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        run nots                                  | 2 | job 'nots': is not in the configuration (did you mean 'notes'?)
        run -j nots                               | 2 | job 'nots': is not in the configuration (did you mean 'notes'?)
        rnu                                       | 2 | there is no command 'rnu'; did you mean 'run'?
        backup                                    | 2 | there is no command 'backup'; did you mean 'run'?
        snapshots                                 | 2 | there is no command 'snapshots'; did you mean 'list'?
        forget --yes                              | 2 | there is no command 'forget'; did you mean 'prune'?
        help rnu                                  | 2 | there is no command 'rnu'; did you mean 'run'?
        help config valid                         | 2 | there is no command 'valid'
        list notes                                | 2 | lvs-backup list: takes no 'notes'; a job is named with -j notes (see lvs-backup list --help)
        show latest notes                         | 2 | takes no 'notes'; a job is named with -j notes
        version please                            | 2 | takes no 'please' (see
        list --dry-run                            | 2 | there is no option '--dry-run'
        --dry-run list                            | 2 | lvs-backup list: has no option --dry-run
        -j notes version                          | 2 | lvs-backup version: has no option --job
        completion bash -o json                   | 2 | there is no option '-o'
        completion tcsh                           | 2 | BASH, ZSH, FISH
        run --reprot x                            | 2 | there is no option '--reprot'; did you mean '--report'?
        status                                    | 2 | this version does not have 'status' yet
        config generate                           | 2 | there is no command 'generate'
        show                                      | 2 | ID
        show latest                               | 8 | job notes: show: backup latest: job notes has no backup in sink local
        verify                                    | 2 | needs either an ID or --all
        verify latest --level deep                | 2 | --level
        restore latest                            | 2 | needs exactly one of --to PLACE, --in-place and --undo
        restore --to x                            | 2 | needs an ID, or latest
        restore latest --to x --set depth=1       | 2 | --set: depth: unknown key; known: overwrite, only
        restore latest --to x --set overwrite=oui | 2 | --set: overwrite: expects true or false
        restore latest --to x --set overwrite     | 2 | --set: is not KEY=VALUE
        list -o xml                               | 2 | --output
        list --plugins /no/such                   | 2 | plugin directory /no/such: cannot be read
        """)
    void tellsWhatIsWrongWithACommandLine(String line, int code, String message) {
        Result result = terminal.run(line.split(" "));

        assertThat(result.code()).isEqualTo(code);
        assertThat(result.err()).contains(message).doesNotContain("\tat ");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void asksForTheJobWhereThereAreSeveral() {
        terminal.configure("  more: {source: mine, sink: local}\n");
        terminal.run("run");

        assertThat(terminal.run("verify", "latest").err())
                .contains("job: there are several: notes, more (say which with -j");
        assertThat(terminal.run("verify", "latest", "-j", "more").code()).isZero();
        String id = ids(terminal.run("list", "-j", "more", "-o", "json")).get(0);
        assertThat(terminal.run("verify", id).code()).isZero();
        assertThat(ids(terminal.run("list", "-o", "json"))).hasSize(2);
    }

    @Test
    void tellsEveryMistakeOfTheConfiguration() {
        terminal.configure("    sorce: mine\n    rpo: soon\n");

        Result result = terminal.run("run");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("lvs.yaml:1"));
    }

    @Test
    void masksSecretsEverywhere() throws Exception {
        Terminal.write(directory.resolve("token"), "very/secret\"token\n");
        terminal.configure("");
        String text = Files.readString(terminal.config)
                .replace(
                        "type: notes, directory: " + terminal.notes,
                        "type: notes, directory: /no/such, token: \"${file:token}\"");
        Files.writeString(terminal.config, text);
        Path report = directory.resolve("report.json");

        Result plain = terminal.run("run", "--verbose", "--report", report.toString());
        Result json = terminal.run("run", "--log-format", "json", "-o", "json");
        Result shown = terminal.run("config", "show");

        assertThat(plain.code()).isEqualTo(1);
        assertThat(plain.err()).contains("token ***");
        assertThat(json.out()).contains("token ***");
        assertThat(json.err()).contains("token ***");
        assertThat(shown.out()).contains("token: '***'");
        assertThat(plain.err() + json.out() + json.err() + shown.out() + Files.readString(report))
                .doesNotContain("very/", "very\\/", "secret");
    }

    @Test
    void showsStackTracesOnlyWhenAsked() throws Exception {
        Files.delete(terminal.notes.resolve("milk"));
        Files.delete(terminal.notes.resolve("bread"));
        Files.delete(terminal.notes);

        assertThat(terminal.run("run").err()).doesNotContain("\tat ");
        assertThat(terminal.run("run", "--verbose").err()).contains("\tat cloud.lvs.backup.");
    }

    @Test
    void logsJsonLinesOnRequest() throws Exception {
        Result result = terminal.run("run", "--log-format", "json");

        assertThat(result.code()).isZero();
        assertThat(result.err().lines()).isNotEmpty();
        for (String line : result.err().lines().toList()) {
            JsonNode node = new ObjectMapper().readTree(line);
            assertThat(fields(node)).startsWith("time", "level", "job").endsWith("message");
            assertThat(Instant.parse(node.get("time").asText()))
                    .isBefore(TestTime.machine().instant().plusSeconds(1));
            assertThat(node.get("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
            assertThat(node.get("level").asText()).isEqualTo("INFO");
            assertThat(node.get("job").asText()).isEqualTo("notes");
            assertThat(node.get("message").asText()).startsWith("job notes: ");
        }
        assertThat(result.err())
                .contains("\"outcome\":\"OK\"")
                .doesNotContain("\"threadName\"", "\"mdc\"", "\"formattedMessage\"");
    }

    @Test
    void logsNothingButJsonLinesOnATerminalToo() throws Exception {
        var err = new ByteArrayOutputStream();
        var now = new AtomicReference<>(terminal.now());
        InstantSource hurrying = () -> now.updateAndGet(time -> time.plusSeconds(40));
        var host = new Host(
                terminal.environment,
                OutputStream.nullOutputStream(),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                hurrying.withZone(ZoneOffset.UTC),
                Progress.Screen.TERMINAL,
                null);

        int code = new LvsBackup(host).execute("-c", terminal.config.toString(), "run", "--log-format", "json");

        assertThat(code).isZero();
        List<String> stages = new ArrayList<>();
        for (String line : err.toString(StandardCharsets.UTF_8).lines().toList()) {
            stages.add(new ObjectMapper().readTree(line).path("stage").asText());
        }
        assertThat(stages).contains("capture");
    }

    @Test
    void logsTheStageOfAFailureAsAField() throws Exception {
        Files.delete(terminal.notes.resolve("milk"));
        Files.delete(terminal.notes.resolve("bread"));
        Files.delete(terminal.notes);

        Result result = terminal.run("run", "--log-format", "json", "--verbose");

        List<JsonNode> errors = new ArrayList<>();
        for (String line : result.err().lines().toList()) {
            JsonNode node = new ObjectMapper().readTree(line);
            if (node.get("level").asText().equals("ERROR")) {
                errors.add(node);
            }
        }
        assertThat(errors.get(0).get("job").asText()).isEqualTo("notes");
        assertThat(errors.get(0).get("stage").asText()).isEqualTo("preflight");
        assertThat(errors.get(1).get("error").asText()).contains("\tat cloud.lvs.backup.");
        assertThat(result.err()).contains("\"outcome\":\"FAILED\"");
        JsonNode shown = new ObjectMapper()
                .readTree(
                        terminal.run("show", "nothing", "--log-format", "json").err());
        assertThat(shown.get("job").asText()).isEqualTo("notes");
        assertThat(shown.get("stage").asText()).isEqualTo("show");
    }

    @Test
    void escapesControlCharactersForATerminal() {
        String reason = "gone\u001B[2Jclear\u202Etxt";
        terminal.run("run");

        assertThat(terminal.run("show", reason).err())
                .contains("gone\\u001b[2Jclear\\u202etxt")
                .doesNotContain("\u001B", "\u202E");
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "list -o json", "config show", "--help", "completion", "providers"})
    void failsWhenItsOutputIsLost(String line) {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        Result result = terminal.into(closed, ("-c " + terminal.config + " " + line).split(" "));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("standard output: cannot be written: Broken pipe");
    }

    @Test
    void aRunWhoseResultIsLostIsPartial() throws Exception {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        Result result = terminal.into(closed, "-c", terminal.config.toString(), "run");

        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err()).contains("job notes: OK").contains("standard output: cannot be written: Broken pipe");
        assertThat(ids(terminal.run("list", "-o", "json"))).hasSize(1);
    }

    @Test
    void printsHowRunsWentInTheFormatAskedFor() throws Exception {
        terminal.configure("  nowhere: {source: {type: notes, directory: /does/not/exist}, sink: local}\n");

        Result table = terminal.run("run");

        assertThat(table.out())
                .startsWith("JOB      OUTCOME  BACKUP ")
                .containsPattern(
                        "\nnotes    OK       notes-" + BackupId.format(now) + "-[a-z0-9]+  2      \\d+ B +0.0 s\n")
                .containsPattern("\nnowhere  FAILED   - +-      - +0.0 s\n");
        JsonNode document = json(terminal.run("run", "-o", "json"));
        assertThat(document.at("/exitCode").asInt()).isEqualTo(1);
        assertThat(document.at("/runs/1/outcome").asText()).isEqualTo("FAILED");
        assertThat(new YAMLMapper()
                        .readTree(terminal.run("run", "notes", "-o", "yaml").out())
                        .at("/runs/0/outcome")
                        .asText())
                .isEqualTo("OK");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''         | is a directory
        DIR        | is a directory
        DIR/none/x | does not exist
        """)
    void tellsInPlainWordsWhyTheConfigurationCannotBeRead(String name, String why) {
        Result result = terminal.bare("-c", name.replace("DIR", directory.toString()), "run");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err())
                .startsWith("configuration ")
                .contains(why)
                .doesNotContain("java.")
                .doesNotContain("Exception");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void failsWhenTheDiskIsFull() throws Exception {
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            assertThat(terminal.into(full, "version").err()).contains("No space left on device");
        }
    }

    @Test
    void stopsWhenInterruptedAndCleansUp() throws Exception {
        Terminal.write(terminal.notes.resolve("slow"), "zzz");
        Path report = directory.resolve("report.json");
        CompletableFuture<Result> stopped = new CompletableFuture<>();
        Thread worker =
                new Thread(() -> stopped.complete(terminal.run("run", "--report", report.toString())), "worker");
        worker.start();
        Path waiting = directory.resolve("waiting");
        for (int i = 0; i < 500 && !Files.exists(waiting); i++) {
            Thread.sleep(20);
        }
        worker.interrupt();
        Result result = stopped.get(60, TimeUnit.SECONDS);

        assertThat(result.code()).isEqualTo(130);
        assertThat(result.err()).contains("job notes: capture: ").contains("asked to stop");
        assertThat(new ObjectMapper().readTree(report.toFile()).get("exitCode").asInt())
                .isEqualTo(130);
        try (Stream<Path> files = Files.walk(terminal.sink)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.contains(".zst"));
        }
        Files.delete(terminal.notes.resolve("slow"));
        terminal.now.updateAndGet(now -> now.plus(Duration.ofMinutes(1)));
        assertThat(terminal.run("run").code()).isZero();
    }

    @Test
    void changesNothingInADryRun() {
        Result result = terminal.run("run", "--dry-run");

        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("job notes: OK: dry run, 2 items found");
        assertThat(terminal.sink).doesNotExist();
    }

    @Test
    void showsItsVersionHelpSchemaAndCompletion() throws Exception {
        assertThat(terminal.bare("version").out()).matches("lvs-backup \\d+\\.\\d+\\.\\d+.* \\(Java .*\\)\n");
        assertThat(terminal.bare("--version").out()).startsWith("lvs-backup ");
        assertThat(terminal.bare("--help").out())
                .contains("Commands:")
                .contains("  verify ")
                .contains("Exit codes:");
        assertThat(terminal.bare("restore", "--help").out())
                .contains("--in-place")
                .contains("--job");
        assertThat(terminal.bare("completion").out()).contains("-F _lvs_backup lvs-backup");
        assertThat(terminal.bare().code()).isEqualTo(2);
        JsonNode schema = json(terminal.run("config", "schema"));
        assertThat(schema.at("/$defs/source/properties/type/else/enum").toString())
                .contains("\"notes\"")
                .contains("\"k3s\"");
        assertThat(schema.at("/additionalProperties").asBoolean(true)).isFalse();
        assertThat(json(terminal.run("providers", "-o", "json"))).anySatisfy(provider -> {
            assertThat(provider.get("kind").asText()).isEqualTo("sink");
            assertThat(provider.get("type").asText()).isEqualTo("directory");
            assertThat(provider.get("state").asText()).isEqualTo("ok");
        });
    }

    @Test
    void refusesToRestoreToAPlaceWithoutAName() {
        terminal.run("run");

        Result result = terminal.run("restore", "latest", "-j", "notes", "--to", "");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("--to: is empty");
    }

    @Test
    void helpsWithEveryCommand() {
        assertThat(terminal.bare("help")).isEqualTo(terminal.bare("--help"));
        assertThat(terminal.bare("help").out())
                .contains("k3s and PostgreSQL")
                .doesNotContain("Longhorn")
                .doesNotContain("  complete ", "  man ");
        assertThat(terminal.bare("help", "run")).isEqualTo(terminal.bare("run", "--help"));
        assertThat(terminal.bare("help", "config", "validate"))
                .isEqualTo(terminal.bare("config", "validate", "--help"))
                .extracting(Result::code)
                .isEqualTo(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        version       | --dry-run --job --output --config --plugins
        completion    | --dry-run --job --output --config --plugins
        help          | --dry-run --job --output --config --plugins
        providers     | --dry-run --job
        config schema | --dry-run --job
        list          | --dry-run
        show          | --dry-run
        verify        | --dry-run
        """)
    void showsNoOptionThatMeansNothing(String command, String options) {
        assertThat(terminal.bare((command + " --help").split(" ")).out())
                .contains("Usage: lvs-backup " + command)
                .doesNotContain(options.split(" "));
    }

    @Test
    void stillPrintsItsVersionAsADocument() throws Exception {
        assertThat(json(terminal.run("-o", "json", "version")).has("version")).isTrue();
        assertThat(json(terminal.run("version", "-o", "json")).has("version")).isTrue();
    }

    private static JsonNode json(Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }

    private static List<String> ids(Result result) {
        try {
            List<String> ids = new ArrayList<>();
            json(result).forEach(backup -> ids.add(backup.get("id").asText()));
            return ids;
        } catch (IOException e) {
            throw new AssertionError(result.toString(), e);
        }
    }

    private static List<String> fields(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
