package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.core.report.Flaw.Nature;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which backups of a job in a sink count, for {@code latest}, retention, metrics and the comparison with the one before: those
 * that are whole, rightly dated by the store's clock, whose manifest is read and fits {@code SHA256SUMS}, and whose payload is
 * there with the stated sizes (rule 5 of the journal's protocol).
 *
 * <p>The keys tell the first two. For the rest a backup has to be looked at, which takes a few requests: each is looked at
 * once, and only those that a decision rests on. Made for one piece of work; not thread-safe.
 */
public final class Counting {
    /** Nobody waits for more; what is older than so many that were looked at is taken by its keys. */
    private static final int MOST = 1000;

    private static final int MOST_TOLD = 10;
    private static final int ENOUGH_UNREADABLE = 3;

    private final String sinkName;
    private final Catalog catalog;
    private final Journal journal;
    private final ManifestReader manifests;
    private final PayloadSizes sizes;
    private final Map<BackupId, Flaw> flaws = new HashMap<>();
    private final Set<BackupId> proved = new HashSet<>();
    private final Set<BackupId> gone = new HashSet<>();
    private @Nullable BackupException firstUnreadable;
    private int unreadable;
    private int looks;

    public Counting(Job job, NamedSink sink, Catalog catalog) {
        this.sinkName = "sink " + sink.name();
        this.catalog = catalog;
        this.journal = new Journal(sink.sink());
        this.manifests = new ManifestReader(job, sink);
        this.sizes = new PayloadSizes(sink.sink());
        for (CatalogEntry entry : catalog.entries()) {
            if (entry.isDatedAhead()) {
                flaws.put(entry.id(), datedAhead(entry));
            }
        }
    }

    /** The backups of a job in a sink as they are now. */
    public static Counting of(Job job, NamedSink sink) throws IOException, InterruptedException {
        return new Counting(job, sink, Catalog.of(new Journal(sink.sink()), job.name()));
    }

    public Catalog catalog() {
        return catalog;
    }

    private static Flaw datedAhead(CatalogEntry entry) {
        return new Flaw(
                entry.id(),
                Nature.DATED_AHEAD,
                "the store got it at " + entry.committedAt() + ", so the clock of its run was wrong");
    }

    /** The newest backup that counts; looks at them newest first until one does. */
    public Optional<CatalogEntry> newest() throws IOException, InterruptedException {
        while (true) {
            Optional<CatalogEntry> first = whole(flaws.keySet()).findFirst();
            if (first.isEmpty() || !mayLook() || isUnreadableAltogether()) {
                return first.filter(entry -> proved.contains(entry.id()));
            }
            List<CatalogEntry> group =
                    withItsGroup(first.get()).filter(this::isUnseen).toList();
            if (group.isEmpty()) {
                return first;
            }
            look(group);
        }
    }

    /** Where nothing can be read, it is not worth the time to be told so by every backup. */
    private boolean isUnreadableAltogether() {
        return proved.isEmpty() && unreadable >= ENOUGH_UNREADABLE;
    }

    /**
     * The newest backup that counts, or why there is none.
     *
     * @throws BackupException of kind {@code VERIFICATION} if one is there that a verification would fail, {@code NOT_FOUND} if
     *     there is none of any use, or what kept backups from being read
     */
    public CatalogEntry requireNewest(String job) throws IOException, InterruptedException {
        Optional<CatalogEntry> newest = newest();
        if (newest.isPresent()) {
            return newest.get();
        }
        if (firstUnreadable != null) {
            throw firstUnreadable;
        }
        List<Flaw> flaws = flawsAbove(newest);
        throw new BackupException(
                flaws.stream().anyMatch(Flaw::failsVerification) ? Kind.VERIFICATION : Kind.NOT_FOUND,
                "backup latest",
                flaws.isEmpty()
                        ? "job " + job + " has no backup in " + sinkName
                        : "no backup of job " + job + " in " + sinkName + " counts; " + flaws.get(0),
                flaws.isEmpty() ? "run it first" : "name one by its id; see the list command for those there are");
    }

    private Stream<CatalogEntry> withItsGroup(CatalogEntry entry) {
        return entry.shard() == null
                ? Stream.of(entry)
                : catalog.entries().stream()
                        .filter(other -> other.shard() != null
                                && other.shard().group().equals(entry.shard().group()));
    }

    /** Those that may count, newest first: nothing was found that speaks against them. */
    public List<CatalogEntry> standing() {
        return whole(flaws.keySet()).toList();
    }

    /** Those that are partial, also because shards of their group are lost. */
    public Set<BackupId> partial() {
        Set<BackupId> lost =
                flaws.values().stream().filter(Flaw::isLost).map(Flaw::backup).collect(Collectors.toSet());
        return catalog.without(lost).entries().stream()
                .filter(entry -> !entry.summary().outcome().isWhole())
                .map(CatalogEntry::id)
                .collect(Collectors.toSet());
    }

    private Stream<CatalogEntry> whole(Set<BackupId> without) {
        Set<BackupId> out = new HashSet<>(without);
        out.addAll(gone);
        return catalog.without(out).entries().stream()
                .filter(entry -> entry.summary().outcome().isWhole());
    }

    private boolean isUnseen(CatalogEntry entry) {
        return !proved.contains(entry.id()) && !flaws.containsKey(entry.id()) && !gone.contains(entry.id());
    }

    /** Whether it was looked at and nothing was wrong; with all the shards of its group it counts. */
    public boolean isProved(CatalogEntry entry) {
        return proved.contains(entry.id());
    }

    /** Whether it was deleted since it was listed. */
    public boolean isGone(CatalogEntry entry) {
        return gone.contains(entry.id());
    }

    /** Whether there is patience to look at more. */
    public boolean mayLook() {
        return looks < MOST;
    }

    /** What is wrong with a backup, as far as it was looked at. */
    public Optional<Flaw> flawOf(BackupId id) {
        return Optional.ofNullable(flaws.get(id));
    }

    /** What was found, newest first. */
    public List<Flaw> flaws() {
        return catalog.entries().stream()
                .flatMap(entry -> flawOf(entry.id()).stream())
                .toList();
    }

    /** Why the backups newer than this one do not count, newest first; all of them if it is empty. */
    public List<Flaw> flawsAbove(Optional<CatalogEntry> entry) {
        List<Flaw> above = new ArrayList<>();
        Map<BackupId, CatalogEntry> whole =
                whole(flaws.keySet()).collect(Collectors.toMap(CatalogEntry::id, other -> other));
        for (CatalogEntry other : catalog.entries()) {
            if (entry.isPresent() && entry.get().id().equals(other.id())) {
                break;
            }
            if (flaws.containsKey(other.id())) {
                above.add(flaws.get(other.id()));
            } else if (!whole.containsKey(other.id()) && !gone.contains(other.id())) {
                above.add(new Flaw(other.id(), Nature.PARTIAL, partial(other)));
            }
        }
        return above;
    }

    /** Tells the listener why the backups newer than this one do not count. */
    public void tellFlawsAbove(Optional<CatalogEntry> entry, EngineContext engine) {
        List<Flaw> above = flawsAbove(entry);
        for (Flaw flaw : above.subList(0, Math.min(MOST_TOLD, above.size()))) {
            engine.tell(new Event.Warned(flaw.backup().job(), sinkName + ": " + flaw));
        }
        if (above.size() > MOST_TOLD) {
            engine.tell(new Event.Warned(
                    above.get(0).backup().job(),
                    sinkName + ": " + (above.size() - MOST_TOLD) + " more of the newest backups do not count"));
        }
    }

    private static String partial(CatalogEntry entry) {
        return entry.shard() != null && entry.commit().outcome().isWhole()
                ? "not all shards of its group count"
                : "its run did not capture all that it expected";
    }

    /** Looks at some backups; what is found is remembered. */
    public void look(Collection<CatalogEntry> entries) throws IOException, InterruptedException {
        Map<CatalogEntry, Manifest> read = new LinkedHashMap<>();
        for (CatalogEntry entry : entries) {
            looks++;
            read(entry).ifPresent(manifest -> read.put(entry, manifest));
        }
        sizes.prepare(read.values());
        for (Map.Entry<CatalogEntry, Manifest> each : read.entrySet()) {
            comparePayload(each.getKey().id(), each.getValue());
        }
    }

    private Optional<Manifest> read(CatalogEntry entry) throws IOException, InterruptedException {
        BackupId id = entry.id();
        ManifestReader.Found found;
        try {
            found = manifests.find(id, entry.manifestKey());
        } catch (BackupException e) {
            switch (e.kind()) {
                case NOT_FOUND -> gone.add(id);
                case VERIFICATION -> noteLost(id, Nature.DAMAGED, e.problem());
                default -> noteUnreadable(id, e);
            }
            return Optional.empty();
        }
        if (!found.fitsSums()) {
            noteLost(id, Nature.DAMAGED, found.check().detail());
            return Optional.empty();
        }
        if (found.check().status() == Check.Status.FAILED) {
            note(id, Nature.UNTRUSTED, found.check().detail());
            return Optional.empty();
        }
        try {
            return Optional.of(found.manifest());
        } catch (BackupException e) {
            // As it was committed, so that it is this version that cannot read it.
            note(id, Nature.UNREADABLE, e.problem());
            return Optional.empty();
        }
    }

    private void comparePayload(BackupId id, Manifest manifest) throws IOException, InterruptedException {
        try {
            for (StoredArtifact artifact : manifest.artifacts()) {
                String difference = sizes.compare(artifact);
                if (!difference.isEmpty()) {
                    noteLost(id, Nature.HOLLOW, difference);
                    return;
                }
            }
            proved.add(id);
        } catch (BackupException e) {
            noteUnreadable(id, e);
        }
    }

    /** What another prune is deleting looks like this too. */
    private void noteLost(BackupId id, Nature nature, String reason) throws IOException, InterruptedException {
        BackupDirectory directory = journal.directory(id);
        if (directory.hasBegun() && directory.isCommitted() && !directory.isDeleting()) {
            note(id, nature, reason);
        } else {
            gone.add(id);
        }
    }

    /** One thing that cannot be read is its own affair; a store that does not answer is not. */
    private void noteUnreadable(BackupId id, BackupException e) throws IOException, InterruptedException {
        journal.requireAnswer(id, e);
        unreadable++;
        if (firstUnreadable == null) {
            firstUnreadable = e;
        }
        note(id, Nature.UNREADABLE, e.getMessage());
    }

    private void note(BackupId id, Nature nature, String reason) {
        flaws.put(id, new Flaw(id, nature, reason));
    }
}
