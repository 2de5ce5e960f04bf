package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where reports and textfiles may be written, and what is left alone. */
@EnabledOnOs(OS.LINUX)
class OutputFileTest {
    /** Every command that writes a file, with the option for it. */
    private static final List<List<String>> WRITERS =
            List.of(List.of("run", "--report"), List.of("drill", "--report"), List.of("metrics", "--textfile"));

    @TempDir
    Path directory;

    private Terminal terminal;

    @BeforeEach
    void open() {
        terminal = new Terminal(directory);
        // The directory's files have the time of the machine.
        terminal.now.set(TestClock.machine().instant());
        terminal.environment.put("TMPDIR", directory.toString());
    }

    private void shell(String script) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("/bin/sh", "-ec", script)
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).as(script).isZero();
    }

    private Result write(List<String> writer, String file) {
        return terminal.run(
                writer.get(0), writer.get(1), directory.resolve(file).toString());
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    private long backups() throws IOException {
        return json(terminal.run("list", "-o", "json").out()).size();
    }

    @Test
    void writesThroughLinks() throws Exception {
        terminal.run("run");
        shell(
                "mkdir there; echo unwritten > there/real.json; ln -s there/real.json link.json; ln -s link.json far.json;"
                        + " ln -s there/new.json dangling.json");

        for (List<String> writer : WRITERS) {
            for (String name : List.of("link.json", "far.json", "dangling.json")) {
                assertThat(write(writer, name).code()).isZero();
                assertThat(directory.resolve(name)).isSymbolicLink();
                assertThat(directory.resolve(name))
                        .content()
                        .doesNotContain("unwritten")
                        .isNotEmpty();
            }
        }
        assertThat(directory.resolve("link.json").toRealPath())
                .isEqualTo(directory.resolve("there/real.json").toRealPath());
        try (Stream<Path> files = Files.list(directory.resolve("there"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("real.json", "new.json");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw-rw-rw-", "r--------"})
    void keepsTheModeOfAFileThatExists(String mode) throws Exception {
        terminal.run("run");
        Path file = directory.resolve("report.json");
        for (List<String> writer : WRITERS) {
            Files.writeString(file, "old");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

            assertThat(write(writer, "report.json").code()).isZero();

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo(mode);
            assertThat(file).content().isNotEqualTo("old");
            Files.delete(file);
        }
    }

    @Test
    void leavesDevicesWhatTheyAre() throws Exception {
        terminal.run("run");
        shell("ln -s /dev/null null.json");
        boolean root = "root".equals(System.getProperty("user.name"));
        if (root) {
            shell("mknod own c 1 3");
        }

        for (List<String> writer : WRITERS) {
            for (String name : root ? List.of("null.json", "own") : List.of("null.json")) {
                assertThat(write(writer, name).code()).isZero();
                assertThat(Files.isRegularFile(directory.resolve(name))).isFalse();
                assertThat(Files.readAllBytes(directory.resolve(name))).isEmpty();
            }
        }
        assertThat(directory.resolve("null.json")).isSymbolicLink();
        Files.delete(directory.resolve("null.json"));
    }

    @Test
    void writesIntoAPipe() throws Exception {
        shell("mkfifo pipe");
        Path pipe = directory.resolve("pipe");
        CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.readString(pipe);
            } catch (IOException e) {
                return e.toString();
            }
        });

        assertThat(write(WRITERS.get(0), "pipe").code()).isZero();

        assertThat(json(read.get(60, TimeUnit.SECONDS)).at("/runs/0/outcome").asText())
                .isEqualTo("OK");
        assertThat(Files.isRegularFile(pipe, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void replacesWhatIsPrintedOnStandardOutput() throws Exception {
        Result run = terminal.run("run", "--report", "-", "-o", "yaml");
        assertThat(run.code()).isZero();
        assertThat(json(run.out()).at("/runs/0/outcome").asText()).isEqualTo("OK");

        Result drill = terminal.run("drill", "--report", "/dev/stdout");
        assertThat(drill.code()).isZero();
        assertThat(json(drill.out()).at("/drills/0/passed").asBoolean()).isTrue();

        Result metrics = terminal.run("metrics", "--textfile", "-");
        assertThat(metrics.code()).isZero();
        assertThat(metrics.out()).startsWith("# HELP ").containsOnlyOnce("lvs_backup_backups{");
        assertThat(directory.resolve("-")).doesNotExist();

        shell("ln -s /proc/self/fd/1 stdout");
        Result linked = write(WRITERS.get(0), "stdout");
        assertThat(json(linked.out()).at("/runs/0/outcome").asText()).isEqualTo("OK");
        Files.delete(directory.resolve("stdout"));
    }

    @Test
    void looksBeforeTheWorkWhetherAFileCanBeWritten() throws Exception {
        shell("mkdir place.json; ln -s a.json b.json; ln -s b.json a.json");

        for (List<String> writer : WRITERS) {
            assertThat(write(writer, "none/x.json")).satisfies(refused("there is no directory " + directory + "/none"));
            assertThat(write(writer, "place.json")).satisfies(refused("it is a directory"));
            assertThat(write(writer, "a.json")).satisfies(refused("its symbolic links lead in a circle"));
            assertThat(write(writer, "lvs.yaml/x.json")).satisfies(refused("not a directory"));
            assertThat(write(writer, "x".repeat(300) + ".json")).satisfies(refused("file name too long"));
        }
        assertThat(terminal.run("run", "--report", "")).satisfies(refused("it has no name"));
        assertThat(terminal.sink).doesNotExist();
    }

    private java.util.function.Consumer<Result> refused(String why) {
        return result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err())
                    .hasLineCount(1)
                    .contains(": cannot be written: " + why)
                    .contains("nothing was done")
                    .doesNotContain("Exception")
                    .doesNotContain("java.");
            assertThat(result.out()).isEmpty();
        };
    }

    @Test
    void writesIntoAFileInADirectoryOfOthers() throws Exception {
        shell("mkdir theirs; echo old > theirs/report.json; chmod 500 theirs");
        try {
            assumeThat(Files.isWritable(directory.resolve("theirs"))).isFalse();

            assertThat(write(WRITERS.get(0), "theirs/report.json").code()).isZero();
            assertThat(directory.resolve("theirs/report.json")).content().startsWith("{");
            assertThat(write(WRITERS.get(0), "theirs/new.json")).satisfies(refused("permission denied"));
        } finally {
            shell("chmod 700 theirs");
        }
    }

    @Test
    void aReportThatGetsLostLeavesAGoodBackupPartial() throws Exception {
        shell("ln -s /dev/full full.json");

        Result run = write(WRITERS.get(0), "full.json");

        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err())
                .contains("job notes: OK")
                .contains("--report " + directory + "/full.json: cannot be written: no space left on device")
                .doesNotContain("Exception");
        assertThat(backups()).isEqualTo(1);
        assertThat(write(WRITERS.get(1), "full.json").code()).isEqualTo(3);
        assertThat(write(WRITERS.get(2), "full.json").code()).isEqualTo(1);
        Files.delete(directory.resolve("full.json"));
    }
}
