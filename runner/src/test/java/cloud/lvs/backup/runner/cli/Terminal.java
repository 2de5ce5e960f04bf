package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.runner.output.Progress.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs command lines in this process, in a directory with notes to back up and a configuration, at the machine's time: the
 * sinks are directories, whose files bear that.
 */
final class Terminal {
    final Path directory;
    final Path config;
    final Path notes;
    final Path sink;
    final Path temporary;
    final Map<String, String> environment = new HashMap<>();
    final AtomicReference<Instant> now =
            new AtomicReference<>(TestClock.machine().instant());

    /** What a command line did. */
    record Result(int code, String out, String err) {}

    Terminal(Path directory) {
        this.directory = directory;
        this.config = directory.resolve("lvs.yaml");
        this.notes = directory.resolve("notes");
        this.sink = directory.resolve("sink");
        write(notes.resolve("milk"), "buy milk");
        write(notes.resolve("bread"), "buy bread");
        configure("");
        temporary = directory.resolve("tmp");
        makeDirectory(temporary);
        environment.put("TMPDIR", temporary.toString());
    }

    private static void makeDirectory(Path path) {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A configuration with one job {@code notes}, and what follows it. */
    void configure(String more) {
        write(config, """
                version: 1
                sources:
                  mine: {type: notes, directory: %1$s/notes}
                sinks:
                  local: {type: directory, path: %1$s/sink}
                  other: {type: directory, path: %1$s/other}
                jobs:
                  notes:
                    source: mine
                    sink: local
                """.formatted(directory) + more);
    }

    static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Instant now() {
        return Objects.requireNonNull(now.get());
    }

    /** The present time as an id of a backup has it, e.g. {@code 20261122T030000Z}. */
    String stamp() {
        return DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(now());
    }

    /** With {@code -c} before the arguments. */
    Result run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-c";
        all[1] = config.toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return bare(all);
    }

    Result bare(String... arguments) {
        var out = new ByteArrayOutputStream();
        Result result = into(out, arguments);
        return new Result(result.code(), out.toString(StandardCharsets.UTF_8), result.err());
    }

    Result into(OutputStream out, String... arguments) {
        var err = new ByteArrayOutputStream();
        Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
        var host =
                new Host(environment, out, new PrintStream(err, true, StandardCharsets.UTF_8), clock, Screen.LOG, null);
        int code = new LvsBackup(host).execute(arguments);
        return new Result(code, "", err.toString(StandardCharsets.UTF_8));
    }
}
