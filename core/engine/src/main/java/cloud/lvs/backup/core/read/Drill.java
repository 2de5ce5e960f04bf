package cloud.lvs.backup.core.read;

import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.PhaseTimer;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rehearses the restore of one backup.
 *
 * <p>Every stored byte is read once: by the source while it restores, and afterwards, out of the time that counts, what it
 * left unread.
 */
public final class Drill {
    private final EngineContext engine;
    private final Job job;
    private final Sink sink;
    private final BackupId id;
    private final Instant startedAt;
    private final PhaseTimer phases;
    private final WorkContext context;
    private final List<Check> checks = new ArrayList<>();

    public Drill(EngineContext engine, Job job, BackupId id) {
        this.engine = engine;
        this.job = job;
        this.sink = job.sink().sink();
        this.id = id;
        this.startedAt = engine.clock().instant();
        this.phases = new PhaseTimer(engine.clock());
        this.context = WorkContext.timed(engine, id, phases);
    }

    public DrillReport rehearse(Record options, Path scratch, Mode mode) throws IOException, InterruptedException {
        engine.tell(new Event.StageStarted(job.name(), Stage.MANIFEST));
        phases.begin(Stage.MANIFEST.toString());
        ManifestReader.Found manifest = new ManifestReader(job, job.sink()).find(id);
        checks.add(manifest.check());
        RestoreReport restored = new RestoreReport(List.of(), List.of(), List.of(), List.of());
        if (!hasFailed()) {
            StoredBackup backup = new StoredBackup(manifest.manifest(), sink, job.pipeline());
            DigestCheckingReader reader = new DigestCheckingReader(backup);
            engine.tell(new Event.StageStarted(job.name(), Stage.RESTORE));
            phases.beginParts(Stage.RESTORE.toString());
            restored = restore(reader, options, scratch, mode).orElse(restored);
            phases.end();
            if (mode == Mode.EXECUTE && !hasFailed()) {
                checkItems(backup.manifest(), restored);
                checkBytes(backup, reader);
            }
        }
        phases.end();
        Verification verification = new Verification(checks);
        Duration rpo = Duration.between(id.timestamp(), startedAt);
        List<String> warnings = new ArrayList<>();
        if (mode == Mode.EXECUTE && verification.passed()) {
            record(rpo, verification, warnings);
        }
        warnings.addAll(0, context.warnings());
        return new DrillReport(
                id,
                startedAt,
                rpo,
                phases.total(),
                phases.all(),
                verification,
                restored.items(),
                restored.steps(),
                warnings);
    }

    private boolean hasFailed() {
        return checks.stream().anyMatch(check -> check.status() == Check.Status.FAILED);
    }

    /** Empty if what is stored turned out not to be restorable. */
    private Optional<RestoreReport> restore(DigestCheckingReader backup, Record options, Path scratch, Mode mode)
            throws IOException, InterruptedException {
        Path directory = scratch.resolve("lvs-backup-drill-" + engine.newId());
        RestoreTarget target = new RestoreTarget.Scratch(directory);
        if (mode == Mode.DRY_RUN) {
            try (Source source = job.openSource()) {
                return Optional.of(
                        source.restore(backup, request(target, options, RestoreRequest.Mode.DRY_RUN), context));
            }
        }
        try (RehearsalDirectory rehearsal = RehearsalDirectory.make(directory, context::warn);
                Source source = job.openSource()) {
            RestoreReport report =
                    source.restore(backup, request(target, options, RestoreRequest.Mode.EXECUTE), context);
            phases.end();
            if (report.checks().isEmpty()) {
                checks.add(Check.failed("restore", VerifyReport.NOTHING_CHECKED + " of what it restored"));
            }
            checks.addAll(report.checks());
            report.omissions().forEach(this::fail);
            return Optional.of(report);
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            checks.add(Check.failed("restore", e.getMessage()));
            return Optional.empty();
        }
    }

    private void fail(Omission omission) {
        checks.add(Check.failed(
                "restore " + omission.item(),
                Stream.of(omission.object(), omission.reason(), omission.statement())
                        .filter(each -> !each.isEmpty())
                        .collect(Collectors.joining(": "))));
    }

    private static RestoreRequest request(RestoreTarget target, Record options, RestoreRequest.Mode mode) {
        return new RestoreRequest(target, List.of(), options, RestoreRequest.Consent.NOT_GIVEN, mode);
    }

    /** What was captured has to be there again. */
    private void checkItems(Manifest manifest, RestoreReport restored) {
        Map<String, ItemResult> byId = restored.items().stream()
                .collect(Collectors.toMap(ItemResult::item, Function.identity(), (first, second) -> first));
        for (ItemResult captured : manifest.items()) {
            if (captured.status() != ItemResult.Status.DONE) {
                continue;
            }
            ItemResult again = byId.remove(captured.item());
            if (again == null) {
                checks.add(Check.failed("item " + captured.item(), "was captured but not restored"));
            } else if (again.status() != ItemResult.Status.DONE) {
                checks.add(Check.failed("item " + captured.item(), again.reason()));
            }
        }
        byId.values().stream()
                .filter(item -> item.status() == ItemResult.Status.FAILED)
                .forEach(item -> checks.add(Check.failed("item " + item.item(), item.reason())));
    }

    private void checkBytes(StoredBackup backup, DigestCheckingReader reader) throws IOException, InterruptedException {
        StoredDigestCheck stored = new StoredDigestCheck(engine, backup);
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            checks.add(reader.hasProved(artifact) ? stored.passed(artifact) : stored.check(artifact, context));
        }
    }

    private void record(Duration rpo, Verification verification, List<String> warnings) throws InterruptedException {
        Journal journal = new Journal(sink);
        List<JournalDocuments.Drilled.Phase> took = phases.all().stream()
                .map(phase -> new JournalDocuments.Drilled.Phase(phase.name(), seconds(phase.took())))
                .toList();
        try {
            if (journal.directory(id).isLive()) {
                journal.put(
                        id,
                        Plain.DRILLED,
                        new JournalDocuments.Drilled(
                                startedAt, seconds(rpo), seconds(phases.total()), took, verification));
            }
        } catch (IOException e) {
            warnings.add("the result could not be recorded in the journal: " + e.getMessage());
        }
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
