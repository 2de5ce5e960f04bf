package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a run went.
 *
 * @param job the job's name
 * @param id the backup, or null if the run failed before it began or was dry
 * @param outcome how it ended; a dry run that found nothing wrong is {@code OK}
 * @param startedAt when
 * @param finishedAt when
 * @param inventory what the source holds
 * @param items what became of it
 * @param artifacts what was stored, ascending by ordinal
 * @param stages how long each stage took, in order
 * @param warnings what to look at
 * @param failures what went wrong; also of retention and copies when the backup itself is whole
 * @param retention what was pruned afterwards, or null if it did not come to that
 * @param copies the copies made
 * @param copyRetention what was pruned afterwards in the sinks of the copies
 */
public record RunReport(
        String job,
        @Nullable BackupId id,
        Outcome outcome,
        Instant startedAt,
        Instant finishedAt,
        List<Item> inventory,
        List<ItemResult> items,
        List<StoredArtifact> artifacts,
        Map<String, Duration> stages,
        List<String> warnings,
        List<Failure> failures,
        @Nullable PruneReport retention,
        List<CopyReport> copies,
        List<PruneReport> copyRetention) {
    /** What was pruned, the job's own sink first. */
    public List<PruneReport> retentions() {
        return Stream.concat(Stream.ofNullable(retention), copyRetention.stream())
                .toList();
    }
}
