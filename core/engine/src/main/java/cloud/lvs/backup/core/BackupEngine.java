package cloud.lvs.backup.core;

import cloud.lvs.backup.core.catalog.HostProcess;
import cloud.lvs.backup.core.catalog.JobLock;
import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.catalog.LockHolder;
import cloud.lvs.backup.core.catalog.LockOwner;
import cloud.lvs.backup.core.commit.Adopter;
import cloud.lvs.backup.core.commit.BackupRun;
import cloud.lvs.backup.core.commit.Copier;
import cloud.lvs.backup.core.commit.HeldLock;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.BackupLookup;
import cloud.lvs.backup.core.counting.CatalogSurvey;
import cloud.lvs.backup.core.counting.Counting;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.core.counting.MissingParts;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.core.diagnosis.JobDiagnosis;
import cloud.lvs.backup.core.diagnosis.SinkProbe;
import cloud.lvs.backup.core.event.BackupListener;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.prune.Hold;
import cloud.lvs.backup.core.prune.Pruner;
import cloud.lvs.backup.core.read.Drill;
import cloud.lvs.backup.core.read.Verifier;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.JobSurvey;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Does the work of jobs: run, list, survey, verify, restore, drill, prune, adopt, copy, hold, diagnose.
 *
 * <p>Thread-safe. Interrupt the calling thread to stop a piece of work; it cleans up first. {@link #run} tells every failure
 * in its report; the other verbs throw {@link BackupException}.
 */
public final class BackupEngine {
    private final EngineContext engine;

    /**
     * @param clock the time
     * @param random where run ids come from; two engines must not share a sequence
     * @param tool what to record as the versions at work, e.g. {@code lvs-backup → 0.1.0}
     * @param listener is told what happens
     */
    public BackupEngine(Clock clock, RandomGenerator random, Map<String, String> tool, BackupListener listener) {
        this.engine = new EngineContext(
                clock, random, Map.copyOf(tool), HostProcess.current().owner(), listener);
    }

    /** Backs up: lock, preflight, capture, confirm, commit, copy, retain. A dry run ends before the first write. */
    public RunReport run(Job job, Mode mode) {
        return new BackupRun(engine.anew(), job).run(mode);
    }

    /**
     * The backups of a job by the keys of the journal alone, newest first. The listener is warned of those that are dated in
     * the future.
     */
    public List<BackupSummary> list(Job job) throws IOException, InterruptedException {
        Counting counting = Counting.of(job, job.sink());
        counting.flaws().forEach(flaw -> engine.tell(new Event.Warned(job.name(), flaw.toString())));
        return counting.catalog().summaries();
    }

    /**
     * The backup an operator means. The newest that counts is {@code latest}; the listener is warned of newer ones that do
     * not, and told why.
     *
     * @param idOrPrefix an id, {@code <timestamp>-<run>}, any unique beginning of either, or {@code latest}
     * @throws BackupException of kind {@code NOT_FOUND} if there is none or several
     */
    public BackupId resolve(Job job, String idOrPrefix) throws IOException, InterruptedException {
        return new BackupLookup(engine, job).resolve(idOrPrefix);
    }

    /**
     * What a backup lacks of what its run was to capture: items that failed, shards of its group that are missing. Empty if it
     * is whole.
     */
    public List<String> lacks(Job job, BackupId id) throws IOException, InterruptedException {
        return new MissingParts(job).of(id);
    }

    /** What a backup holds; proved by its checksum and, if the job asks for it, its signature. */
    public Manifest show(Job job, BackupId id) throws IOException, InterruptedException {
        return manifests(job).read(id);
    }

    /**
     * Counts what a sink holds of a job, by a listing of the job's journal and, with more than 32 backups, one of the whole
     * sink. Looked at is the newest backup, and older ones until one counts; read are the manifests of fewer backups, and those
     * of adopted ones, at most 1,000. The listener is warned of what is newer than the newest that counts.
     *
     * @param sink the job's, or one of its copies'
     */
    public JobSurvey survey(Job job, NamedSink sink) throws IOException, InterruptedException {
        return new CatalogSurvey(engine, job, sink).take();
    }

    /** Proves a stored backup at a level, and records it in the journal when it passes. */
    public VerifyReport verify(Job job, BackupId id, Level level) throws IOException, InterruptedException {
        return engine.doing(
                Stage.VERIFY,
                job,
                work -> new Verifier(work, job).verify(id, level),
                report -> new Event.VerifyFinished(job.name(), report));
    }

    /**
     * Restores a backup as the request says.
     *
     * @throws BackupException of kind {@code CONFIG} if the options are not of the job's restore type, or the backup does not hold
     *     an item asked for
     */
    public RestoreReport restore(Job job, BackupId id, RestoreRequest request)
            throws IOException, InterruptedException {
        job.requireOptions(request.options());
        return engine.doing(
                Stage.RESTORE,
                job,
                work -> restore(work, job, id, request),
                report -> new Event.RestoreFinished(job.name(), id, report));
    }

    private static RestoreReport restore(EngineContext work, Job job, BackupId id, RestoreRequest request)
            throws IOException, InterruptedException {
        Manifest manifest = manifests(job).read(id);
        List<String> unknown = new ArrayList<>(request.items());
        manifest.items().forEach(item -> unknown.remove(item.item()));
        try (Source source = job.openSource()) {
            unknown.removeIf(item -> source.mayHold(manifest, item));
            if (!unknown.isEmpty()) {
                throw new BackupException(
                        Kind.CONFIG,
                        "backup " + id,
                        "holds no item " + String.join(", ", unknown),
                        "see the show command for its items");
            }
            return source.restore(
                    new StoredBackup(manifest, job.sink().sink(), job.pipeline()),
                    request,
                    WorkContext.reading(work, id));
        }
    }

    /**
     * Rehearses a restore: into an empty directory that is removed afterwards, checked and timed. A drill that passed is
     * recorded in the journal; one that failed says so in its report and leaves no trace.
     *
     * @param options an instance of the provider's {@link cloud.lvs.backup.spi.SourceProvider#restoreType()}
     * @param scratch an existing directory with room for what is restored; a directory of the drill's own is made in it,
     *     which nobody else can read
     * @param mode a dry run only proves the manifest and asks the source what it would do
     */
    public DrillReport drill(Job job, BackupId id, Record options, Path scratch, Mode mode)
            throws IOException, InterruptedException {
        job.requireOptions(options);
        return engine.doing(
                Stage.DRILL,
                job,
                work -> new Drill(work, job, id).rehearse(options, scratch, mode),
                report -> new Event.DrillFinished(job.name(), report));
    }

    /**
     * Takes the last restore in place back.
     *
     * @param request its target is {@link RestoreTarget.Undo}
     * @throws BackupException of kind {@code CONFIG} if nobody agreed to it; a dry run needs no consent
     */
    public RestoreReport undo(Job job, RestoreRequest request) throws IOException, InterruptedException {
        if (request.mode() == RestoreRequest.Mode.EXECUTE && request.consent() != RestoreRequest.Consent.GIVEN) {
            throw new BackupException(
                    Kind.CONFIG,
                    "the undo of the last restore",
                    "replaces what is there now, and nobody agreed to that",
                    "look with --dry-run first, then add --yes");
        }
        job.requireOptions(request.options());
        BackupId none = new BackupId(job.name(), engine.clock().instant(), engine.newId());
        return engine.doing(
                Stage.UNDO,
                job,
                work -> {
                    try (Source source = job.openSource()) {
                        return source.restore(new NoBackup(), request, WorkContext.reading(work, none));
                    }
                },
                report -> new Event.UndoFinished(job.name(), report));
    }

    /**
     * Removes what restores have left that died.
     *
     * @param request its target says where to look: a place, or in place
     * @throws BackupException of kind {@code CONFIG} if nobody agreed to it; a dry run needs no consent
     */
    public RestoreReport cleanUp(Job job, RestoreRequest request) throws IOException, InterruptedException {
        if (request.mode() == RestoreRequest.Mode.EXECUTE && request.consent() != RestoreRequest.Consent.GIVEN) {
            throw new BackupException(
                    Kind.CONFIG,
                    "the clean-up after restores",
                    "removes what they left, and nobody agreed to that",
                    "look with --dry-run first, then add --yes");
        }
        job.requireOptions(request.options());
        BackupId none = new BackupId(job.name(), engine.clock().instant(), engine.newId());
        return engine.doing(
                Stage.CLEAN_UP,
                job,
                work -> {
                    try (Source source = job.openSource()) {
                        return source.cleanUp(request, WorkContext.reading(work, none));
                    }
                },
                report -> new Event.CleanUpFinished(job.name(), report));
    }

    private record NoBackup() implements BackupReader {
        @Override
        public Manifest manifest() {
            throw new IllegalStateException("an undo reads no backup");
        }

        @Override
        public InputStream open(StoredArtifact artifact) {
            throw new IllegalStateException("an undo reads no backup");
        }
    }

    /** Applies retention in the job's sink and in those of its copies, and sweeps what dead runs left. */
    public List<PruneReport> prune(Job job, Mode mode) throws IOException, InterruptedException {
        return engine.doing(
                Stage.PRUNE,
                job,
                work -> locked(work, job, mode, () -> pruneAll(work, job, mode)),
                reports -> new Event.PruneFinished(job.name(), reports));
    }

    /**
     * As above, in one sink alone, by what the job keeps there: its own retention, or that of its copies. In a sink that is
     * neither, every backup is kept.
     */
    public PruneReport prune(Job job, NamedSink sink, Mode mode) throws IOException, InterruptedException {
        return engine.doing(
                Stage.PRUNE,
                job,
                work -> {
                    Pruner pruner = new Pruner(work, job, sink, job.retentionIn(sink));
                    return locked(work, job.in(sink), mode, () -> pruner.prune(mode));
                },
                report -> new Event.PruneFinished(job.name(), List.of(report)));
    }

    private static List<PruneReport> pruneAll(EngineContext work, Job job, Mode mode)
            throws IOException, InterruptedException {
        List<PruneReport> reports = new ArrayList<>();
        reports.add(new Pruner(work, job, job.sink(), job.retention()).prune(mode));
        for (CopyTarget copy : job.copies()) {
            reports.add(new Pruner(work, job, copy.sink(), copy.retention()).prune(mode));
        }
        return List.copyOf(reports);
    }

    private interface Steps<T> {
        T take() throws IOException, InterruptedException;
    }

    /** A dry run writes nothing, and so takes no lock. */
    private static <T> T locked(EngineContext work, Job job, Mode mode, Steps<T> steps)
            throws IOException, InterruptedException {
        if (mode == Mode.DRY_RUN) {
            return steps.take();
        }
        try (HeldLock lock = HeldLock.take(work, job)) {
            return steps.take();
        }
    }

    /** Who has the lock of a job, or had it when it died; empty if nobody has. */
    public Optional<LockHolder> lockHolder(Job job) throws IOException, InterruptedException {
        return JobLock.holder(job.sink().sink(), job.name(), engine.clock(), job.lockTtl());
    }

    /**
     * Frees the lock of a job whose holder is dead, before it expires.
     *
     * @return whose it was; empty if nobody had it
     * @throws BackupException of kind {@code LOCKED} if the holder lives: it gave a sign of life lately, or runs on this host
     */
    public Optional<LockHolder> unlock(Job job) throws IOException, InterruptedException {
        LockOwner self = new LockOwner(engine.owner(), engine.newId().value(), HostProcess.current());
        return JobLock.free(job.sink().sink(), job.name(), self, engine.clock(), job.lockTtl());
    }

    /** Writes the journal for what another tool stored. */
    public AdoptReport adopt(Job job, Mode mode) throws IOException, InterruptedException {
        return engine.doing(
                Stage.ADOPT,
                job,
                work -> locked(work, job, mode, () -> new Adopter(work, job).adopt(mode)),
                report -> new Event.AdoptFinished(job.name(), report));
    }

    /** Copies a backup to another sink, checking its digests on the way. */
    public CopyReport copy(Job job, BackupId id, NamedSink to, Mode mode) throws IOException, InterruptedException {
        return engine.doing(
                Stage.COPY,
                job,
                work -> new Copier(work, job, to).copy(id, mode),
                report -> new Event.CopyFinished(job.name(), report));
    }

    /**
     * Looks whether a run of a job could succeed and its backups be restored: source, pipeline, signing and catalog. Changes
     * nothing; what is wrong is told in the result.
     */
    public DiagnosisReport diagnose(Job job) throws InterruptedException {
        EngineContext work = engine.anew();
        work.tell(new Event.StageStarted(job.name(), Stage.DOCTOR));
        DiagnosisReport diagnosis = new JobDiagnosis(work, job).examine();
        work.tell(new Event.DiagnoseFinished(job.name(), diagnosis));
        return diagnosis;
    }

    /**
     * Tries out on a sink what backups ask of it, with objects below {@code .lvs-backup-doctor/} that are removed again.
     *
     * @param mode a dry run only lists
     */
    public DiagnosisReport diagnose(NamedSink sink, Mode mode) throws InterruptedException {
        SinkProbe probe = new SinkProbe(engine, sink);
        return mode == Mode.DRY_RUN ? probe.look() : probe.examine();
    }

    /**
     * Keeps a backup from being pruned until it is released.
     *
     * @throws BackupException of kind {@code FAILED} if it is being deleted already
     */
    public void hold(Job job, BackupId id, String reason) throws IOException, InterruptedException {
        new Hold(engine, job, id).place(reason);
    }

    /**
     * Why a backup is held, by whom and since when; empty if it is not held. A reason that is damaged holds it nevertheless, and
     * says so.
     */
    public Optional<Note> reasonForHold(Job job, BackupId id) throws IOException, InterruptedException {
        return new Hold(engine, job, id).reason();
    }

    /**
     * Ends a hold.
     *
     * @return whether there was one
     */
    public boolean release(Job job, BackupId id) throws IOException, InterruptedException {
        return new Hold(engine, job, id).release();
    }

    private static ManifestReader manifests(Job job) {
        return new ManifestReader(job, job.sink());
    }
}
