package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What there is of a job when it is run again.
 *
 * @param counting the newest that counts, or null
 * @param newest the newest at all that can be read, or null: also one that is partial
 * @param flaws what is wrong with those that were looked at
 */
public record EarlierBackups(
        @Nullable Manifest counting, @Nullable Manifest newest, List<Flaw> flaws) {
    public static EarlierBackups of(Job job) throws IOException, InterruptedException {
        Counting counting = Counting.of(job, job.sink());
        Journal journal = new Journal(job.sink().sink());
        Optional<CatalogEntry> first = counting.newest();
        Manifest counted = first.isEmpty() ? null : read(journal, first.get());
        return new EarlierBackups(counted, newest(journal, counting, counted), counting.flaws());
    }

    private static @Nullable Manifest read(Journal journal, CatalogEntry entry)
            throws IOException, InterruptedException {
        try {
            return journal.read(entry.manifestKey(), Manifest.class);
        } catch (BackupException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            // Pruned this moment.
            return null;
        }
    }

    private static @Nullable Manifest newest(Journal journal, Counting counting, @Nullable Manifest counted)
            throws InterruptedException {
        Optional<CatalogEntry> newest = counting.catalog().entries().stream()
                .filter(entry -> counting.flawOf(entry.id()).isEmpty())
                .findFirst();
        if (newest.isEmpty()
                || (counted != null && counted.id().equals(newest.get().id()))) {
            return counted;
        }
        try {
            return journal.read(newest.get().manifestKey(), Manifest.class);
        } catch (IOException e) {
            // Only a comparison is lost with it.
            return counted;
        }
    }
}
