package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a source uses a dump program, as the guide shows it; a script stands in for {@code sqlite3}. */
class SqliteDumpExampleTest {
    private record SqliteProgram(Path program, Duration timeout) {
        // tag::dump[]
        /** What the body of an artifact does. */
        Map<String, String> dump(Path database, OutputStream body, RunContext run)
                throws IOException, InterruptedException {
            var command = new Command(program, List.of("-readonly", "-bail", database.toString(), ".dump"), Map.of());
            DumpEnd end = new DumpEnd(body, "COMMIT;");
            try (ChildProcess child =
                    ChildProcess.start(command, ChildProcess.Input.NONE, ChildProcess.Output.STREAMED, timeout, run)) {
                String item = database.getFileName().toString();
                // In this order: read its output to the end, ask how it ended, ask whether the dump is whole.
                long bytes = StreamCopy.copy(child.output(), end, item, 0, run);
                ChildProcess.Exit exit = child.await();
                if (!exit.isSuccess()) {
                    throw new BackupException(
                            Kind.SOURCE,
                            "database " + database,
                            command.name() + " " + exit.inWords(),
                            "see that it is a database that this user can read");
                }
                end.requireReached("database " + database, exit);
                return Map.of(FileCapture.BYTES, Long.toString(bytes));
            }
        }
        // end::dump[]

        // tag::load[]
        /** Loads a dump into a new database, which is published when all are loaded. */
        void load(BackupReader backup, StoredArtifact artifact, Path database, RunContext run)
                throws IOException, InterruptedException {
            var command = new Command(program, List.of("-bail", database.toString()), Map.of());
            try (InputStream in = backup.open(artifact);
                    ChildProcess child = ChildProcess.start(
                            command, ChildProcess.Input.FED, ChildProcess.Output.DISCARDED, timeout, run);
                    StandardInput input = StandardInput.start(in, child.input(), StandardInput.OnBrokenPipe.DRAIN)) {
                // In this order: what the stream throws at its end matters more than what the program makes of it.
                input.finish();
                ChildProcess.Exit exit = child.await();
                if (!exit.isSuccess()) {
                    throw new BackupException(
                            Kind.VERIFICATION,
                            "item " + artifact.item(),
                            "cannot be loaded: " + command.name() + " " + exit.inWords(),
                            "restore another backup");
                }
            }
        }
        // end::load[]
    }

    @TempDir
    Path directory;

    private final TestRunContext run = new TestRunContext();
    private final InMemoryArtifacts written = new InMemoryArtifacts();

    private SqliteProgram sqlite(String script) throws IOException {
        Path program = Files.writeString(directory.resolve("sqlite3"), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return new SqliteProgram(program, Duration.ofMinutes(5));
    }

    private StoredArtifact dump(SqliteProgram sqlite) throws IOException, InterruptedException {
        Path database = directory.resolve("shop.db");
        return written.write(Artifact.of("shop.db", "sql").withStem("shop"), body -> sqlite.dump(database, body, run));
    }

    @Test
    void aWholeDumpIsStoredAndLoaded() throws Exception {
        SqliteProgram sqlite =
                sqlite("case \"$1\" in -readonly) echo 'INSERT 1;'; echo 'COMMIT;';; *) cat >\"$2\";; esac\n");

        StoredArtifact stored = dump(sqlite);
        var report = new CaptureReport(List.of(ItemResult.done("shop.db", stored.facts())), Map.of());
        Path loaded = directory.resolve("loaded.db");
        sqlite.load(InMemoryBackup.of(written, report, run, "test"), stored, loaded, run);

        assertThat(loaded).hasContent("INSERT 1;\nCOMMIT;\n");
        assertThat(stored.facts()).containsEntry(FileCapture.BYTES, "18");
    }

    @Test
    void aProgramThatFailsIsToldWithItsLastWords() throws Exception {
        SqliteProgram sqlite = sqlite("echo 'INSERT 1;'; echo 'file is not a database' >&2; exit 26\n");

        assertThatThrownBy(() -> dump(sqlite))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("sqlite3 ended with exit code 26: file is not a database");
        assertThat(written.stored()).isEmpty();
    }

    @Test
    void aProgramThatGivesUpAndSaysThatItSucceededIsNotBelieved() throws Exception {
        SqliteProgram sqlite = sqlite("echo 'INSERT 1;'; echo 'ROLLBACK; -- due to errors'\n");

        assertThatThrownBy(() -> dump(sqlite)).hasMessageContaining("the dump does not end with 'COMMIT;'");
        assertThat(written.stored()).isEmpty();
    }
}
