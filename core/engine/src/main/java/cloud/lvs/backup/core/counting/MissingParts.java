package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Shard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a backup lacks of what its run was to capture. */
public record MissingParts(Job job) {
    public List<String> of(BackupId id) throws IOException, InterruptedException {
        Manifest manifest = new ManifestReader(job, job.sink()).read(id);
        List<String> lacks = new ArrayList<>();
        for (ItemResult item : manifest.items()) {
            if (item.status() == ItemResult.Status.FAILED) {
                lacks.add("item " + item.item() + ": " + item.reason());
            }
        }
        Shard shard = manifest.shard();
        if (shard != null) {
            lacks.addAll(missingShards(shard));
        }
        if (lacks.isEmpty() && !manifest.outcome().isWhole()) {
            lacks.add("what its run expected and did not find; its warnings may tell");
        }
        return lacks;
    }

    private List<String> missingShards(Shard shard) throws IOException, InterruptedException {
        Set<Integer> present = Catalog.of(new Journal(job.sink().sink()), job.name()).entries().stream()
                .filter(entry -> entry.commit().outcome().isWhole())
                .map(CatalogEntry::shard)
                .filter(other -> other != null && other.group().equals(shard.group()))
                .map(Shard::index)
                .collect(Collectors.toSet());
        List<String> missing = new ArrayList<>();
        for (int index = 1; index <= shard.count(); index++) {
            if (!present.contains(index)) {
                missing.add("shard " + index + " of " + shard.count() + " of group " + shard.group());
            }
        }
        return missing;
    }
}
