package cloud.lvs.backup.core.read;

import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Proves a stored backup at a level. */
public final class Verifier {
    private final EngineContext engine;
    private final Job job;
    private final Sink sink;
    private final List<Check> checks = new ArrayList<>();

    public Verifier(EngineContext engine, Job job) {
        this.engine = engine;
        this.job = job;
        this.sink = job.sink().sink();
    }

    public VerifyReport verify(BackupId id, Level level) throws IOException, InterruptedException {
        WorkContext context = WorkContext.reading(engine, id);
        Optional<Manifest> manifest = readManifest(id);
        if (manifest.isPresent()) {
            checkPayload(manifest.get(), level, context);
        }
        Verification verification = new Verification(checks);
        List<String> warnings = new ArrayList<>(context.warnings());
        if (verification.passed()) {
            record(id, level, verification, warnings);
        }
        return new VerifyReport(id, level, verification, warnings);
    }

    /** Empty if it is damaged so that it cannot be read, which is a failed check. */
    private Optional<Manifest> readManifest(BackupId id) throws IOException, InterruptedException {
        try {
            ManifestReader.Found found = new ManifestReader(job, job.sink()).find(id);
            Manifest manifest = found.manifest();
            checks.add(found.check());
            return Optional.of(manifest);
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            checks.add(Check.failed("manifest", e.getMessage() + ": " + e.remedy()));
            return Optional.empty();
        }
    }

    private void checkPayload(Manifest manifest, Level level, WorkContext context)
            throws IOException, InterruptedException {
        StoredBackup backup = new StoredBackup(manifest, sink, job.pipeline());
        for (StoredArtifact artifact : manifest.artifacts()) {
            context.checkpoint();
            checkStored(backup, artifact);
        }
        if (level != Level.STORED && !hasFailed()) {
            StoredDigestCheck stored = new StoredDigestCheck(engine, backup);
            for (StoredArtifact artifact : manifest.artifacts()) {
                checks.add(stored.check(artifact, context));
            }
        }
        if (level.compareTo(job.verifiesFrom()) >= 0 && !hasFailed()) {
            checkContent(backup, level, context);
        }
    }

    private boolean hasFailed() {
        return checks.stream().anyMatch(check -> check.status() == Check.Status.FAILED);
    }

    private void checkStored(StoredBackup backup, StoredArtifact artifact) throws IOException, InterruptedException {
        String name = "stored " + backup.nameOf(artifact);
        Optional<StoredObject> object = sink.stat(artifact.key());
        if (object.isEmpty()) {
            checks.add(Check.failed(name, artifact.key() + " is missing"));
        } else if (object.get().sizeBytes() != artifact.storedBytes()) {
            checks.add(Check.failed(
                    name,
                    artifact.key() + " has " + object.get().sizeBytes() + " bytes, " + artifact.storedBytes()
                            + " were stored"));
        } else {
            checks.add(Check.passed(name, artifact.storedBytes() + " bytes"));
        }
    }

    private void checkContent(StoredBackup backup, Level level, WorkContext context)
            throws IOException, InterruptedException {
        try (Source source = job.openSource()) {
            Verification content = source.verify(backup, level, context);
            if (content.checks().isEmpty()) {
                checks.add(Check.failed("content", VerifyReport.NOTHING_CHECKED));
            }
            checks.addAll(content.checks());
        } catch (BackupException e) {
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            checks.add(Check.failed("content", e.getMessage()));
        }
    }

    private void record(BackupId id, Level level, Verification verification, List<String> warnings)
            throws InterruptedException {
        Journal journal = new Journal(sink);
        try {
            if (journal.directory(id).isLive()) {
                journal.put(
                        id,
                        new JournalName.Verified(level),
                        new JournalDocuments.Verified(level, engine.clock().instant(), verification));
            }
        } catch (IOException e) {
            warnings.add("the result could not be recorded in the journal: " + e.getMessage());
        }
    }
}
