package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloud.lvs.backup.runner.Main;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the shells offer: asked directly, and through the scripts in real shells. */
class CompletionTest {
    @TempDir
    Path directory;

    private Terminal terminal;

    @BeforeEach
    void open() {
        terminal = new Terminal(directory);
        terminal.configure("  nightly: {source: mine, sink: other}\n");
    }

    private List<String> candidates(String... words) {
        List<String> arguments = new ArrayList<>(List.of("complete", "--"));
        arguments.addAll(List.of(words));
        Result result = terminal.run(arguments.toArray(String[]::new));
        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        return result.out().lines().map(line -> line.split("\t")[0]).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ver                        | verify version
        config v                   | validate
        help ver                   | verify version
        run n                      | notes nightly
        run notes n                | notes nightly
        list -j n                  | notes nightly
        list --job n               | notes nightly
        list --job=n               | --job=notes --job=nightly
        list --job = n             | notes nightly
        doctor --sink o            | other
        verify --level c           | checksum content
        --log-format j             | json
        -o js                      | json
        completion z               | zsh
        list --lim                 | --limit
        list --dry                 |
        run --report rep           |
        -c some.yaml lis           | list
        nonsense                   |
        """)
    void offersWhatMayComeNext(String typed, String expected) {
        assertThat(candidates(typed.split(" ")))
                .containsExactly(expected == null ? new String[0] : expected.split(" "));
    }

    @Test
    void offersEveryCommandThatIsForPeople() {
        assertThat(candidates(""))
                .contains("run", "restore", "help", "completion")
                .doesNotContain("complete", "man");
        assertThat(candidates("list", "-")).contains("-j", "--job", "--limit").doesNotContain("--dry-run");
    }

    @Test
    void offersTheIdsOfTheJobNewestFirst() {
        terminal.run("run", "notes");
        terminal.now.updateAndGet(now -> now.plusSeconds(60));
        terminal.run("run");

        assertThat(candidates("show", "-j", "notes", ""))
                .hasSize(3)
                .startsWith("latest")
                .element(1)
                .asString()
                .startsWith("notes-" + terminal.stamp());
        assertThat(candidates("show", "ni")).singleElement().asString().startsWith("nightly-" + terminal.stamp() + "-");
        assertThat(candidates("show", "-c", directory + "/none.yaml", "")).containsExactly("latest");
    }

    @Test
    void takesTheNamesOfAConfigurationThatIsWrong() throws Exception {
        Files.writeString(terminal.config, Files.readString(terminal.config).replace("type: notes", "type: nots"));

        assertThat(candidates("run", "")).containsExactly("notes", "nightly");
        assertThat(candidates("show", "")).containsExactly("latest");

        Files.writeString(terminal.config, "jobs: [");
        assertThat(candidates("run", "")).isEmpty();
    }

    @Test
    void waitsForNoFileThatAValueNames() throws Exception {
        Process made = new ProcessBuilder("mkfifo", directory.resolve("pipe").toString()).start();
        assertThat(made.waitFor()).isZero();
        Files.writeString(
                terminal.config,
                Files.readString(terminal.config)
                        .replace("directory: " + terminal.notes, "directory: \"${file:" + directory + "/pipe}\""));

        assertThat(assertTimeoutPreemptively(Duration.ofMinutes(1), () -> candidates("run", "")))
                .containsExactly("notes", "nightly");
    }

    @Test
    void completesInBash() throws Exception {
        String script = """
                source <(lvs-backup completion bash)
                complete -p lvs-backup
                try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lvs_backup; echo "${COMPREPLY[*]}"; }
                try lvs-backup ver
                try lvs-backup -c %1$s run n
                try lvs-backup -c %1$s doctor --sink = o
                try lvs-backup -c %1$s run --report rep
                """.formatted(terminal.config);

        List<String> lines = shell("bash", "--norc", "-c", script);

        assertThat(lines).hasSize(5);
        assertThat(lines.get(0)).contains("-o default").contains("-F _lvs_backup lvs-backup");
        assertThat(lines.subList(1, 5)).containsExactly("verify version", "notes nightly", "other", "");
    }

    @Test
    void completesInZsh() throws Exception {
        assumeThereIs("zsh");
        String script = """
                compdef() { print -r -- "compdef $*" }
                source <(lvs-backup completion zsh)
                compadd() { print -r -- "${candidates[*]}" }
                _files() { print -r -- files }
                try() { words=("$@"); CURRENT=$#; _lvs_backup }
                try lvs-backup ver
                try lvs-backup -c %1$s run n
                try lvs-backup -c %1$s doctor --sink=o
                try lvs-backup -c %1$s run --report rep
                """.formatted(terminal.config);

        assertThat(shell("zsh", "-f", "-c", script))
                .containsExactly(
                        "compdef _lvs_backup lvs-backup", "verify version", "notes nightly", "--sink=other", "files");
    }

    @Test
    void completesInFish() throws Exception {
        assumeThereIs("fish");
        Files.createFile(directory.resolve("report.json"));
        String script = """
                lvs-backup completion fish | source
                complete -C 'lvs-backup ver'
                complete -C 'lvs-backup -c %1$s run n'
                complete -C 'lvs-backup -c %1$s doctor --sink '
                complete -C 'lvs-backup -c %1$s run --report rep'
                """.formatted(terminal.config);

        assertThat(shell("fish", "--no-config", "-c", script))
                .extracting(line -> line.split("\t")[0])
                .containsExactly("verify", "version", "notes", "nightly", "local", "other", "report.json");
    }

    private static void assumeThereIs(String shell) {
        boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, shell)));
        assumeTrue(found, shell + " is not installed");
    }

    /** The lines of standard output, with this program as {@code lvs-backup} on the path. */
    private List<String> shell(String... command) throws IOException, InterruptedException {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path launcher = Files.writeString(
                bin.resolve("lvs-backup"),
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -Xshare:auto -cp '" + System.getProperty("java.class.path") + "' "
                        + Main.class.getName() + " \"$@\"\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);
        builder.environment().put("HOME", directory.toString());
        Path err = directory.resolve("err.txt");
        Process process = builder.redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(err)).as(command[0]).isEmpty();
        return out.lines().toList();
    }
}
