package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ChildProcessTest {
    private final TestRunContext run = new TestRunContext();

    @AfterEach
    void forgetInterrupts() {
        Thread.interrupted();
    }

    private ChildProcess shell(String script, ChildProcess.Input input) throws Exception {
        return ChildProcess.start(
                new Command(Path.of("/bin/sh"), List.of("-c", script), Map.of("GIVEN", "yes")),
                input,
                ChildProcess.Output.STREAMED,
                null,
                run);
    }

    private static String outputOf(ChildProcess child) throws IOException {
        return new String(child.output().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void inheritsNoVariable() throws Exception {
        try (ChildProcess child = shell("env | sed 's/=.*//' | sort", ChildProcess.Input.NONE)) {
            assertThat(outputOf(child).lines())
                    .contains("GIVEN", "LC_ALL", "PATH")
                    .isSubsetOf("GIVEN", "LC_ALL", "LVS_BACKUP_CHILD", "OLDPWD", "PATH", "PWD", "SHLVL", "_");
            assertThat(child.await()).isEqualTo(new ChildProcess.Exit(0, ""));
        }
    }

    @Test
    void hasNothingToReadUnlessFed() throws Exception {
        try (ChildProcess child = shell("cat; echo end", ChildProcess.Input.NONE)) {
            assertThat(outputOf(child)).isEqualTo("end\n");
        }
    }

    @Test
    void readsWhatItIsFed() throws Exception {
        try (ChildProcess child = shell("cat; echo end", ChildProcess.Input.FED)) {
            try (OutputStream in = child.input()) {
                in.write("fed\n".getBytes(StandardCharsets.UTF_8));
            }
            assertThat(outputOf(child)).isEqualTo("fed\nend\n");
        }
    }

    @Test
    void keepsTheEndOfWhatWasSaidAndTheExitCode() throws Exception {
        try (ChildProcess child =
                shell("yes filler | head -n 400000 >&2; echo last words >&2; exit 3", ChildProcess.Input.NONE)) {
            assertThat(outputOf(child)).isEmpty();
            ChildProcess.Exit exit = child.await();
            assertThat(exit.code()).isEqualTo(3);
            assertThat(exit.errors()).endsWith("filler\nlast words\n").hasSize(1 << 16);
        }
    }

    @Test
    void endsWhenItsTimeIsUpThoughItIgnoresPoliteRequests() throws Exception {
        Command command = new Command(
                Path.of("/bin/sh"),
                List.of("-c", "trap '' TERM; (sleep 600; sleep 600) & sleep 600; sleep 600"),
                Map.of());
        try (ChildProcess child = ChildProcess.start(
                command, ChildProcess.Input.NONE, ChildProcess.Output.STREAMED, Duration.ofMillis(200), run)) {
            assertThat(outputOf(child)).isEmpty();
            assertThatThrownBy(child::await)
                    .isInstanceOf(BackupException.class)
                    .hasMessage("sh: did not end within 1 s and was stopped");
        }
    }

    @Test
    void endsWhenItsOwnerIsInterruptedWhileReading() throws Exception {
        Thread owner = Thread.currentThread();
        try (ChildProcess child = shell("echo begun; sleep 600", ChildProcess.Input.NONE)) {
            assertThat(child.output().readNBytes(6)).isNotEmpty();
            owner.interrupt();

            assertThat(outputOf(child)).isEmpty();
            assertThatThrownBy(child::await).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void endsWhenTheRunIsCancelled() throws Exception {
        try (ChildProcess child = shell("echo begun; sleep 600", ChildProcess.Input.NONE)) {
            run.cancel();

            assertThat(outputOf(child)).isEqualTo("begun\n");
            assertThatThrownBy(child::await).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void doesNotStartForARunThatIsCancelled() {
        run.cancel();

        assertThatThrownBy(() -> shell("echo never", ChildProcess.Input.NONE)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void isGoneAfterClosingOnAnInterruptedThread() throws Exception {
        long pid;
        try (ChildProcess child = shell("echo $$; sleep 600", ChildProcess.Input.NONE)) {
            pid = Long.parseLong(
                    new BufferedReader(new InputStreamReader(child.output(), StandardCharsets.UTF_8)).readLine());
            Thread.currentThread().interrupt();
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void saysWhatCannotBeStarted() {
        Command command = new Command(Path.of("/no/such/pg_dump"), List.of(), Map.of());

        assertThatThrownBy(() ->
                        ChildProcess.start(command, ChildProcess.Input.NONE, ChildProcess.Output.STREAMED, null, run))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.CONFIG);
                    assertThat(e.target()).isEqualTo("/no/such/pg_dump");
                    assertThat(e.problem()).startsWith("cannot be started: ");
                });
    }

    @Test
    void tellsHowItEnded() throws Exception {
        assertThat(end("exit 0")).returns(true, ChildProcess.Exit::isSuccess);
        assertThat(end("echo first >&2; echo 'access denied' >&2; echo >&2; exit 3"))
                .returns(false, ChildProcess.Exit::isSuccess)
                .returns("ended with exit code 3: access denied", ChildProcess.Exit::inWords);
        assertThat(end("kill -9 $$").inWords()).isEqualTo("was ended by signal 9");
        assertThat(end("exit 4").inWords()).isEqualTo("ended with exit code 4");
    }

    private ChildProcess.Exit end(String script) throws Exception {
        try (ChildProcess child = shell(script, ChildProcess.Input.NONE)) {
            child.output().transferTo(OutputStream.nullOutputStream());
            return child.await();
        }
    }
}
