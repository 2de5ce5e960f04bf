package cloud.lvs.backup.core.prune;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.counting.ManifestReader;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.prune.NamedObjects.Unreadable;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Deletes backups, and what dead runs left, from one sink of a job: rules 6 and 7 of the journal's protocol. */
public final class BackupDeletion {
    private final EngineContext engine;
    private final Job job;
    private final Journal journal;
    private final ManifestReader manifests;
    private final ExternalResources external;

    private final List<BackupId> deleted = new ArrayList<>();
    private final List<String> swept = new ArrayList<>();
    private final Map<String, String> leftovers = new LinkedHashMap<>();
    private final Map<String, String> locked = new LinkedHashMap<>();
    private final Map<String, String> unreadable = new LinkedHashMap<>();
    private long freedBytes;

    public BackupDeletion(EngineContext engine, Job job, NamedSink sink) {
        this.engine = engine;
        this.job = job;
        this.journal = new Journal(sink.sink());
        this.manifests = new ManifestReader(job, sink);
        this.external = new ExternalResources(engine, job, sink);
    }

    List<BackupId> deleted() {
        return List.copyOf(deleted);
    }

    List<String> swept() {
        return List.copyOf(swept);
    }

    /** What could not be deleted, with the reason. */
    Map<String, String> leftovers() {
        return leftovers;
    }

    /** What the store keeps as agreed, with the reason. */
    Map<String, String> locked() {
        return locked;
    }

    /** What stays because nobody can tell now what belongs to it, with the reason. */
    Map<String, String> unreadable() {
        return unreadable;
    }

    /** What could not be deleted, with the reason, for good or bad. */
    public Map<String, String> left() {
        Map<String, String> left = new LinkedHashMap<>(leftovers);
        left.putAll(locked);
        left.putAll(unreadable);
        return left;
    }

    long freedBytes() {
        return freedBytes;
    }

    // ---- backups ----

    void delete(BackupId id) throws IOException, InterruptedException {
        JournalName mark = new JournalName.Abandoned(engine.newId().value());
        Instant begun = putMark(id, mark, "prune");
        BackupDirectory directory = journal.directory(id);
        if (directory.isHeld() && !directory.isDeleting()) {
            withdraw(id, mark);
            leftovers.put(id.toString(), "is held since the plan was made");
            return;
        }
        if (!directory.isDeleting()) {
            if (!directory.hasBegun() || !directory.isCommitted()) {
                // Another prune was quicker.
                withdraw(id, mark);
                return;
            }
            NamedObjects belongings;
            try {
                belongings = NamedObjects.ofBackup(manifests, journal, directory);
            } catch (BackupException e) {
                withdraw(id, mark);
                throw e;
            } catch (Unreadable e) {
                withdraw(id, mark);
                unreadable.put(id.toString(), e.getMessage());
                return;
            }
            ensureRecent(begun, id);
            journal.put(id, Plain.DELETING, belongings.manifest());
        }
        if (!finish(id)) {
            withdraw(id, mark);
        }
    }

    private Instant putMark(BackupId id, JournalName mark, String reason) throws IOException, InterruptedException {
        Instant now = engine.clock().instant();
        journal.put(id, mark, new Note(reason, engine.owner(), now));
        return now;
    }

    private void withdraw(BackupId id, JournalName mark) throws IOException, InterruptedException {
        journal.delete(List.of(mark.keyIn(id)));
    }

    /** A mark older than the grace period may have been withdrawn by others, so what follows it comes soon or never. */
    private void ensureRecent(Instant marked, BackupId id) throws BackupException {
        Instant now = engine.clock().instant();
        if (now.isAfter(marked.plus(job.grace().dividedBy(2)))) {
            throw new BackupException(
                    Kind.FAILED, "backup " + id, "took too long to delete", "the next prune tries again");
        }
    }

    /**
     * From {@code deleting} on: what is outside, the payload, the journal, and {@code deleting} itself. Idempotent.
     *
     * @return whether there was anything to finish; another prune may have been quicker
     */
    boolean finish(BackupId id) throws IOException, InterruptedException {
        BackupDirectory directory = journal.directory(id);
        if (!directory.isDeleting()) {
            return false;
        }
        NamedObjects belongings;
        try {
            belongings = NamedObjects.ofBackup(manifests, journal, directory);
        } catch (Unreadable e) {
            unreadable.put(id.toString(), e.getMessage());
            return true;
        }
        if (!external.discard(id, belongings.manifest())) {
            return true;
        }
        Set<ObjectKey> payload = owned(id, belongings);
        if (deleted(id.toString(), payload)
                && deleteJournal(id, object -> !isDeleting(object))
                && deleted(id.toString(), List.of(Plain.DELETING.keyIn(id)))) {
            deleted.add(id);
            freedBytes += belongings.storedBytes(payload);
        }
        return true;
    }

