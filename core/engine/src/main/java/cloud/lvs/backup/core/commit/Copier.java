package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalDocuments.Begun;
import cloud.lvs.backup.core.catalog.JournalDocuments.Intended;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.Counting;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.DigestingOutputStream;
import cloud.lvs.backup.core.prune.BackupDeletion;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Copies a backup, as stored, into another sink: rule 8 of the journal's protocol. */
public final class Copier {
    private static final int BUFFER_BYTES = 128 << 10;
    private static final int MOST_TOLD = 10;

    private final EngineContext engine;
    private final Job job;
    private final NamedSink to;
    private final Journal here;
    private final Journal there;
    private final List<String> warnings = new ArrayList<>();
    private String reasonToRetainAll = "";

    public Copier(EngineContext engine, Job job, NamedSink to) {
        this.engine = engine;
        this.job = job;
        this.to = to;
        this.here = new Journal(job.sink().sink());
        this.there = new Journal(to.sink());
    }

    /** What to know about the sink copied to; also when the copy failed. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** That the clock here is ahead of the store's; empty if it is not. */
    String reasonToRetainAll() {
        return reasonToRetainAll;
    }

    private void warn(String warning) {
        warnings.add(warning);
        engine.tell(new Event.Warned(job.name(), warning));
    }

    public CopyReport copy(BackupId origin, Mode mode) throws IOException, InterruptedException {
        Manifest manifest = new ManifestReader(job, job.sink()).read(origin);
        long bytes = manifest.artifacts().stream()
                .mapToLong(StoredArtifact::storedBytes)
                .sum();
        if (!manifest.external().isEmpty()
                && job.copies().stream().noneMatch(copy -> copy.sink().equals(to))) {
            // Before what lies outside is discarded, the copies that are configured are looked at, and no others.
            throw new BackupException(
                    Kind.CONFIG,
                    "sink " + to.name(),
                    "is none of the copies of job " + job.name() + ", and backup " + origin
                            + " refers to things outside the sink that a prune would discard",
                    "add the sink to the job's copies first");
        }
        Optional<BackupId> present = presentCopy(origin);
        if (present.isPresent()) {
            return new CopyReport(to.name(), origin, present.get(), CopyReport.State.PRESENT, bytes);
        }
        if (mode == Mode.DRY_RUN) {
            return new CopyReport(to.name(), origin, null, CopyReport.State.PLANNED, bytes);
        }
        // A fresh run id for each attempt; the timestamp of the origin, which retention counts by.
        BackupId copy = new BackupId(job.name(), origin.timestamp(), engine.newId());
        Instant began = engine.clock().instant();
        Manifest.Origin from = new Manifest.Origin(job.sink().name(), origin);
        StoredObject begun = there.put(
                copy,
                Plain.BEGUN,
                new Begun(Manifest.FORMAT_VERSION, JournalDocuments.Origin.COPY, copy, engine.owner(), began, from));
        WorkContext context = new WorkContext(
                engine, copy, null, List.of(), began.plus(job.grace().dividedBy(2)), null);
        ClockSkew skew =
                ClockSkew.between(began, begun.lastModified(), engine.clock().instant());
        skew.complaint(to).ifPresent(complaint -> {
            warn(complaint);
            reasonToRetainAll = skew.isAhead() ? complaint : "";
        });
        Commit commit = new Commit(engine, job, to, copy);
        Manifest copied;
        try {
            // Only now that our beginning is on record may the origin not be discarded behind our back.
            requireLive(origin);
            copied = transfer(manifest, copy, from, began, context);
            commit.prepare(copied, context);
        } catch (IOException | InterruptedException | RuntimeException e) {
            cleanUp(copy, e);
            throw e;
        }
        commit.send(copied);
        return new CopyReport(to.name(), origin, copy, CopyReport.State.COPIED, bytes);
    }

