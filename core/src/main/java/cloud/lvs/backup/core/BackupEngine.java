package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Does the work of jobs: run, list, verify, restore, prune, adopt, copy, hold.
 *
 * <p>Thread-safe. Interrupt the calling thread to stop a piece of work; it cleans up first. {@link #run} tells every failure
 * in its report; the other verbs throw {@link BackupException}.
 */
public final class BackupEngine {
    /** Whether work is done, or only told. */
    public enum Mode {
        DRY_RUN,
        EXECUTE
    }

    /**
     * @param clock the time
     * @param random where run ids come from
     * @param scratch an existing directory for what a rehearsal or a check restores
     * @param tool what to record as the versions at work, e.g. {@code lvs-backup → 0.1.0}
     * @param listener is told what happens
     */
    public BackupEngine(
            Clock clock, RandomGenerator random, Path scratch, Map<String, String> tool, BackupListener listener) {
        throw new IllegalStateException();
    }

    /** Backs up: lock, preflight, capture, confirm, commit, retain, copy. A dry run ends before the first write. */
    public RunReport run(Job job, Mode mode) {
        throw new IllegalStateException();
    }

    /** The backups of a job by the keys of the journal alone, newest first. */
    public List<BackupSummary> list(Job job) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /**
     * The backup an operator means.
     *
     * @param idOrPrefix an id, {@code <timestamp>-<run>}, any unique beginning of either, or {@code latest}
     * @throws BackupException of kind {@code NOT_FOUND} if there is none or several
     */
    public BackupId resolve(Job job, String idOrPrefix) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** What a backup holds; its signature checked if the job's pipeline asks for it. */
    public Manifest show(Job job, BackupId id) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** Proves a stored backup at a level, and records it in the journal when it passes. */
    public VerifyReport verify(Job job, BackupId id, Level level) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** Restores a backup as the request says. */
    public RestoreReport restore(Job job, BackupId id, RestoreRequest request)
            throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** Takes the last restore in place back; the request's target is {@code Undo}. */
    public RestoreReport undo(Job job, RestoreRequest request) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** Applies retention in the job's sink and in those of its copies, and sweeps what dead runs left. */
    public List<PruneReport> prune(Job job, Mode mode) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** Writes the journal for what another tool stored. */
    public AdoptReport adopt(Job job, Mode mode) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** Copies a backup to another sink, checking its digests on the way. */
    public CopyReport copy(Job job, BackupId id, NamedSink to, Mode mode) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /**
     * Keeps a backup from being pruned until it is released.
     *
     * @throws BackupException of kind {@code FAILED} if it is being deleted already
     */
    public void hold(Job job, BackupId id, String reason) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }

    /** Ends a hold; harmless when there is none. */
    public void release(Job job, BackupId id) throws IOException, InterruptedException {
        throw new IllegalStateException();
    }
}
