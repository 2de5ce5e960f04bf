package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands say of backups that do not count: of one that is named, and of one that is newer than {@code latest}. */
class WhatCountsTest {
    private static final String FUTURE = "dated in the future";

    @TempDir
    Path directory;

    private Terminal terminal;
    /** The directory sinks date their files by the clock of this machine. */
    private final Instant now = TestTime.machine().instant();

    @BeforeEach
    void open() throws IOException {
        terminal = new Terminal(directory);
        Files.createDirectory(directory.resolve("scratch"));
        terminal.environment.put("TMPDIR", directory.resolve("scratch").toString());
        terminal.now.set(now.minus(Duration.ofMinutes(40)));
    }

    private String backUp() throws IOException {
        String id = json(terminal.run("run", "-o", "json")).at("/runs/0/id").asText();
        terminal.now.updateAndGet(before -> before.plus(Duration.ofMinutes(20)));
        return id;
    }

    private String backUpPartly() throws IOException {
        Path broken = terminal.notes.resolve("broken");
        Terminal.write(broken, "x");
        String id = backUp();
        Files.delete(broken);
        return id;
    }

    private static JsonNode json(Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }

    private Result work(String command, String id, String... more) {
        List<String> line = new ArrayList<>(List.of(command.split(" ")));
        line.add(1, id);
        line.addAll(List.of(more));
        if (command.equals("restore")) {
            line.addAll(List.of("--to", directory + "/restored" + System.nanoTime()));
        } else if (command.equals("copy")) {
            line.addAll(List.of("--to", "other"));
        }
        return terminal.run(line.toArray(String[]::new));
    }

    /** The document of the backup in what a command prints. */
    private static JsonNode document(String command, Result result) throws IOException {
        JsonNode printed = json(result);
        return switch (command) {
            case "copy" -> printed.get(0);
            case "drill" -> printed.at("/drills/0");
            default -> printed;
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "verify --level content", "restore", "drill", "copy"})
    void whoeverNamesAPartialBackupIsToldWhatItLacks(String command) throws Exception {
        backUp();
        String partial = backUpPartly();

        Result text = work(command, partial);
        assertThat(text.code()).as(text.err()).isEqualTo(3);
        assertThat(text.err()).contains("backup " + partial + " is partial, it lacks item broken: cannot be read\n");

        Result asJson = work(command, partial, "-o", "json");
        assertThat(asJson.code()).isEqualTo(3);
        assertThat(document(command, asJson).get("lacks"))
                .singleElement()
                .extracting(JsonNode::asText)
                .isEqualTo("item broken: cannot be read");
    }

    @Test
    void noResultOfAPartialBackupSaysPassed() throws Exception {
        String partial = backUpPartly();
        Path evidence = directory.resolve("drill.md");

        assertThat(terminal.run("verify", partial).out())
                .contains(partial + ": checksum: partial\n  lacks item broken: cannot be read\n");
        assertThat(terminal.run("drill", partial, "--report", evidence.toString())
                        .out())
                .contains(partial + ": drill: partial, ");
        assertThat(evidence).content().contains("**partial**", "it lacks item broken: cannot be read");
    }

    private enum Flawed {
        PARTIAL("it is partial"),
        DAMAGED("it is damaged"),
        HOLLOW("it is hollow"),
        DATED_AHEAD("it is dated in the future");

        private final String words;

        Flawed(String words) {
            this.words = words;
        }
    }

    private String backUpFlawed(Flawed how) throws IOException {
        switch (how) {
            case PARTIAL -> {
                return backUpPartly();
            }
            case DATED_AHEAD -> {
                terminal.now.set(now.plus(Duration.ofDays(400)));
                String id = backUp();
                terminal.now.set(now);
                return id;
            }
            default -> {
                String id = backUp();
                ruin(id.substring(id.lastIndexOf('-') + 1), how);
                return id;
            }
        }
    }

    private void ruin(String run, Flawed how) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(terminal.sink)) {
            files = walk.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains(run))
                    .toList();
        }
        for (Path file : files) {
            boolean isJournal = terminal.sink.relativize(file).startsWith(".lvs-backup");
            if (how == Flawed.HOLLOW && !isJournal) {
                Files.delete(file);
            } else if (how == Flawed.DAMAGED && file.getFileName().toString().startsWith("committed-")) {
                Files.writeString(file, "{");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void latestIsTheOlderWholeOneAndTheNewerIsTold(Flawed how) throws Exception {
        String whole = backUp();
        String flawed = backUpFlawed(how);

        for (String command : List.of("verify", "restore", "drill", "copy")) {
            Result text = work(command, "latest");
            assertThat(text.code()).as(command + ": " + text.err()).isZero();
            assertThat(text.err())
                    .as(command)
                    .contains("warning: sink local: backup " + flawed + " does not count: " + how.words);
            if (!command.equals("restore")) {
                assertThat(text.out()).as(command).contains(whole).doesNotContain(flawed);
            }

            Result asJson = work(command, "latest", "-o", "json");
            assertThat(asJson.code()).as(command).isZero();
            JsonNode document = document(command, asJson);
            assertThat(document.get(command.equals("copy") ? "origin" : "id").asText())
                    .as(command)
                    .isEqualTo(whole);
            assertThat(document.get("lacks")).as(command).isEmpty();
            assertThat(document.get("warnings"))
                    .as(command)
                    .anySatisfy(warning -> assertThat(warning.asText())
                            .contains("backup " + flawed + " does not count: " + how.words));
        }
    }

    @Test
    void aRunTellsOfEverySinkWhoseClockDisagreesAndOfWhatIsDatedAheadThere() throws Exception {
        terminal.configure("    copies: [{sink: other}]\n");
        terminal.now.set(now.plus(Duration.ofDays(400)));
        Result ahead = terminal.run("run", "-o", "json");
        assertThat(ahead.code()).isEqualTo(3);
        JsonNode warnings = json(ahead).at("/runs/0/warnings");
        for (String sink : List.of("local", "other")) {
            String complaint = "ahead of the clock of sink " + sink + "; set it right";
            assertThat(ahead.err().lines().filter(line -> line.contains(": warning: ") && line.contains(complaint)))
                    .hasSize(1);
            assertThat(warnings)
                    .anySatisfy(warning -> assertThat(warning.asText()).contains(complaint));
        }

        terminal.now.set(now);
        Result right = terminal.run("run", "-o", "json");
        assertThat(right.code()).as(right.err()).isZero();
        for (String sink : List.of("local", "other")) {
            String told = "sink " + sink + ": backup notes-";
            assertThat(right.err().lines().filter(line -> line.contains(told) && line.contains(FUTURE)))
                    .hasSize(1);
            assertThat(json(right).at("/runs/0/warnings"))
                    .anySatisfy(warning ->
                            assertThat(warning.asText()).startsWith(told).contains(FUTURE));
        }
    }
}
