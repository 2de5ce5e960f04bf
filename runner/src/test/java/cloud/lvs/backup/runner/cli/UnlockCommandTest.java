package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code unlock}: who has the lock of a job, and what becomes of it. */
class UnlockCommandTest {
    @TempDir
    Path directory;

    private Terminal terminal;
    private Instant since = Instant.EPOCH;
    private Instant until = Instant.EPOCH;

    @BeforeEach
    void open() {
        terminal = new Terminal(directory);
        since = terminal.now();
        until = since.plus(Duration.ofMinutes(10));
    }

    /** As a run on another host that was killed leaves it. */
    private void lock() {
        Terminal.write(terminal.sink.resolve(".lvs-backup/notes/lock/000000000004.json"), """
                {"owner": "node-1/4711", "token": "t", "state": "HELD", "at": "%s", "expiresAt": "%s"}
                """.formatted(since, until));
    }

    private List<String> locks() throws IOException {
        try (Stream<Path> files = Files.list(terminal.sink.resolve(".lvs-backup/notes/lock"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private void advance(Duration time) {
        terminal.now.updateAndGet(now -> now.plus(time));
    }

    @Test
    void printsTheHolderAndChangesNothing() throws Exception {
        lock();
        advance(Duration.ofMinutes(6));

        Result result = terminal.run("unlock");

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .isEqualTo("job notes in sink local is locked by node-1/4711 since " + since + ", last sign of life "
                        + since + "; missed its last sign of life, free from " + until + " on\n");
        assertThat(result.err()).isEqualTo("nothing was changed; add --yes to free the lock\n");
        assertThat(locks()).containsExactly("000000000004.json");
        assertThat(terminal.run("run").code()).isEqualTo(11);
    }

    @Test
    void freesItSoThatTheNextRunNeedNotWait() throws Exception {
        lock();
        advance(Duration.ofMinutes(6));

        Result result = terminal.run("unlock", "-j", "notes", "--yes", "-o", "json");

        assertThat(result.code()).isZero();
        assertThat(new ObjectMapper().readTree(result.out()).at("/state").asText())
                .isEqualTo("freed");
        assertThat(terminal.run("run").code()).isZero();
        assertThat(terminal.run("unlock", "--yes"))
                .isEqualTo(new Result(0, "job notes in sink local is not locked\n", ""));
    }

    @Test
    void looksAtTheLockInAnotherSink() throws Exception {
        lock();

        assertThat(terminal.run("unlock", "--sink", "other").out())
                .isEqualTo("job notes in sink other is not locked\n");
        assertThat(locks()).containsExactly("000000000004.json");
    }

    @Test
    void refusesWhileTheHolderLives() throws Exception {
        lock();
        advance(Duration.ofMinutes(4));

        Result result = terminal.run("unlock", "--yes");

        assertThat(result.code()).isEqualTo(11);
        assertThat(result.err())
                .isEqualTo("job notes: unlock: job notes: is locked by node-1/4711 since " + since + ", last sign of"
                        + " life " + since + " (wait for its end; if it is dead, the lock may be taken from "
                        + until + " on, or freed by 'unlock')\n");
        assertThat(locks()).containsExactly("000000000004.json");
        assertThat(terminal.run("unlock", "--yes", "--dry-run").code()).isZero();
    }
}
