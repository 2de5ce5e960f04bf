package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The runner as a process: what it prints, how it ends, what it leaves. */
class DistributionTest {
    enum Form {
        LAUNCHER {
            @Override
            Program in(Path directory) {
                return Program.launcher(Checkout.distribution(), directory);
            }
        },
        JAR {
            @Override
            Program in(Path directory) {
                return Program.jar(directory);
            }
        };

        abstract Program in(Path directory);
    }

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void backsUpListsVerifiesAndRestores(Form form) throws Exception {
        K3sWorkspace workspace = K3sWorkspace.small(directory);
        workspace.configure(workspace.encryption());
        Program program = form.in(directory);

        assertThat(program.run("version").expect(0).out()).contains("0.1.0");
        run(program, "config", "validate").expect(0);
        run(program, "run", "--report", "report.json").expect(0);
        List<String> keys =
                K3sWorkspace.keys(run(program, "list", "-o", "json").expect(0).out());
        run(program, "verify", "latest", "--level", "content").expect(0);
        run(program, "restore", "latest", "--to", "restored").expect(0);

        assertThat(directory.resolve("report.json")).content().contains("\"outcome\"", "\"OK\"");
        assertThat(keys)
                .hasSize(2)
                .allSatisfy(key -> assertThat(workspace.sink().resolve(key)).exists());
        assertThat(directory.resolve("restored/token")).hasSameBinaryContentAs(workspace.token());
        assertThat(Program.shell(directory)
                        .run("sqlite3 restored/state.db 'PRAGMA integrity_check'")
                        .out())
                .isEqualTo("ok\n");
    }

    @Test
    void endsWithTheCodeOfWhatWentWrong() throws Exception {
        K3sWorkspace workspace = K3sWorkspace.small(directory);
        workspace.configure(workspace.encryption());
        Program program = Form.LAUNCHER.in(directory);

        assertFailure(run(program, "frobnicate"), 2, "frobnicate");
        assertFailure(run(program, "show", "latest"), 8, "no backup");
        run(program, "run").expect(0);
        assertFailure(run(program, "show", "k3s-1999"), 8, "k3s-1999");

        Program.shell(directory)
                .run("age-keygen -o other.txt && mv identity.txt kept.txt && mv other.txt identity.txt");
        assertFailure(run(program, "restore", "latest", "--to", "restored"), 12, "identity");
        assertThat(directory.resolve("restored")).doesNotExist();
        run(program, "verify", "latest", "--level", "checksum").expect(0);

        Path payload = workspace
                .sink()
                .resolve(K3sWorkspace.keys(run(program, "list", "-o", "json").out())
                        .get(0));
        Files.write(payload, new byte[] {1, 2, 3});
        Program.Result damaged = run(program, "verify", "latest").expect(5);
        assertThat(damaged.out() + damaged.err()).contains("3 bytes");

        Program.shell(directory).run("rm -r backups && touch backups").expect(0);
        assertFailure(run(program, "run"), 10, "backups");
        Files.writeString(directory.resolve("lvs.yaml"), "version: 1\njobz: {}\n");
        assertFailure(run(program, "run"), 2, "jobz");
    }

    @Test
    void asksTwiceBeforeItRestoresOverSomething() throws Exception {
        K3sWorkspace workspace = K3sWorkspace.small(directory);
        workspace.configure();
        Program program = Form.LAUNCHER.in(directory);
        run(program, "run").expect(0);

        Files.createDirectory(directory.resolve("occupied"));
        Files.writeString(directory.resolve("occupied/x"), "x");
        assertFailure(run(program, "restore", "latest", "--to", "occupied"), 2, "occupied");
        assertThat(directory.resolve("occupied"))
                .isDirectoryContaining("glob:**/x")
                .isDirectoryNotContaining("glob:**/state.db");
        assertFailure(run(program, "restore", "latest", "--in-place"), 2, "--yes");
    }

    @Test
    void oneRunAtATimeAndSigtermCleansUp() throws Exception {
        K3sWorkspace workspace = K3sWorkspace.sized(directory, 20_000_000);
        // Slow on purpose, so that half-way is easy to hit.
        workspace.configure("compression: {type: zstd, level: 19, workers: 1}");
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        Program program = Form.LAUNCHER.in(directory).with("TMPDIR", scratch.toString());

        Program.Running first = program.start("-c", "lvs.yaml", "run");
        awaitPayload(workspace.sink().resolve(".lvs-staging"));
        Program.Result second = run(program, "run");
        assertThat(first.process().isAlive())
                .as("the first run is still at work")
                .isTrue();
        first.process().destroy();
        Program.Result stopped = first.await();

        assertFailure(second, 11, "k3s");
        assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(143);
        assertThat(stopped.err()).doesNotContain("Exception");
        assertThat(remains(workspace.sink())).allMatch(path -> path.startsWith(".lvs-backup/k3s/lock/"));
        assertThat(scratch).isEmptyDirectory();

        workspace.configure();
        run(program, "run").expect(0);
    }

    private static Program.Result run(Program program, String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("-c", "lvs.yaml"));
        line.addAll(List.of(arguments));
        return program.run(line.toArray(String[]::new));
    }

    /** One line that says what and where, no stack trace, nothing on standard output. */
    private static void assertFailure(Program.Result result, int code, String names) {
        result.expect(code);
        assertThat(result.err()).contains(names).doesNotContain("Exception", "\tat ");
        assertThat(result.out()).isEmpty();
    }

    private static void awaitPayload(Path staging) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < deadline) {
            if (Files.isDirectory(staging)) {
                try (Stream<Path> files = Files.list(staging)) {
                    if (files.anyMatch(file -> file.toFile().length() > 100_000)) {
                        return;
                    }
                }
            }
            Thread.sleep(20);
        }
        throw new AssertionError("no payload appeared in " + staging);
    }

    private static List<String> remains(Path sink) throws IOException {
        try (Stream<Path> files = Files.walk(sink)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> sink.relativize(file).toString())
                    .toList();
        }
    }
}
