package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.Main;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process: how it ends when it is stopped, when it is killed, and when somebody in it calls for the end. */
class ProcessTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    private Terminal terminal;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void open() {
        terminal = new Terminal(directory);
    }

    @AfterEach
    void close() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "-c",
                terminal.config.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().put("TMPDIR", terminal.temporary.toString());
        builder.environment()
                .put("LVS_BACKUP_PLUGINS", directory.resolve("plugins").toString());
        Files.createDirectories(directory.resolve("plugins"));
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private int run(String... arguments) throws IOException, InterruptedException {
        return codeOf(start(arguments));
    }

    private static int codeOf(Process process) throws InterruptedException {
        assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private String out() throws IOException {
        return Files.readString(directory.resolve("out"));
    }

    private String err() throws IOException {
        return Files.readString(directory.resolve("err"));
    }

    private void installGuest(String where, String how) throws IOException {
        Guest.install(directory.resolve("work"), directory.resolve("plugins/evil.jar"));
        terminal.configure("""
                  evil:
                    source: {type: evil, where: '%s', how: '%s'}
                    sink: local
                """.formatted(where, how));
    }

    /** A run that waits in the middle of its work. */
    private Process startSlowRun() throws IOException, InterruptedException {
        Terminal.write(terminal.notes.resolve("slow"), "a secret");
        Process process = start("run");
        awaitFile(directory.resolve("waiting"));
        return process;
    }

    private void awaitFile(Path file) throws IOException, InterruptedException {
        Instant end = TestTime.machine().instant().plus(LONG);
        while (!Files.exists(file)) {
            assertThat(TestTime.machine().instant())
                    .as("%s has to come; %s", file, err())
                    .isBefore(end);
            Thread.sleep(20);
        }
    }

    private List<String> scratchFiles() throws IOException {
        try (Stream<Path> files = Files.walk(terminal.temporary)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    @Test
    void theRunAfterAKilledOneGoesThroughAtOnceAndRemovesItsSecrets() throws Exception {
        Process killed = startSlowRun();
        assertThat(scratchFiles()).contains("plain");
        killed.destroyForcibly().waitFor();
        assertThat(scratchFiles()).contains("plain");
        Files.delete(terminal.notes.resolve("slow"));

        assertThat(run("run")).as(err()).isZero();

        assertThat(terminal.temporary).isEmptyDirectory();
        assertThat(err())
                .containsPattern("lvs-scratch-\\w+ of process " + killed.pid() + " on .*, which ended without"
                        + " cleaning up, was removed");
    }

    @Test
    void aSignalIsNamedAndLeavesNothing() throws Exception {
        Process stopped = startSlowRun();

        stopped.destroy();

        assertThat(codeOf(stopped)).isEqualTo(143);
        assertThat(err()).contains("job notes: capture: job notes: was asked to stop by SIGTERM (run it again)\n");
        assertThat(terminal.temporary).isEmptyDirectory();
    }

    @Test
    void anExitThatCouldNotBeReplacedEndsAtOnceAndAsAFailure() throws Exception {
        installGuest("capture", "reflection");

        Instant began = TestTime.machine().instant();
        int code = run("run", "evil", "notes");

        assertThat(code).isEqualTo(1);
        assertThat(err())
                .containsPattern(
                        "lvs-backup: job evil: capture: plugin evil\\.jar \\(plug\\.Deed\\.reflect\\) ended the"
                                + " process; the rest of the work is not done")
                .doesNotContain("\tat ");
        assertThat(Duration.between(began, TestTime.machine().instant())).isLessThan(LONG);
        assertThat(run("run", "notes")).isZero();
    }

    @Test
    void aThreadOfAPluginThatExitsEndsItselfAlone() throws Exception {
        installGuest("capture", "thread");

        assertThat(run("run", "evil", "notes")).as(err()).isZero();

        assertThat(err())
                .containsPattern("lvs-backup: thread 'guest' of plugin evil\\.jar \\(plug\\.Deed\\.\\S+\\): called"
                        + " System\\.exit\\(0\\), which would have ended the process\n")
                .contains("job evil: OK")
                .contains("job notes: OK")
                .doesNotContain("\tat ");
    }

    @Test
    void whatAPluginPrintsIsNoPartOfAResult() throws Exception {
        installGuest("inventory", "print");

        assertThat(run("run", "evil", "-o", "json")).as(err()).isZero();

        assertThat(new ObjectMapper()
                        .readTree(out().getBytes(StandardCharsets.UTF_8))
                        .at("/runs/0/job")
                        .asText())
                .isEqualTo("evil");
        assertThat(err()).contains("stdout from plugin\n");
    }

    @Test
    @EnabledIfSystemProperty(named = "lvs.test.extent", matches = "full", disabledReason = "waits for 25 s")
    void whatDoesNotEndInTimeIsNamedWithJobStageAndCause() throws Exception {
        installGuest("capture", "hang");
        Process hanging = start("run", "evil");
        while (!err().contains("hanging")) {
            Thread.sleep(20);
        }

        hanging.destroy();

        assertThat(codeOf(hanging)).isEqualTo(143);
        assertThat(err())
                .containsPattern(
                        "lvs-backup: job evil: capture: did not end within 25 s of SIGTERM: it is in \\S+, called by"
                                + " plugin evil\\.jar \\(plug\\.Deed\\.hang\\) \\(a later prune sweeps what is left; the lock"
                                + " expires, or free it with 'unlock'\\)");
    }
}
