package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Shard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All backups of a job as the keys of the journal tell them, in one listing.
 *
 * @param entries the live backups, newest first
 * @param remains the directories that are no live backup, oldest first
 */
public record Catalog(List<CatalogEntry> entries, List<BackupDirectory> remains) {
    /** Reads the catalog of a job; reads no object. */
    public static Catalog of(Journal journal, String job) throws IOException, InterruptedException {
        return of(journal, job, directory -> {});
    }

    /**
     * As above.
     *
     * @param live is shown the directory of each live backup, oldest first
     */
    public static Catalog of(Journal journal, String job, Consumer<BackupDirectory> live)
            throws IOException, InterruptedException {
        List<CatalogEntry> entries = new ArrayList<>();
        List<BackupDirectory> remains = new ArrayList<>();
        journal.scan(job, directory -> {
            if (directory.isLive()) {
                entries.add(directory.entry());
                live.accept(directory);
            } else {
                remains.add(directory);
            }
        });
        entries.sort(
                Comparator.comparing((CatalogEntry entry) -> entry.summary().id())
                        .reversed());
        return new Catalog(withIncompleteGroupsPartial(entries), List.copyOf(remains));
    }

    /** The live backups, newest first. */
    public List<BackupSummary> summaries() {
        return entries.stream().map(CatalogEntry::summary).toList();
    }

    /** The catalog as if these backups were not in it: a group that misses one of them is incomplete. */
    public Catalog without(Set<BackupId> left) {
        if (left.isEmpty()) {
            return this;
        }
        List<CatalogEntry> others =
                entries.stream().filter(entry -> !left.contains(entry.id())).toList();
        return new Catalog(withIncompleteGroupsPartial(others), remains);
    }

    private static List<CatalogEntry> withIncompleteGroupsPartial(List<CatalogEntry> entries) {
        Map<String, Set<Integer>> present = new HashMap<>();
        for (CatalogEntry entry : entries) {
            Shard shard = entry.shard();
            if (shard != null && entry.commit().outcome().isWhole()) {
                present.computeIfAbsent(shard.group(), group -> new HashSet<>()).add(shard.index());
            }
        }
        return entries.stream()
                .map(entry -> {
                    Shard shard = entry.shard();
                    boolean whole = shard == null
                            || present.getOrDefault(shard.group(), Set.of()).size() == shard.count();
                    return whole ? entry : entry.withOutcome(Outcome.PARTIAL);
                })
                .toList();
    }
}