    private static boolean isDeleting(StoredObject object) {
        return object.key().endsWith("/" + Plain.DELETING.text());
    }

    /** Whatever else a damaged or altered document names is not this backup's to delete. */
    private Set<ObjectKey> owned(BackupId id, NamedObjects belongings) {
        Set<ObjectKey> owned = new LinkedHashSet<>();
        for (ObjectKey key : belongings.payload()) {
            if (key.value().contains(belongings.mark()) && !key.value().startsWith(Journal.ROOT)) {
                owned.add(key);
            } else {
                leftovers.put(key.value(), "is named by the journal of " + id + " but does not belong to it");
            }
        }
        if (!belongings.areComplete()) {
            leftovers.put(
                    "objects with " + belongings.mark() + " in their keys",
                    "may stay: the journal of " + id + " is damaged where it names them; delete them by hand");
        }
        return owned;
    }

    private boolean deleteJournal(BackupId id, Predicate<StoredObject> which) throws IOException, InterruptedException {
        // Marks last: while one stands, nothing else takes the directory for a backup.
        List<ObjectKey> marks = new ArrayList<>();
        List<ObjectKey> others = new ArrayList<>();
        BackupDirectory directory = journal.directory(id);
        Set<String> markKeys = directory.marks().stream().map(StoredObject::key).collect(Collectors.toSet());
        for (StoredObject object : directory.objects()) {
            if (which.test(object)) {
                (markKeys.contains(object.key()) ? marks : others).add(new ObjectKey(object.key()));
            }
        }
        if (!deleted(id.toString(), others) || !deleted(id.toString(), marks)) {
            return false;
        }
        List<ObjectKey> left = journal.directory(id).objects().stream()
                .filter(which)
                .map(object -> new ObjectKey(object.key()))
                .toList();
        left.stream().filter(key -> others.contains(key) || marks.contains(key)).forEach(this::tellStillThere);
        return left.isEmpty();
    }

    /** Other objects may have come since; this one has a name that nobody gives twice. */
    private void tellStillThere(ObjectKey key) {
        leftovers.put(key.value(), "the store reports it as deleted, but it is still there");
    }

    private boolean deleted(String what, Collection<ObjectKey> keys) throws IOException, InterruptedException {
        DeleteReport report = journal.delete(keys);
        int denied = 0;
        for (Map.Entry<ObjectKey, String> refused : report.refused().entrySet()) {
            boolean asAgreed = report.locked().contains(refused.getKey());
            (asAgreed ? locked : leftovers).put(refused.getKey().value(), refused.getValue());
            denied += asAgreed ? 0 : 1;
        }
        if (denied > 0) {
            leftovers.put(what, "the store refused to delete " + denied + " of its objects");
        }
        return report.isComplete();
    }

    // ---- dead runs ----

    /** Whoever set a mark that old died before it deleted anything: a live backup must not stay hidden. */
    void withdrawDeadMarks(BackupDirectory directory, Instant limit) throws IOException, InterruptedException {
        List<ObjectKey> dead = directory.marks().stream()
                .filter(mark -> mark.lastModified().isBefore(limit))
                .map(mark -> new ObjectKey(mark.key()))
                .toList();
        deleted(directory.id().toString(), dead);
    }

    void sweep(BackupId id) throws IOException, InterruptedException {
        JournalName mark = new JournalName.Abandoned(engine.newId().value());
        Instant begun = putMark(id, mark, "sweep");
        BackupDirectory directory = journal.directory(id);
        if (directory.isDeleting() || (directory.hasBegun() && directory.isCommitted())) {
            withdraw(id, mark);
            return;
        }
        ensureRecent(begun, id);
        removeRemains(id);
        if (unreadable.containsKey(id.directory())) {
            // Every later sweep tries again; their marks would pile up.
            withdraw(id, mark);
        }
    }

    /**
     * Removes what a run that never committed has left: {@code begun} first, so that it cannot commit any more, then exactly
     * what its intents name, then the intents, then the marks.
     */
    public void removeRemains(BackupId id) throws IOException, InterruptedException {
        if (!deleted(id.directory(), List.of(Plain.BEGUN.keyIn(id)))) {
            return;
        }
        BackupDirectory directory = journal.directory(id);
        if (directory.hasBegun()) {
            tellStillThere(Plain.BEGUN.keyIn(id));
            return;
        }
        NamedObjects belongings;
        try {
            belongings = NamedObjects.ofRemains(journal, directory);
        } catch (Unreadable e) {
            unreadable.put(id.directory(), e.getMessage());
            return;
        }
        if (!deleted(id.directory(), owned(id, belongings))) {
            return;
        }
        external.abandon(id, belongings.announcedOutside());
        if (deleteJournal(id, object -> true)) {
            swept.add(id.directory());
        }
    }
}