    private void requireLive(BackupId origin) throws IOException, InterruptedException {
        if (!here.directory(origin).isLive()) {
            throw new BackupException(
                    Kind.NOT_FOUND, "backup " + origin, "is not there or is being deleted", "choose another to copy");
        }
    }

    private Optional<BackupId> presentCopy(BackupId origin) throws IOException, InterruptedException {
        Counting counting = Counting.of(job, to);
        counting.flaws().stream().limit(MOST_TOLD).forEach(flaw -> warn("sink " + to.name() + ": " + flaw));
        for (CatalogEntry candidate : counting.catalog().entries()) {
            if (candidate.id().timestamp().equals(origin.timestamp()) && isSoundCopy(origin, candidate, counting)) {
                return Optional.of(candidate.id());
            }
        }
        return Optional.empty();
    }

    /** A copy that is damaged or hollow is made once more. */
    private boolean isSoundCopy(BackupId origin, CatalogEntry entry, Counting counting)
            throws IOException, InterruptedException {
        counting.look(List.of(entry));
        if (!counting.isProved(entry)) {
            return false;
        }
        Manifest.Origin from = there.read(entry.manifestKey(), Manifest.class).origin();
        return from != null && from.id().equals(origin);
    }

    private Manifest transfer(
            Manifest manifest, BackupId copy, Manifest.Origin from, Instant began, WorkContext context)
            throws IOException, InterruptedException {
        List<StoredArtifact> artifacts = new ArrayList<>();
        for (StoredArtifact artifact : manifest.artifacts()) {
            ObjectKey key = keyOf(artifact.key(), manifest.id(), copy);
            context.checkpoint();
            there.put(copy, new JournalName.Intent(artifacts.size() + 1), new Intended(key, null));
            artifacts.add(transfer(manifest, artifact, key, context));
        }
        return manifest.toBuilder(copy)
                .formatVersion(Manifest.FORMAT_VERSION)
                .origin(from)
                .tool(engine.tool())
                .startedAt(began)
                .finishedAt(engine.clock().instant())
                .artifacts(artifacts)
                .build();
    }

    private StoredArtifact transfer(Manifest manifest, StoredArtifact artifact, ObjectKey key, WorkContext context)
            throws IOException, InterruptedException {
        StoredBackup backup = new StoredBackup(manifest, job.sink().sink(), job.pipeline());
        try (InputStream in = backup.openStored(artifact);
                ObjectWriter object = to.sink().create(key, Map.of())) {
            DigestingOutputStream out = new DigestingOutputStream(object.body());
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                context.checkpoint();
                out.write(buffer, 0, read);
                engine.progress().transferred(job.name(), key.value(), read);
            }
            context.checkpoint();
            object.commit();
            new Confirmation(to.sink(), job.confirm()).confirm(key, out.count(), out.sha256());
        }
        String hint = RestoreHint.moved(
                artifact.restoreHint(),
                RestoreHint.fetch(job.sink().sink(), artifact.key()),
                RestoreHint.fetch(to.sink(), key));
        return artifact.toBuilder(key).restoreHint(hint).build();
    }

    /** The key of the origin with the copy's own run id in it, so that no two attempts share an object. */
    private static ObjectKey keyOf(ObjectKey origin, BackupId from, BackupId copy) {
        String key = origin.value();
        if (key.contains(from.run().value())) {
            return new ObjectKey(key.replace(from.run().value(), copy.run().value()));
        }
        // An adopted object has no run id in its key.
        int name = key.lastIndexOf('/') + 1;
        int dot = key.indexOf('.', name + 1);
        int end = dot < 0 ? key.length() : dot;
        return new ObjectKey(key.substring(0, end) + "-" + copy.run() + key.substring(end));
    }

    private void cleanUp(BackupId copy, Exception failure) {
        boolean interrupted = Thread.interrupted();
        try {
            new BackupDeletion(engine, job, to).removeRemains(copy);
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
