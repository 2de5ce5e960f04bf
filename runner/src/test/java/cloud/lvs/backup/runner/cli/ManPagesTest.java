package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.runner.cli.Terminal.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manual pages say what the help says, in roff that the formatters take. */
class ManPagesTest {
    @TempDir
    Path directory;

    private Path pages;

    @BeforeEach
    void write() {
        pages = directory.resolve("share/man/man1");
        Result written = new Terminal(directory).bare("man", "--to", pages.toString());
        assertThat(written).isEqualTo(new Result(0, "", ""));
    }

    @Test
    void thereIsOneForEveryCommand() throws Exception {
        assertThat(names())
                .contains("lvs-backup.1", "lvs-backup-run.1", "lvs-backup-config.1", "lvs-backup-config-validate.1")
                .doesNotContain("lvs-backup-man.1", "lvs-backup-complete.1");
        assertThat(Files.readString(pages.resolve("lvs-backup.1")))
                .contains(".SH \"EXIT STATUS\"")
                .contains("\\fBlvs\\-backup\\-verify\\fR(1)");
        assertThat(Files.readString(pages.resolve("lvs-backup-verify.1")))
                .contains("\\fB\\-j\\fR, \\fB\\-\\-job\\fR=\\fIJOB\\fR")
                .contains("\\fIID\\fR")
                .doesNotContain("dry\\-run");
        for (String name : names()) {
            assertThat(Files.readString(pages.resolve(name))).as(name).doesNotContain("${", "@|");
        }
    }

    @Test
    void theFormatterOfThisMachineTakesThem() throws Exception {
        for (List<String> formatter :
                List.of(List.of("mandoc", "-Tlint", "-Wwarning"), List.of("groff", "-man", "-ww", "-z"))) {
            if (!isInstalled(formatter.get(0))) {
                continue;
            }
            for (String name : names()) {
                ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(formatter)).redirectErrorStream(true);
                builder.command().add(pages.resolve(name).toString());
                Process process = builder.start();
                String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(told.lines().filter(line -> !line.contains("missing date")))
                        .as(String.join(" ", builder.command()))
                        .isEmpty();
            }
        }
    }

    @Test
    void tellsADirectoryThatCannotBe() throws Exception {
        Files.writeString(directory.resolve("file"), "");

        assertThat(new Terminal(directory.resolve("other")).bare("man", "--to", directory + "/file/man1"))
                .satisfies(result -> assertThat(result.code()).isEqualTo(1))
                .satisfies(result -> assertThat(result.err())
                        .contains("directory " + directory + "/file/man1: cannot be written to: not a directory"));
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(pages)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
