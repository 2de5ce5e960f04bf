package cloud.lvs.backup.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs what {@code package} made as processes of their own; see the execution {@code distribution} in the POM. */
class DistributionTest {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path DISTRIBUTION = TARGET.resolve("lvs-backup");
    private static final Path JAR = TARGET.resolve("lvs-backup.jar");

    @TempDir
    Path directory;

    private Path config;

    /** The two packagings it comes in. */
    enum Packaging {
        DISTRIBUTION {
            @Override
            List<String> command() {
                return List.of(
                        DistributionTest.DISTRIBUTION.resolve("bin/lvs-backup").toString());
            }
        },
        EXECUTABLE_JAR {
            @Override
            List<String> command() {
                return List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString());
            }
        };

        abstract List<String> command();
    }

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void configure() throws IOException {
        Files.createDirectories(directory.resolve("notes"));
        Files.writeString(directory.resolve("notes/milk"), "buy milk");
        Path plugins = Files.createDirectories(directory.resolve("plugins/notes"));
        packNotesPlugin(plugins.resolve("notes.jar"));
        config = Files.writeString(directory.resolve("lvs.yaml"), """
                version: 1
                sources:
                  mine: {type: notes, directory: %1$s/notes}
                sinks:
                  local: {type: directory, path: %1$s/sink}
                jobs:
                  notes: {source: mine, sink: local, retention: {keepLast: 3}, encryption: {type: none}}
                """.formatted(directory));
    }

    @ParameterizedTest
    @EnumSource
    void backsUpWithAPluginVerifiesAndRestores(Packaging packaging) throws Exception {
        Result run = run(packaging, "run");
        assertThat(run.err()).contains("job notes: OK notes-");
        assertThat(run.code()).isZero();
        assertThat(run(packaging, "list", "-o", "json").out())
                .contains("\"job\": \"notes\"")
                .contains("\"milk\"");
        assertThat(run(packaging, "verify", "latest", "--level", "content").code())
                .isZero();
        assertThat(run(packaging, "restore", "latest", "--to", directory + "/restored")
                        .code())
                .isZero();
        assertThat(directory.resolve("restored/milk")).hasContent("buy milk");
        assertThat(run(packaging, "prune").out()).contains("keepLast");
    }

    @ParameterizedTest
    @EnumSource
    void findsEveryBuiltInProvider(Packaging packaging) throws Exception {
        Result result = run(packaging, "providers");

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("k3s")
                .contains("directory")
                .contains("standard")
                .doesNotContain("broken");
        assertThat(run(packaging, "config", "validate").code()).isZero();
        assertThat(run(packaging, "version").out()).startsWith("lvs-backup ");
    }

    @ParameterizedTest
    @EnumSource
    void failsOnAFullDiskAndAClosedPipe(Packaging packaging) throws Exception {
        assertThat(shell(packaging, "COMMAND version > /dev/full"))
                .satisfies(full -> assertThat(full.code()).isEqualTo(1))
                .satisfies(full -> assertThat(full.err()).contains("standard output: cannot be written"));
        assertThat(shell(packaging, "(sleep 0.5; COMMAND version) | true; exit \"${PIPESTATUS[0]}\""))
                .satisfies(closed -> assertThat(closed.code()).isEqualTo(1))
                .satisfies(closed -> assertThat(closed.err()).contains("standard output: cannot be written"));
    }

    @ParameterizedTest
    @EnumSource
    void cleansUpOnSigterm(Packaging packaging) throws Exception {
        Files.writeString(directory.resolve("notes/slow"), "zzz");
        Process process = start(command(packaging, "run"));
        Path waiting = directory.resolve("waiting");
        for (int i = 0; i < 1500 && !Files.exists(waiting) && process.isAlive(); i++) {
            Thread.sleep(20);
        }
        // Process.destroy would close the streams too.
        assertThat(process.toHandle().destroy()).isTrue();
        Result stopped = finish(process);

        assertThat(stopped.code()).isEqualTo(143);
        assertThat(stopped.err()).contains("job notes: capture: ").contains("asked to stop");
        try (Stream<Path> files = Files.walk(directory.resolve("sink"))) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".zst"));
        }
    }

    @Test
    void startsThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("lvs"), DISTRIBUTION.resolve("bin/lvs-backup"));

        assertThat(finish(start(List.of(link.toString(), "version"))).out()).startsWith("lvs-backup ");
        Files.delete(link);
    }

    @Test
    void readsFileNamesBeyondAsciiInTheCLocaleToo() throws Exception {
        Path umlauts = Files.createDirectories(directory.resolve("größe"));
        Files.copy(config, umlauts.resolve("lvs.yaml"));
        String launcher = DISTRIBUTION.resolve("bin/lvs-backup").toString();
        String arguments = " -c größe/lvs.yaml --plugins plugins config validate";
        for (String locale : List.of("env -u LC_ALL -u LC_CTYPE -u LANG ", "env LC_ALL=C ", "env LC_ALL=POSIX ")) {
            String line = "cd " + directory + " && " + locale + launcher + arguments;

            assertThat(finish(start(List.of("bash", "-c", line))))
                    .as(line)
                    .satisfies(result -> assertThat(result.err()).isEmpty())
                    .satisfies(result -> assertThat(result.code()).isZero());
        }
    }

    @Test
    void refusesAnOldJavaAndTellsWhereThereIsNone() throws Exception {
        Path old = Files.createDirectories(directory.resolve("jdk"));
        ProcessBuilder builder =
                new ProcessBuilder(DISTRIBUTION.resolve("bin/lvs-backup").toString(), "version");
        builder.environment().put("JAVA_HOME", old.toString());
        assertThat(finish(builder.start()))
                .satisfies(none -> assertThat(none.code()).isEqualTo(2))
                .satisfies(none -> assertThat(none.err()).contains("JAVA_HOME has no bin/java"));

        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        Files.createDirectories(old.resolve("bin"));
        assertThat(Files.writeString(old.resolve("bin/java"), "#!/bin/sh\n")
                        .toFile()
                        .setExecutable(true))
                .isTrue();
        assertThat(finish(builder.start()))
                .satisfies(tooOld -> assertThat(tooOld.code()).isEqualTo(2))
                .satisfies(tooOld -> assertThat(tooOld.err()).contains("is too old"));
    }

    @Test
    void endsAsIfKilledWhenMemoryRunsOut() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command(Packaging.DISTRIBUTION, "config", "validate"));
        builder.environment().put("LVS_JAVA_OPTS", "-Xmx2m");

        assertThat(finish(builder.start()).code()).isEqualTo(137);
    }

    @Test
    void makesAClassDataArchiveThatFits() throws Exception {
        Path copy = directory.resolve("copy");
        try (Stream<Path> files = Files.walk(DISTRIBUTION)) {
            for (Path file : files.toList()) {
                Path to = copy.resolve(DISTRIBUTION.relativize(file).toString());
                Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Result made = finish(start(List.of(copy.resolve("bin/make-cds-archive").toString())));

        assertThat(made).isEqualTo(new Result(0, "", ""));
        assertThat(copy.resolve("lib/app.jsa")).isRegularFile();
        ProcessBuilder strict =
                new ProcessBuilder(copy.resolve("bin/lvs-backup").toString(), "version");
        strict.environment().put("LVS_JAVA_OPTS", "-Xshare:on");
        assertThat(finish(strict.start()).out()).startsWith("lvs-backup ");
    }

    @Test
    void packsOneJarThatIsWhole() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Multi-Release"))
                    .isEqualTo("true");
            assertThat(jar.getManifest().getMainAttributes().getValue("Class-Path"))
                    .isNull();
            assertThat(jar.stream().map(JarEntry::getName))
                    .contains(
                            "META-INF/services/cloud.lvs.backup.spi.SourceProvider",
                            "META-INF/services/java.sql.Driver")
                    .noneMatch(
                            name -> name.endsWith("module-info.class") || name.matches("META-INF/.*\\.(SF|RSA|DSA)"));
        }
    }

    private static void packNotesPlugin(Path jar) throws IOException {
        Path classes = TARGET.resolve("test-classes");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes.resolve("cloud/lvs/backup/runner/testing"))) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith("Notes"))
                    .toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, entries);
            }
            String service = "META-INF/services/cloud.lvs.backup.spi.SourceProvider";
            entries.putNextEntry(new JarEntry(service));
            Files.copy(classes.resolve(service), entries);
        }
    }

    private List<String> command(Packaging packaging, String... arguments) {
        List<String> command = new ArrayList<>(packaging.command());
        command.addAll(List.of(
                "-c",
                config.toString(),
                "--plugins",
                directory.resolve("plugins").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private Result run(Packaging packaging, String... arguments) throws Exception {
        return finish(start(command(packaging, arguments)));
    }

    private Result shell(Packaging packaging, String line) throws Exception {
        return finish(start(List.of("bash", "-c", line.replace("COMMAND", String.join(" ", packaging.command())))));
    }

    private Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private Result finish(Process process) throws Exception {
        Path err = Files.createTempFile(directory, "err", "");
        Thread reader = new Thread(() -> {
            try {
                Files.write(err, process.getErrorStream().readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        reader.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        reader.join();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), out, Files.readString(err));
    }
}
