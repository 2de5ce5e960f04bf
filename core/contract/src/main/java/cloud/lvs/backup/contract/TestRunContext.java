package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run to hand to a source in a test: job {@code contract}, run {@code k7f3q2xw}, begun at 2026-11-22T03:00:00Z, unless
 * told otherwise. Remembers warnings, progress and phases. Thread-safe.
 */
public final class TestRunContext implements RunContext {
    /**
     * One call of {@link RunContext#progress}.
     *
     * @param item as told
     * @param doneBytes as told
     * @param totalBytes as told
     */
    public record Progress(String item, long doneBytes, long totalBytes) {}

    private final String job;
    private final RunId run;
    private final Instant timestamp;
    private final List<String> warnings = new ArrayList<>();
    private final List<Progress> progress = new ArrayList<>();
    private final List<String> phases = new ArrayList<>();
    private @Nullable Manifest previous;
    private List<Item> inventory = List.of();
    private List<BackupSummary> remaining = List.of();
    private @Nullable Instant deadline;
    private Clock clock = TestTime.machine();
    private boolean cancelled;

    public TestRunContext() {
        this("contract", new RunId("k7f3q2xw"), Instant.parse("2026-11-22T03:00:00Z"));
    }

    public TestRunContext(String job, RunId run, Instant timestamp) {
        this.job = job;
        this.run = run;
        this.timestamp = timestamp;
    }

    /** Sets the manifest of the newest whole backup before this run. */
    public synchronized TestRunContext after(Manifest manifest) {
        previous = manifest;
        return this;
    }

    /** Sets the backups that remain, newest first. */
    public synchronized TestRunContext beside(List<BackupSummary> backups) {
        remaining = List.copyOf(backups);
        return this;
    }

    /** Sets what the source told of its items before. */
    public synchronized TestRunContext knowing(List<Item> items) {
        inventory = List.copyOf(items);
        return this;
    }

    /** Sets when the work has to be done, by which clock. */
    public synchronized TestRunContext until(Instant end, Clock by) {
        deadline = end;
        clock = by;
        return this;
    }

    /** Asks the work to stop: the next {@link #checkpoint()} throws. */
    public synchronized void cancel() {
        cancelled = true;
    }

    /** What was warned of, in that order. */
    public synchronized List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** What progress was told, in that order. */
    public synchronized List<Progress> progress() {
        return List.copyOf(progress);
    }

    /** The names of the phases that began, in that order. */
    public synchronized List<String> phases() {
        return List.copyOf(phases);
    }

    @Override
    public String job() {
        return job;
    }

    @Override
    public RunId run() {
        return run;
    }

    @Override
    public Instant timestamp() {
        return timestamp;
    }

    @Override
    public synchronized Optional<Manifest> previous() {
        return Optional.ofNullable(previous);
    }

    @Override
    public synchronized List<Item> inventory() {
        return inventory;
    }

    @Override
    public synchronized List<BackupSummary> remaining() {
        return remaining;
    }

    @Override
    public synchronized Optional<Instant> deadline() {
        return Optional.ofNullable(deadline);
    }

    @Override
    public synchronized void checkpoint() throws BackupException, InterruptedException {
        if (cancelled || Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
        if (deadline != null && clock.instant().isAfter(deadline)) {
            throw new BackupException(
                    Kind.FAILED, "job " + job, "did not end by " + deadline, "give it more time or less to do");
        }
    }

    @Override
    public synchronized void progress(String item, long doneBytes, long totalBytes) {
        progress.add(new Progress(item, doneBytes, totalBytes));
    }

    @Override
    public synchronized void phase(String name) {
        phases.add(name);
    }

    @Override
    public synchronized void warn(String message) {
        warnings.add(message);
    }
}
