package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalDocuments.Begun;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.EarlierBackups;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of a job: lock, preflight, capture, commit, copy, retain. Used once. */
public final class BackupRun {
    private final EngineContext engine;
    private final Job job;
    private final Journal journal;
    private final Instant startedAt;

    private final Map<String, Duration> stages = new LinkedHashMap<>();
    private final List<Failure> failures = new ArrayList<>();
    /** What else stops the run, to be told behind what is thrown. */
    private final List<Failure> furtherFailures = new ArrayList<>();

    private final List<String> warnings = new ArrayList<>();
    private final List<CopyReport> copies = new ArrayList<>();
    private final List<PruneReport> copyRetention = new ArrayList<>();
    private final Set<BackupId> suspects = new HashSet<>();
    private List<Item> inventory = List.of();
    private List<ItemResult> items = List.of();
    private List<StoredArtifact> artifacts = List.of();
    private @Nullable BackupId id;
    private @Nullable Outcome committed;
    private @Nullable PruneReport retention;
    /** Empty if retention may be applied. */
    private String reasonToRetainAll = "";

    private Stage stage = Stage.BEGIN;
    private Instant stageBegan;

    public BackupRun(EngineContext engine, Job job) {
        this.engine = engine;
        this.job = job;
        this.journal = new Journal(job.sink().sink());
        this.startedAt = engine.clock().instant();
        this.stageBegan = startedAt;
    }

    public RunReport run(Mode mode) {
        Outcome outcome = Outcome.FAILED;
        try {
            outcome = mode == Mode.DRY_RUN ? rehearse() : backUp();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failures.add(Failure.of(job.name(), stage.toString(), e));
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            if (isInterruption(e)) {
                Thread.currentThread().interrupt();
                failures.add(Failure.of(
                        job.name(), stage.toString(), new InterruptedException("asked to stop").initCause(e)));
            } else {
                failures.add(Failure.of(job.name(), stage.toString(), e));
                outcome = e instanceof BackupException b && b.kind() == Kind.EMPTY ? Outcome.EMPTY : Outcome.FAILED;
            }
        }
        failures.addAll(furtherFailures);
        endStage();
        RunReport report = RunReport.of(job.name(), mode, startedAt)
                .id(id)
                .outcome(committed == null ? outcome : committed)
                .inventory(inventory)
                .items(items)
                .artifacts(artifacts)
                .stages(stages)
                .warnings(warnings)
                .failures(failures)
                .retention(retention)
                .copies(copies)
                .copyRetention(copyRetention)
                .finishedAt(engine.clock().instant());
        engine.tell(new Event.RunFinished(job.name(), report));
        return report;
    }

    /** What fails on an interrupted thread fails because of that, whatever it calls it: a closed channel, a dead process. */
    private static boolean isInterruption(Throwable e) {
        return e instanceof ClosedByInterruptException || Thread.currentThread().isInterrupted();
    }

    private void stage(Stage next) {
        endStage();
        stage = next;
        engine.tell(new Event.StageStarted(job.name(), next));
    }

    private void endStage() {
        Instant now = engine.clock().instant();
        stages.merge(stage.toString(), Duration.between(stageBegan, now), Duration::plus);
        stageBegan = now;
    }

    private Outcome rehearse() throws IOException, InterruptedException {
        WorkContext context = WorkContext.reading(engine, newBackupId());
        try (Source source = job.openSource()) {
            prepare(source, context);
        } finally {
            warnings.addAll(context.warnings());
        }
        return warnings.isEmpty() ? Outcome.OK : Outcome.WARNED;
    }

    private BackupId newBackupId() {
        return new BackupId(job.name(), engine.clock().instant(), engine.newId());
    }

