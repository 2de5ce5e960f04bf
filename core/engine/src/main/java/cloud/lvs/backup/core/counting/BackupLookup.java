package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Finds the backup that an operator means. */
public record BackupLookup(EngineContext engine, Job job) {
    /** By an id, the beginning of one, or {@code latest}. */
    public BackupId resolve(String idOrPrefix) throws IOException, InterruptedException {
        if (idOrPrefix.equals("latest")) {
            return latest();
        }
        List<BackupSummary> backups =
                Catalog.of(new Journal(job.sink().sink()), job.name()).summaries();
        List<BackupId> matches = backups.stream()
                .map(BackupSummary::id)
                .filter(id ->
                        id.toString().startsWith(idOrPrefix) || id.directory().startsWith(idOrPrefix))
                .toList();
        if (matches.size() == 1) {
            return matches.get(0);
        }
        if (matches.isEmpty()) {
            throw new BackupException(
                    Kind.NOT_FOUND,
                    "backup " + idOrPrefix,
                    backups.isEmpty()
                            ? hasNone()
                            : "there is no such backup of job " + job.name() + " in sink "
                                    + job.sink().name(),
                    "see the list command for those there are");
        }
        throw new BackupException(
                Kind.NOT_FOUND,
                "backup " + idOrPrefix,
                "is the beginning of " + matches.size() + " ids, e.g. " + matches.get(0) + " and " + matches.get(1),
                "give more of the id");
    }

    private BackupId latest() throws IOException, InterruptedException {
        Counting counting = Counting.of(job, job.sink());
        CatalogEntry newest = counting.requireNewest(job.name());
        counting.tellFlawsAbove(Optional.of(newest), engine);
        return newest.id();
    }

    private String hasNone() {
        return "job " + job.name() + " has no backup in sink " + job.sink().name();
    }
}
