package cloud.lvs.backup.core;

import cloud.lvs.backup.core.BackupEngine.Mode;
import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Documents.Begun;
import cloud.lvs.backup.core.catalog.Documents.Intended;
import cloud.lvs.backup.core.catalog.Documents.Note;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Applies retention to the backups of a job in one sink, and removes what dead runs left: rules 6 and 7 of the journal's
 * protocol; {@link Retention} has decided what goes.
 */
final class Pruner {
    private final Surroundings surroundings;
    private final Job job;
    private final NamedSink sink;
    private final RetentionPolicy policy;
    private final Journal journal;

    private final List<BackupId> deleted = new ArrayList<>();
    private final List<String> sweepable = new ArrayList<>();
    private final List<String> swept = new ArrayList<>();
    private final Map<String, String> leftovers = new LinkedHashMap<>();
    private final Map<String, String> locked = new LinkedHashMap<>();
    private long freedBytes;

    Pruner(Surroundings surroundings, Job job, NamedSink sink, RetentionPolicy policy) {
        this.surroundings = surroundings;
        this.job = job;
        this.sink = sink;
        this.policy = policy;
        this.journal = new Journal(sink.sink());
    }

    PruneReport prune(Mode mode) throws IOException, InterruptedException {
        Catalog catalog = Catalog.of(journal, job.name());
        Instant now = surroundings.clock().instant();
        Retention retention = new Retention(catalog, policy, job.staleAfter(), now);
        String skipped = retention.reasonToSkip();
        List<Decision> decisions = skipped.isEmpty() ? retention.decide() : List.of();
        Set<BackupId> drops = new TreeSet<>();
        for (Decision decision : decisions) {
            if (decision.verdict() == Verdict.DROP) {
                drops.add(decision.backup().id());
            }
        }
        if (mode == Mode.DRY_RUN) {
            List<CatalogEntry> dropped = catalog.entries().stream()
                    .filter(entry -> drops.contains(entry.summary().id()))
                    .toList();
            freedBytes = new StoredSizes(sink.sink()).of(dropped).orElse(0);
            if (!retention.clockIsBehind()) {
                catalog.remains().stream()
                        .filter(remains -> remains.isDeleting() || isDead(remains, now))
                        .forEach(remains -> sweepable.add(remains.id().directory()));
            }
        } else if (!retention.clockIsBehind()) {
            for (BackupDirectory remains : catalog.remains()) {
                attempt(remains.id().directory(), () -> clear(remains, now));
            }
            for (BackupId id : drops) {
                attempt(id.toString(), () -> delete(id));
            }
        }
        return new PruneReport(
                job.name(),
                sink.name(),
                mode,
                decisions,
                skipped,
                List.copyOf(sweepable),
                List.copyOf(deleted),
                List.copyOf(swept),
                Map.copyOf(leftovers),
                Map.copyOf(locked),
                freedBytes);
    }

