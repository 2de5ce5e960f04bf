package cloud.lvs.backup.core.context;

import cloud.lvs.backup.core.catalog.JobLock;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a source is told about one piece of work; collects its warnings. */
public final class WorkContext implements RunContext {
    private final EngineContext engine;
    private final BackupId id;
    private final @Nullable Manifest previous;
    private final @Nullable Manifest newest;
    private final List<BackupSummary> remaining;
    private final @Nullable Instant deadline;
    private final @Nullable JobLock lock;
    private final @Nullable PhaseTimer phases;
    private final List<String> warnings = new ArrayList<>();
    private volatile List<Item> inventory = List.of();

    public WorkContext(
            EngineContext engine,
            BackupId id,
            @Nullable Manifest previous,
            List<BackupSummary> remaining,
            @Nullable Instant deadline,
            @Nullable JobLock lock) {
        this(engine, id, previous, previous, remaining, deadline, lock, null);
    }

    private WorkContext(
            EngineContext engine,
            BackupId id,
            @Nullable Manifest previous,
            @Nullable Manifest newest,
            List<BackupSummary> remaining,
            @Nullable Instant deadline,
            @Nullable JobLock lock,
            @Nullable PhaseTimer phases) {
        this.engine = engine;
        this.id = id;
        this.previous = previous;
        this.newest = newest;
        this.remaining = List.copyOf(remaining);
        this.deadline = deadline;
        this.lock = lock;
        this.phases = phases;
    }

    /**
     * For a run, which is told of what was backed up before.
     *
     * @param previous the newest backup that counts
     * @param newest the newest at all that can be read
     */
    public static WorkContext running(
            EngineContext engine,
            BackupId id,
            @Nullable Manifest previous,
            @Nullable Manifest newest,
            Instant deadline,
            @Nullable JobLock lock) {
        return new WorkContext(engine, id, previous, newest, List.of(), deadline, lock, null);
    }

    /** For work on what is stored: no deadline, no lock. */
    public static WorkContext reading(EngineContext engine, BackupId id) {
        return new WorkContext(engine, id, null, List.of(), null, null);
    }

    /** As {@link #reading}, with the phases timed. */
    public static WorkContext timed(EngineContext engine, BackupId id, PhaseTimer phases) {
        return new WorkContext(engine, id, null, null, List.of(), null, null, phases);
    }

    @Override
    public String job() {
        return id.job();
    }

    @Override
    public RunId run() {
        return id.run();
    }

    @Override
    public Instant timestamp() {
        return id.timestamp();
    }

    @Override
    public Optional<Manifest> previous() {
        return Optional.ofNullable(previous);
    }

    @Override
    public Optional<Manifest> newest() {
        return Optional.ofNullable(newest);
    }

    /** Hands what the source told of its items to the capture. */
    public void tellInventory(List<Item> items) {
        inventory = List.copyOf(items);
    }

    @Override
    public List<Item> inventory() {
        return inventory;
    }

    @Override
    public List<BackupSummary> remaining() {
        return remaining;
    }

    @Override
    public Optional<Instant> deadline() {
        return Optional.ofNullable(deadline);
    }

    @Override
    public void checkpoint() throws BackupException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
        if (lock != null) {
            lock.check();
        }
        if (deadline != null && engine.clock().instant().isAfter(deadline)) {
            throw new BackupException(
                    Kind.FAILED,
                    "run " + id,
                    "took longer than half the grace period, until " + deadline,
                    "raise grace, or find out what is slow");
        }
    }

    @Override
    public void progress(String item, long doneBytes, long totalBytes) {
        engine.progress().reached(new Event.Progress(job(), item, doneBytes, totalBytes));
    }

    @Override
    public void phase(String name) {
        if (phases != null) {
            phases.begin(name);
        }
        engine.tell(new Event.PhaseStarted(job(), name));
    }

    @Override
    public void warn(String message) {
        synchronized (warnings) {
            warnings.add(message);
        }
        engine.tell(new Event.Warned(job(), message));
    }

    public List<String> warnings() {
        synchronized (warnings) {
            return List.copyOf(warnings);
        }
    }
}
