package cloud.lvs.backup.core.prune;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Keeps a backup from being pruned (rule 6 of the protocol): what is held, and by whom, is an object in its journal. */
public record Hold(EngineContext engine, Job job, BackupId id) {
    /** Holds the backup; fails if it is being deleted already. */
    public void place(String reason) throws IOException, InterruptedException {
        Journal journal = journal();
        if (!journal.directory(id).isLive()) {
            throw new ManifestReader(job, job.sink()).noSuchBackup(id);
        }
        journal.put(
                id, Plain.HELD, new Note(reason, engine.owner(), engine.clock().instant()));
        BackupDirectory directory = journal.directory(id);
        if (!directory.isLive()) {
            throw new BackupException(
                    Kind.FAILED,
                    "backup " + id,
                    "could not be held: it is being deleted, or was about to be",
                    "try again; if it is gone, hold another");
        }
    }

    /** Why, by whom and since when it is held; empty if it is not. */
    public Optional<Note> reason() throws IOException, InterruptedException {
        ObjectKey key = Plain.HELD.keyIn(id);
        Optional<StoredObject> held = job.sink().sink().stat(key);
        if (held.isEmpty()) {
            return Optional.empty();
        }
        try {
            Note note = journal().read(key, Note.class);
            if (note.reason() != null && note.owner() != null && note.at() != null) {
                return Optional.of(note);
            }
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            if (e.kind() != Kind.VERIFICATION) {
                throw e;
            }
        }
        return Optional.of(
                new Note("the reason is damaged", "unknown", held.get().lastModified()));
    }

    /** Ends the hold, and tells whether there was one. */
    public boolean release() throws IOException, InterruptedException {
        boolean held = journal().directory(id).isHeld();
        DeleteReport report = journal().delete(List.of(Plain.HELD.keyIn(id)));
        if (!report.isComplete()) {
            throw new BackupException(
                    Kind.SINK,
                    "backup " + id,
                    "stays held: " + String.join(", ", report.refused().values()),
                    "use a key that may delete");
        }
        return held;
    }

    private Journal journal() {
        return new Journal(job.sink().sink());
    }
}