    // ---- deleting ----

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** One directory that cannot be cleared must not keep the others. A sink that cannot be reached ends it all. */
    private void attempt(String what, Step step) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
        try {
            step.run();
        } catch (BackupException e) {
            if (e.kind() == Kind.SINK || e.kind() == Kind.CREDENTIALS || e.kind() == Kind.LOCKED) {
                throw e;
            }
            leftovers.put(what, e.getMessage());
        }
    }

    private void delete(BackupId id) throws IOException, InterruptedException {
        JournalName mark = new JournalName.Abandoned(surroundings.newId().value());
        Instant begun = putMark(id, mark, "prune");
        BackupDirectory directory = journal.directory(id);
        if (directory.isHeld() && !directory.isDeleting()) {
            withdraw(id, mark);
            leftovers.put(id.toString(), "is held since the plan was made");
            return;
        }
        if (!directory.isDeleting()) {
            Optional<ObjectKey> manifest = directory.manifestKey();
            if (!directory.hasBegun() || manifest.isEmpty()) {
                // Another prune was quicker.
                withdraw(id, mark);
                return;
            }
            byte[] content;
            try {
                content = journal.readBytes(manifest.get());
                journal.decode(manifest.get(), content, Manifest.class);
            } catch (BackupException e) {
                withdraw(id, mark);
                throw e;
            }
            ensureRecent(begun, id);
            journal.put(id, Plain.DELETING, content);
        }
        if (!finish(id)) {
            withdraw(id, mark);
        }
    }

    private Instant putMark(BackupId id, JournalName mark, String reason) throws IOException, InterruptedException {
        Instant now = surroundings.clock().instant();
        journal.put(id, mark, new Note(reason, surroundings.owner(), now));
        return now;
    }

    private void withdraw(BackupId id, JournalName mark) throws IOException, InterruptedException {
        journal.delete(List.of(mark.keyIn(id)));
    }

    /** A mark older than the grace period may have been withdrawn by others, so what follows it comes soon or never. */
    private void ensureRecent(Instant marked, BackupId id) throws BackupException {
        Instant now = surroundings.clock().instant();
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
    private boolean finish(BackupId id) throws IOException, InterruptedException {
        BackupDirectory directory = journal.directory(id);
        if (!directory.isDeleting()) {
            return false;
        }
        Manifest manifest = journal.read(Plain.DELETING.keyIn(id), Manifest.class);
        if (!discardedExternal(id, manifest)) {
            return true;
        }
        Set<ObjectKey> payload = new LinkedHashSet<>();
        for (StoredArtifact artifact : manifest.artifacts()) {
            payload.add(artifact.key());
        }
        for (Intended intended : intentsOf(directory)) {
            if (intended.key() != null) {
                payload.add(intended.key());
            }
        }
        // The other tool knew no run id, but what is adopted as one backup has its timestamp in the key.
        String belonging = manifest.outcome() == Outcome.ADOPTED
                ? BackupId.format(id.timestamp())
                : id.run().value();
        payload = ownedBy(id, belonging, payload);
        if (deleted(id.toString(), payload)
                && deleteJournal(id, object -> !isDeleting(object))
                && deleted(id.toString(), List.of(Plain.DELETING.keyIn(id)))) {
            deleted.add(id);
            freedBytes += storedBytes(manifest);
        }
        return true;
    }

    private static boolean isDeleting(StoredObject object) {
        return object.key().endsWith("/" + Plain.DELETING.text());
    }

    /** Whatever else a damaged or altered document names is not this backup's to delete. */
    private Set<ObjectKey> ownedBy(BackupId id, String belonging, Set<ObjectKey> keys) {
        Set<ObjectKey> owned = new LinkedHashSet<>();
        for (ObjectKey key : keys) {
            if (key.value().contains(belonging) && !key.value().startsWith(Journal.ROOT)) {
                owned.add(key);
            } else {
                leftovers.put(key.value(), "is named by the journal of " + id + " but does not belong to it");
            }
        }
        return owned;
    }

    private boolean deleteJournal(BackupId id, java.util.function.Predicate<StoredObject> which)
            throws IOException, InterruptedException {
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
        return journal.directory(id).objects().stream().noneMatch(which);
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

    private List<Intended> intentsOf(BackupDirectory directory) throws IOException, InterruptedException {
        List<Intended> intents = new ArrayList<>();
        for (ObjectKey key : directory.intents()) {
            try {
                intents.add(journal.read(key, Intended.class));
            } catch (BackupException e) {
                if (e.kind() != Kind.NOT_FOUND) {
                    throw e;
                }
                // Another prune removed it after the payload it names.
            }
        }
        return intents;
    }

    /** Whether nothing outside the sink needs this directory any more. While a copy does, it waits for a later prune. */
    private boolean discardedExternal(BackupId id, Manifest manifest) throws IOException, InterruptedException {
        if (manifest.external().isEmpty() || manifest.origin() != null || isSharedByAnother(manifest)) {
            return true;
        }
        for (CopyTarget copy : job.copies()) {
            if (hasCopyOf(id, new Journal(copy.sink().sink()))) {
                return false;
            }
        }
        List<BackupSummary> remaining = Catalog.of(journal, job.name()).summaries();
        WorkContext context = new WorkContext(surroundings, id, null, remaining, null, null);
        try (Source source = job.openSource()) {
            source.discard(new StoredBackup(manifest, sink.sink(), job.pipeline()), context);
        }
        return true;
    }

    /** Whether a live backup has the same external things: they go when that one does. */
    private boolean isSharedByAnother(Manifest manifest) throws IOException, InterruptedException {
        for (CatalogEntry entry : Catalog.of(journal, job.name()).entries()) {
            List<ExternalReference> others =
                    journal.read(entry.manifestKey(), Manifest.class).external();
            if (manifest.external().stream().anyMatch(others::contains)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasCopyOf(BackupId id, Journal copies) throws IOException, InterruptedException {
        List<BackupId> candidates = new ArrayList<>();
        copies.scan(job.name(), directory -> {
            // A copy keeps the timestamp of its origin.
            if (directory.id().timestamp().equals(id.timestamp()) && directory.hasBegun() && !directory.isDeleting()) {
                candidates.add(directory.id());
            }
        });
        for (BackupId candidate : candidates) {
            Begun begun = copies.read(Plain.BEGUN.keyIn(candidate), Begun.class);
            if (begun.origin() != null && begun.origin().id().equals(id)) {
                return true;
            }
        }
        return false;
    }

    // ---- sweeping ----

    private void clear(BackupDirectory remains, Instant now) throws IOException, InterruptedException {
        if (remains.isDeleting()) {
            finish(remains.id());
        } else if (remains.hasBegun() && remains.isCommitted()) {
            withdrawDeadMarks(remains, now.minus(job.grace()));
        } else if (isDead(remains, now)) {
            sweep(remains.id());
        }
    }

    private boolean isDead(BackupDirectory remains, Instant now) {
        return !(remains.hasBegun() && remains.isCommitted()) && remains.began().isBefore(now.minus(job.grace()));
    }

    /** Whoever set a mark that old died before it deleted anything: a live backup must not stay hidden. */
    private void withdrawDeadMarks(BackupDirectory directory, Instant limit) throws IOException, InterruptedException {
        List<ObjectKey> dead = directory.marks().stream()
                .filter(mark -> mark.lastModified().isBefore(limit))
                .map(mark -> new ObjectKey(mark.key()))
                .toList();
        deleted(directory.id().toString(), dead);
    }

    private void sweep(BackupId id) throws IOException, InterruptedException {
        JournalName mark = new JournalName.Abandoned(surroundings.newId().value());
        Instant begun = putMark(id, mark, "sweep");
        BackupDirectory directory = journal.directory(id);
        if (directory.isDeleting() || (directory.hasBegun() && directory.isCommitted())) {
            withdraw(id, mark);
            return;
        }
        ensureRecent(begun, id);
        removeRemains(id);
    }

    /**
     * Removes what a run that never committed has left: {@code begun} first, so that it cannot commit any more, then exactly
     * what its intents name, then the intents, then the marks.
     */
    void removeRemains(BackupId id) throws IOException, InterruptedException {
        if (!deleted(id.directory(), List.of(Plain.BEGUN.keyIn(id)))) {
            return;
        }
        List<Intended> intents = intentsOf(journal.directory(id));
        Set<ObjectKey> payload = new LinkedHashSet<>();
        List<ExternalReference> external = new ArrayList<>();
        for (Intended intended : intents) {
            if (intended.key() != null) {
                payload.add(intended.key());
            }
            if (intended.external() != null) {
                external.add(intended.external());
            }
        }
        if (!deleted(id.directory(), ownedBy(id, id.run().value(), payload))) {
            return;
        }
        if (!external.isEmpty()) {
            try (Source source = job.openSource()) {
                source.abandon(id.run(), external, WorkContext.reading(surroundings, id));
            }
        }
        if (deleteJournal(id, object -> true)) {
            swept.add(id.directory());
        }
    }

    /** What could not be deleted, with the reason, for good or bad. */
    Map<String, String> left() {
        Map<String, String> left = new LinkedHashMap<>(leftovers);
        left.putAll(locked);
        return left;
    }

    private static long storedBytes(Manifest manifest) {
        return manifest.artifacts().stream()
                .mapToLong(StoredArtifact::storedBytes)
                .sum();
    }
}
