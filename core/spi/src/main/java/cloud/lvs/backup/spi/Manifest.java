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
}
