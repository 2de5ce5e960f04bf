package cloud.lvs.backup.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes a backup: what it holds and how to read it. Holds no secret.
 *
 * @param formatVersion of this document; 1
 * @param id the backup
 * @param outcome how the run ended
 * @param shard the part of a logical run, or null if it is whole
 * @param origin the backup this one is a copy of, or null
 * @param sourceType {@code type} of the source, e.g. {@code k3s}
 * @param source the identity of the source and its versions
 * @param tool the versions that made it, e.g. {@code lvs-backup → 0.1.0}
 * @param startedAt when the run began
 * @param finishedAt when everything was stored
 * @param items what became of each item
 * @param artifacts ascending by ordinal
 * @param external what belongs to the backup outside the sink
 * @param warnings what the run warned of
 */
public record Manifest(
        int formatVersion,
        BackupId id,
        Outcome outcome,
        @Nullable Shard shard,
        @Nullable Origin origin,
        String sourceType,
        Map<String, String> source,
        Map<String, String> tool,
        Instant startedAt,
        Instant finishedAt,
        List<ItemResult> items,
        List<StoredArtifact> artifacts,
        List<ExternalReference> external,
        List<String> warnings) {
    /** The version this code writes. */
    public static final int FORMAT_VERSION = 1;

    /**
     * Where a copy comes from.
     *
     * @param sink the name of the sink it was copied from
     * @param id the backup there
     */
    public record Origin(String sink, BackupId id) {}

    public Manifest {
        source = Facts.copyOf(source);
        tool = Facts.copyOf(tool);
        items = List.copyOf(items);
        artifacts = List.copyOf(artifacts);
        external = List.copyOf(external);
        warnings = List.copyOf(warnings);
    }

    /**
     * Begins a manifest of format {@value #FORMAT_VERSION} that says nothing yet: failed, without items and artifacts, begun and
     * ended at the timestamp of the backup.
     *
     * @param id the backup
     * @param sourceType {@code type} of the source
     */
    public static Builder builder(BackupId id, String sourceType) {
        return new Builder(id, sourceType);
    }

    /**
     * Begins a manifest that says of another backup what this one says.
     *
     * @param other that backup
     */
    public Builder toBuilder(BackupId other) {
        return new Builder(other, sourceType)
                .formatVersion(formatVersion)
                .outcome(outcome)
                .shard(shard)
                .origin(origin)
                .source(source)
                .tool(tool)
                .startedAt(startedAt)
                .finishedAt(finishedAt)
                .items(items)
                .artifacts(artifacts)
                .external(external)
                .warnings(warnings);
    }

    /** Collects what a manifest says; its methods are named as the components they set. Used once, by one thread. */
    public static final class Builder {
        private final BackupId id;
        private final String sourceType;
        private int formatVersion = FORMAT_VERSION;
        private Outcome outcome = Outcome.FAILED;
        private @Nullable Shard shard;
        private @Nullable Origin origin;
        private Map<String, String> source = Map.of();
        private Map<String, String> tool = Map.of();
        private Instant startedAt;
        private Instant finishedAt;
        private List<ItemResult> items = List.of();
        private List<StoredArtifact> artifacts = List.of();
        private List<ExternalReference> external = List.of();
        private List<String> warnings = List.of();

        private Builder(BackupId id, String sourceType) {
            this.id = id;
            this.sourceType = sourceType;
            this.startedAt = id.timestamp();
            this.finishedAt = id.timestamp();
        }

        public Builder formatVersion(int formatVersion) {
            this.formatVersion = formatVersion;
            return this;
        }

        public Builder outcome(Outcome outcome) {
            this.outcome = outcome;
            return this;
        }

        public Builder shard(@Nullable Shard shard) {
            this.shard = shard;
            return this;
        }

        public Builder origin(@Nullable Origin origin) {
            this.origin = origin;
            return this;
        }

        public Builder source(Map<String, String> source) {
            this.source = source;
            return this;
        }

        public Builder tool(Map<String, String> tool) {
            this.tool = tool;
            return this;
        }

        public Builder startedAt(Instant startedAt) {
            this.startedAt = startedAt;
            return this;
        }

        public Builder finishedAt(Instant finishedAt) {
            this.finishedAt = finishedAt;
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

        public Builder external(List<ExternalReference> external) {
            this.external = external;
            return this;
        }

        public Builder warnings(List<String> warnings) {
            this.warnings = warnings;
            return this;
        }

        public Manifest build() {
            return new Manifest(
                    formatVersion,
                    id,
                    outcome,
                    shard,
                    origin,
                    sourceType,
                    source,
                    tool,
                    startedAt,
                    finishedAt,
                    items,
                    artifacts,
                    external,
                    warnings);
        }
    }
}