    private Outcome backUp() throws IOException, InterruptedException {
        job.requireSource();
        stage(Stage.LOCK);
        try (HeldLock lock = HeldLock.take(engine, job)) {
            if (!lock.isSupported()) {
                warnings.add(
                        "sink " + job.sink().name() + " cannot lock; two runs at once would make two valid backups");
            }
            stage(Stage.CATALOG);
            EarlierBackups earlier = earlier();
            BackupId begun = newBackupId();
            Instant deadline = begun.timestamp().plus(job.grace().dividedBy(2));
            WorkContext context =
                    WorkContext.running(engine, begun, earlier.counting(), earlier.newest(), deadline, lock.lock());
            Outcome outcome;
            Source source = job.openSource();
            try {
                prepare(source, context);
                stage(Stage.BEGIN);
                context.checkpoint();
                outcome = captureAndCommit(source, begun, context);
                committed = outcome;
            } finally {
                warnings.addAll(context.warnings());
                close(source);
            }
            copy(begun);
            if (outcome != Outcome.PARTIAL) {
                retain();
            }
            return outcome;
        }
    }

    /** A backup that is committed is one, whatever its source does on the way out. */
    private void close(Source source) {
        try {
            source.close();
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            failures.add(Failure.of(job.name(), "close", e));
        }
    }

    private EarlierBackups earlier() throws IOException, InterruptedException {
        EarlierBackups earlier = EarlierBackups.of(job);
        for (Flaw flaw : earlier.flaws()) {
            if (flaw.isLost()) {
                // Told when retention looks at them again.
                suspects.add(flaw.backup());
            } else {
                warnings.add("sink " + job.sink().name() + ": " + flaw);
            }
        }
        return earlier;
    }

    private void prepare(Source source, WorkContext context) throws IOException, InterruptedException {
        stage(Stage.PREFLIGHT);
        List<Finding> errors = new ArrayList<>();
        for (Finding finding : source.preflight(context)) {
            switch (finding.severity()) {
                case ERROR -> errors.add(finding);
                case WARNING -> context.warn(finding.target() + ": " + finding.problem());
                case INFO -> {}
            }
        }
        if (!errors.isEmpty()) {
            for (Finding error : errors.subList(1, errors.size())) {
                furtherFailures.add(Failure.of(job.name(), stage.toString(), error));
            }
            Finding first = errors.get(0);
            throw new BackupException(first.kind(), first.target(), first.problem(), first.remedy());
        }
        inventory = List.copyOf(source.inventory(context));
        context.tellInventory(inventory);
    }

    private Outcome captureAndCommit(Source source, BackupId begun, WorkContext context)
            throws IOException, InterruptedException {
        boolean commitSent = false;
        try {
            Instant before = engine.clock().instant();
            StoredObject written = journal.put(
                    begun,
                    Plain.BEGUN,
                    new Begun(
                            Manifest.FORMAT_VERSION,
                            JournalDocuments.Origin.RUN,
                            begun,
                            engine.owner(),
                            startedAt,
                            null));
            id = begun;
            compareClocks(before, written, context);
            stage(Stage.CAPTURE);
            RunWriter writer = new RunWriter(engine, job, begun, context);
            CaptureReport report = writer.captureFrom(source);
            context.checkpoint();
            Manifest manifest = describe(source, begun, report, writer, context);
            stage(Stage.COMMIT);
            Commit commit = new Commit(engine, job, job.sink(), begun);
            commit.prepare(manifest, context);
            commitSent = true;
            commit.send(manifest);
            return manifest.outcome();
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            if (!commitSent) {
                warnings.addAll(new RunCleanup(engine, job).remove(begun, e));
            }
            throw e;
        }
    }

    private void compareClocks(Instant before, StoredObject written, WorkContext context) {
        ClockSkew skew =
                ClockSkew.between(before, written.lastModified(), engine.clock().instant());
        Optional<String> complaint = skew.complaint(job.sink());
        complaint.ifPresent(context::warn);
        if (skew.isAhead()) {
            // To whom it is later than it is, all backups are older than they are.
            reasonToRetainAll = complaint.orElse("");
        }
    }

