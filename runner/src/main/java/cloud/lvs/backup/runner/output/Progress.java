package cloud.lvs.backup.runner.output;

import cloud.lvs.backup.core.event.BackupListener;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.report.HumanReadable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells how far the work is: one line that is repainted on a terminal, otherwise a line every 30 seconds. Warnings are told at
 * once. Thread-safe.
 */
public final class Progress implements BackupListener {
    /** Where the lines go. */
    public enum Screen {
        TERMINAL(Duration.ofMillis(200)),
        LOG(Duration.ofSeconds(30));

        private final Duration interval;

        Screen(Duration interval) {
            this.interval = interval;
        }
    }

    private final Console console;
    private final Screen screen;
    private final Clock clock;
    private final Set<String> warned = Collections.synchronizedSet(new LinkedHashSet<>());
    private String job = "";
    private String stage = "";
    /** Read by whoever stops the work, which may hang while it tells something. */
    private volatile String activity = "";
    /** Put into words only when a line is due: a source tells of every few kilobytes. */
    private Event.@Nullable Progress item;

    private long transferred;
    private Instant began;
    private Instant told;

    public Progress(Console console, Screen screen, Clock clock) {
        this.console = console;
        this.screen = screen;
        this.clock = clock;
        this.began = clock.instant();
        this.told = began;
    }

    @Override
    public void on(Event event) {
        if (event instanceof Event.Warned warning) {
            if (warned.add(warning.message())) {
                console.warn(
                        LogFields.of(warning.job(), ""), "job " + warning.job() + ": warning: " + warning.message());
            }
            return;
        }
        if (event instanceof Event.Noted note) {
            console.say(LogFields.of(note.job(), ""), "job " + note.job() + ": note: " + note.message());
            return;
        }
        synchronized (this) {
            take(event);
        }
    }

    /** The warnings that were printed when they came up, in order. */
    public List<String> told() {
        synchronized (warned) {
            return List.copyOf(warned);
        }
    }

    /** Whether a warning was printed when it came up. */
    public boolean hasTold(String warning) {
        return warned.contains(warning);
    }

    /** The job and the stage of it that are being worked on, e.g. {@code job notes: capture}; empty before the first. */
    public String activity() {
        return activity;
    }

    private void take(Event event) {
        if (!event.job().equals(job)) {
            job = event.job();
            began = clock.instant();
            told = began;
            transferred = 0;
        }
        if (event instanceof Event.StageStarted started) {
            begin(started.stage().toString());
        } else if (event instanceof Event.PhaseStarted started) {
            begin(started.phase());
        } else if (event instanceof Event.Progress progress) {
            item = progress;
        } else if (event instanceof Event.Transferred bytes) {
            transferred = bytes.totalBytes();
        } else if (event instanceof Event.Ended) {
            clear();
            return;
        }
        tell();
    }

    private void begin(String part) {
        stage = part;
        activity = "job " + job + ": " + stage;
        item = null;
    }

    private void tell() {
        Instant now = clock.instant();
        if (Duration.between(told, now).compareTo(screen.interval) < 0) {
            return;
        }
        told = now;
        Duration elapsed = Duration.between(began, now);
        String line = "job " + job + ": " + stage + shown(item)
                + (transferred == 0
                        ? ""
                        : ", transferred " + HumanReadable.bytes(transferred) + " ("
                                + HumanReadable.bytes(transferred * 1000 / Math.max(1, elapsed.toMillis())) + "/s)")
                + ", " + HumanReadable.duration(elapsed);
        if (screen == Screen.TERMINAL) {
            console.paint(line);
        } else {
            console.say(LogFields.of(job, stage), line);
        }
    }

    private static String shown(Event.@Nullable Progress item) {
        if (item == null) {
            return "";
        }
        return ", " + item.item() + " " + HumanReadable.bytes(item.doneBytes())
                + (item.totalBytes() > 0
                        ? " of " + HumanReadable.bytes(item.totalBytes()) + " ("
                                + Math.min(100, 100 * item.doneBytes() / item.totalBytes()) + " %)"
                        : "");
    }

    /** Takes the line on a terminal away. */
    public void clear() {
        console.paint("");
    }
}
