package cloud.lvs.backup.core.prune;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments.Begun;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What backups of a job have outside its sink: freed with the last that refers to it. */
public final class ExternalResources {
    private final EngineContext engine;
    private final Job job;
    private final NamedSink sink;
    private final Journal journal;

    ExternalResources(EngineContext engine, Job job, NamedSink sink) {
        this.engine = engine;
        this.job = job;
        this.sink = sink;
        this.journal = new Journal(sink.sink());
    }

    /**
     * Frees what a backup that is being deleted has outside.
     *
     * @return whether nothing outside needs its directory any more; while a copy does, it waits for a later prune
     */
    boolean discard(BackupId id, Manifest manifest) throws IOException, InterruptedException {
        if (manifest.external().isEmpty() || manifest.origin() != null || areSharedByAnother(manifest)) {
            return true;
        }
        for (CopyTarget copy : job.copies()) {
            if (hasCopyOf(id, new Journal(copy.sink().sink()))) {
                return false;
            }
        }
        List<BackupSummary> remaining = Catalog.of(journal, job.name()).summaries();
        WorkContext context = new WorkContext(engine, id, null, remaining, null, null);
        try (Source source = job.openSource()) {
            if (manifest.artifacts().isEmpty()) {
                // Its manifest could not be read; the intents named these.
                source.abandon(id.run(), manifest.external(), context);
            } else {
                source.discard(new StoredBackup(manifest, sink.sink(), job.pipeline()), context);
            }
        }
        return true;
    }

    /** Frees what a run that never committed has announced. */
    void abandon(BackupId id, List<ExternalReference> announced) throws IOException, InterruptedException {
        if (!announced.isEmpty()) {
            try (Source source = job.openSource()) {
                source.abandon(id.run(), announced, WorkContext.reading(engine, id));
            }
        }
    }

    /** Whether a live backup has the same external things: they go when that one does. */
    private boolean areSharedByAnother(Manifest manifest) throws IOException, InterruptedException {
        for (CatalogEntry entry : Catalog.of(journal, job.name()).entries()) {
            try {
                List<ExternalReference> others =
                        journal.read(entry.manifestKey(), Manifest.class).external();
                if (manifest.external().stream().anyMatch(others::contains)) {
                    return true;
                }
            } catch (BackupException e) {
                // From a damaged one nothing can be restored, whatever it refers to.
                if (e.kind() != Kind.VERIFICATION && e.kind() != Kind.NOT_FOUND) {
                    throw e;
                }
            }
        }
        return false;
    }

    private boolean hasCopyOf(BackupId id, Journal copies) throws IOException, InterruptedException {
        List<BackupDirectory> candidates = new ArrayList<>();
        copies.scan(job.name(), directory -> {
            // A copy keeps the timestamp of its origin.
            if (directory.id().timestamp().equals(id.timestamp()) && directory.hasBegun() && !directory.isDeleting()) {
                candidates.add(directory);
            }
        });
        for (BackupDirectory candidate : candidates) {
            if (isCopyOf(id, candidate, copies)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isCopyOf(BackupId id, BackupDirectory candidate, Journal copies)
            throws IOException, InterruptedException {
        try {
            Begun begun = copies.read(Plain.BEGUN.keyIn(candidate.id()), Begun.class);
            return begun.origin() != null && begun.origin().id().equals(id);
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
            // Damaged; of this job and this second it can hardly be the copy of another.
            return true;
        }
    }
}