    private Manifest describe(
            Source source, BackupId begun, CaptureReport report, RunWriter writer, WorkContext context)
            throws IOException, InterruptedException {
        List<StoredArtifact> stored = writer.stored();
        items = CapturedItems.of(inventory, report, stored, () -> source.inventory(context));
        Set<String> done = items.stream()
                .filter(item -> item.status() == ItemResult.Status.DONE)
                .map(ItemResult::item)
                .collect(Collectors.toSet());
        for (ItemResult item : items) {
            if (item.status() == ItemResult.Status.FAILED) {
                failures.add(Failure.of(job.name(), stage.toString(), item));
            }
        }
        if (done.isEmpty()) {
            if (failures.isEmpty()) {
                throw new BackupException(
                        Kind.EMPTY,
                        "source of job " + job.name(),
                        "holds nothing to back up",
                        "look at what the job selects; an empty backup protects nothing");
            }
            throw new BackupException(
                    Kind.SOURCE, "source of job " + job.name(), "no item could be captured", "see the failures above");
        }
        artifacts = stored.stream()
                .filter(artifact -> done.contains(artifact.item()))
                .toList();
        dropArtifactsOfFailedItems(stored, context);
        ExpectationCheck.tooFew(job, stage.toString(), done.size()).ifPresent(failures::add);
        ExpectationCheck.warnOfShrinking(job.expectations(), artifacts, context);
        Optional<Failure> stale = StaleSource.failure(
                job, stage.toString(), report, engine.clock().instant());
        stale.ifPresent(failures::add);
        Outcome outcome = !failures.isEmpty()
                ? Outcome.PARTIAL
                : warnings.isEmpty() && context.warnings().isEmpty() ? Outcome.OK : Outcome.WARNED;
        List<String> allWarnings = new ArrayList<>(warnings);
        allWarnings.addAll(context.warnings());
        stale.ifPresent(failure -> allWarnings.add(failure.target() + ": " + failure.problem()));
        return Manifest.builder(begun, job.sourceType())
                .outcome(outcome)
                .source(report.source())
                .tool(tool())
                .startedAt(startedAt)
                .finishedAt(engine.clock().instant())
                .items(items)
                .artifacts(artifacts)
                .external(writer.external())
                .warnings(allWarnings)
                .build();
    }

    private Map<String, String> tool() {
        Map<String, String> tool = new LinkedHashMap<>(engine.tool());
        if (!job.sourceVersion().isEmpty()) {
            tool.put("source " + job.sourceType(), job.sourceVersion());
        }
        return tool;
    }

    private void dropArtifactsOfFailedItems(List<StoredArtifact> stored, WorkContext context)
            throws IOException, InterruptedException {
        List<ObjectKey> dropped = stored.stream()
                .filter(artifact -> !artifacts.contains(artifact))
                .map(StoredArtifact::key)
                .toList();
        DeleteReport report = journal.delete(dropped);
        report.refused()
                .forEach((key, reason) -> context.warn("object " + key + " of a failed item stays: " + reason
                        + "; it goes when this backup is pruned"));
    }

    private void copy(BackupId begun) throws InterruptedException {
        for (CopyTarget target : job.copies()) {
            stage(Stage.COPY);
            Copier copier = new Copier(engine, job, target.sink());
            try {
                copies.add(copier.copy(begun, Mode.EXECUTE));
            } catch (IOException | RuntimeException e) {
                failures.add(Failure.of(job.name(), "copy to " + target.sink().name(), e));
            } finally {
                warnings.addAll(copier.warnings());
                if (reasonToRetainAll.isEmpty()) {
                    // Of two stores that disagree nobody knows which is right, and every doubt keeps.
                    reasonToRetainAll = copier.reasonToRetainAll();
                }
            }
        }
    }

    private void retain() throws InterruptedException {
        stage(Stage.RETAIN);
        RunRetention step = new RunRetention(engine, job, failures, warnings);
        if (!reasonToRetainAll.isEmpty()) {
            step.skip(reasonToRetainAll);
            return;
        }
        retention = step.apply(job.sink(), job.retention(), suspects).orElse(null);
        for (CopyTarget target : job.copies()) {
            step.apply(target.sink(), target.retention(), Set.of()).ifPresent(copyRetention::add);
        }
    }
}
