package cloud.lvs.backup.runner.cli.session;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.cli.Host;
import cloud.lvs.backup.runner.output.Progress.Screen;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandContextTest {
    @Test
    void whatNobodyExplainedIsToldWithTheOptionThatShowsMore() throws Exception {
        var err = new ByteArrayOutputStream();
        Host host = new Host(
                Map.of(),
                OutputStream.nullOutputStream(),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                TestTime.machine(),
                Screen.LOG,
                null);

        new CommandContext(host, new RootCommand()).attempt("db", "capture", () -> {
            throw new IllegalStateException("boom");
        });

        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("job db: capture: job db: failed: IllegalStateException: boom (run again with --verbose and"
                        + " report it if it stays)\n");
    }
}
