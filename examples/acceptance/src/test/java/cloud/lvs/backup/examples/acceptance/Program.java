package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program run as a process of its own, in one working directory. */
final class Program {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final List<String> command;
    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();

    Program(Path directory, List<String> command) {
        this.command = List.copyOf(command);
        this.directory = directory;
    }

    /** The launcher of a distribution. */
    static Program launcher(Path distribution, Path directory) {
        return new Program(
                directory, List.of(distribution.resolve("bin/lvs-backup").toString()));
    }

    /** The executable jar. */
    static Program jar(Path directory) {
        return new Program(
                directory,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        Checkout.executableJar().toString()));
    }

    /** A shell that runs a script, given as its arguments. */
    static Program shell(Path directory) {
        return new Program(directory, List.of("/bin/bash", "-euo", "pipefail", "-c"));
    }

    Program with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** What a process left. */
    record Result(int exitCode, String out, String err) {
        Result expect(int code) {
            assertThat(exitCode)
                    .as("exit code; standard error: %s%nstandard output: %s", err, out)
                    .isEqualTo(code);
            return this;
        }
    }

    /** A process at work. */
    record Running(Process process, Path out, Path err) {
        Result await() throws IOException, InterruptedException {
            try {
                assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .as("ends within " + PATIENCE)
                        .isTrue();
                return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                process.destroyForcibly();
            }
        }
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        return start(arguments).await();
    }

    Running start(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(command);
        line.addAll(Arrays.asList(arguments));
        Path out = Files.createTempFile(directory, ".out-", "");
        Path err = Files.createTempFile(directory, ".err-", "");
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(environment);
        return new Running(builder.start(), out, err);
    }
}
