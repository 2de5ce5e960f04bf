package cloud.lvs.backup.core.report;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a run went.
 *
 * @param job the job's name
 * @param mode whether it backed up, or only looked whether it could
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
        Mode mode,
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
    public RunReport {
        inventory = List.copyOf(inventory);
        items = List.copyOf(items);
        artifacts = List.copyOf(artifacts);
        stages = Collections.unmodifiableMap(new LinkedHashMap<>(stages));
        warnings = List.copyOf(warnings);
        failures = List.copyOf(failures);
        copies = List.copyOf(copies);
        copyRetention = List.copyOf(copyRetention);
    }

    /** Begins the report of a run, which has failed with nothing done unless something else is said. */
    public static Builder of(String job, Mode mode, Instant startedAt) {
        return new Builder(job, mode, startedAt);
    }

    /** What was pruned, the job's own sink first. */
    public List<PruneReport> retentions() {
        return Stream.concat(Stream.ofNullable(retention), copyRetention.stream())
                .toList();
    }

    /** Collects what a run reports; its methods are named as what they set. Used once, by one thread. */
    public static final class Builder {
        private final String job;
        private final Mode mode;
        private final Instant startedAt;
        private @Nullable BackupId id;
        private Outcome outcome = Outcome.FAILED;
        private List<Item> inventory = List.of();
        private List<ItemResult> items = List.of();
        private List<StoredArtifact> artifacts = List.of();
        private Map<String, Duration> stages = Map.of();
        private List<String> warnings = List.of();
        private List<Failure> failures = List.of();
        private @Nullable PruneReport retention;
        private List<CopyReport> copies = List.of();
        private List<PruneReport> copyRetention = List.of();

        private Builder(String job, Mode mode, Instant startedAt) {
            this.job = job;
            this.mode = mode;
            this.startedAt = startedAt;
        }

        public Builder id(@Nullable BackupId id) {
            this.id = id;
            return this;
        }

        public Builder outcome(Outcome outcome) {
            this.outcome = outcome;
            return this;
        }

        public Builder inventory(List<Item> inventory) {
            this.inventory = inventory;
            return this;
        }

        public Builder items(List<ItemResult> items) {
            this.items = items;
            return this;
        }

        public Builder artifacts(List<StoredArtifact> artifacts) {
            this.artifacts = artifacts;
            return this;
        }

        public Builder stages(Map<String, Duration> stages) {
            this.stages = stages;
            return this;
        }

        public Builder warnings(List<String> warnings) {
            this.warnings = warnings;
            return this;
        }

        public Builder failures(List<Failure> failures) {
            this.failures = failures;
            return this;
        }

        public Builder retention(@Nullable PruneReport retention) {
            this.retention = retention;
            return this;
        }

        public Builder copies(List<CopyReport> copies) {
            this.copies = copies;
            return this;
        }

        public Builder copyRetention(List<PruneReport> copyRetention) {
            this.copyRetention = copyRetention;
            return this;
        }

        /** The report of the run that ended then. */
        public RunReport finishedAt(Instant finishedAt) {
            return new RunReport(
                    job,
                    mode,
                    id,
                    outcome,
                    startedAt,
                    finishedAt,
                    inventory,
                    items,
                    artifacts,
                    stages,
                    warnings,
                    failures,
                    retention,
                    copies,
                    copyRetention);
        }
    }
}
