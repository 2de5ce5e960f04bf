package cloud.lvs.backup.runner.output;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.runner.output.Progress.Screen;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long MIB = 1 << 20;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-22T03:00:00Z"));
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Progress progress = new Progress(
            new Console(new PrintStream(err, true, StandardCharsets.UTF_8), new Redactions()), Screen.LOG, clock());

    private Clock clock() {
        InstantSource source = now::get;
        return source.withZone(ZoneOffset.UTC);
    }

    private String told() {
        String lines = err.toString(StandardCharsets.UTF_8);
        err.reset();
        return lines;
    }

    private void after(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    @Test
    void tellsANoteAtOnceAndSafelyForATerminal() {
        progress.on(new Event.Noted("pg", "stored in the clear\u001B[2K\n"));

        assertThat(told()).isEqualTo("job pg: note: stored in the clear\\u001b[2K\\u000a\n");
    }

    @Test
    void tellsHowFarTheItemIsWhenALineIsDue() {
        progress.on(new Event.StageStarted("pg", Stage.CAPTURE));
        after(Duration.ofSeconds(29));
        progress.on(new Event.Progress("pg", "shop", MIB, 8 * MIB));
        assertThat(told()).isEmpty();

        after(Duration.ofSeconds(1));
        progress.on(new Event.Progress("pg", "shop", 2 * MIB, 8 * MIB));
        assertThat(told()).isEqualTo("job pg: capture, shop 2.0 MiB of 8.0 MiB (25 %), 30.0 s\n");
    }

    @Test
    void tellsTheItemThatWasHeardOfLast() {
        progress.on(new Event.StageStarted("pg", Stage.CAPTURE));
        progress.on(new Event.Progress("pg", "shop", MIB, 0));
        after(Duration.ofSeconds(40));
        progress.on(new Event.Transferred("pg", "2026/11/pg-shop.dump.zst", 12 * MIB, 20 * MIB));
        assertThat(told()).isEqualTo("job pg: capture, shop 1.0 MiB, transferred 20.0 MiB (512.0 KiB/s), 40.0 s\n");
    }

    @Test
    void forgetsTheItemWhenTheNextStageBegins() {
        progress.on(new Event.StageStarted("pg", Stage.CAPTURE));
        progress.on(new Event.Progress("pg", "shop", MIB, 8 * MIB));
        after(Duration.ofSeconds(31));
        progress.on(new Event.StageStarted("pg", Stage.COMMIT));
        assertThat(told()).isEqualTo("job pg: commit, 31.0 s\n");
    }
}
