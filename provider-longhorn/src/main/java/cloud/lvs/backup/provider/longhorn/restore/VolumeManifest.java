package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.LonghornRestoreOptions;
import cloud.lvs.backup.provider.longhorn.LonghornRestoreOptions.Tags;
import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.LonghornVersion;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The Volume that Longhorn is asked to make of a backup. */
final class VolumeManifest {
    /** Longhorn silently rewrites longer names, and upper case. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?");

    /** What a volume keeps of what it was; the rest follows from the backup, or belongs to the moment. */
    private static final List<String> KEPT = List.of(
            "numberOfReplicas",
            "dataLocality",
            "accessMode",
            "migratable",
            "encrypted",
            "dataEngine",
            "staleReplicaTimeout",
            "backingImage",
            "diskSelector",
            "nodeSelector",
            "snapshotMaxCount",
            "snapshotMaxSize",
            "snapshotDataIntegrity",
            "replicaAutoBalance",
            "replicaSoftAntiAffinity",
            "replicaZoneSoftAntiAffinity",
            "replicaDiskSoftAntiAffinity",
            "unmapMarkSnapChainRemoved",
            "freezeFilesystemForSnapshot");

    private static final int USUAL_REPLICAS = 3;
    private static final int STALE_REPLICA_MINUTES = 2880;

    private VolumeManifest() {}

    /** Refuses a name that Longhorn would change. */
    static String requireName(String name) throws BackupException {
        if (!NAME.matcher(name).matches()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "volume " + name,
                    "is no name of a volume: at most 40 of a-z, 0-9 and -, neither beginning nor ending with -",
                    "name another: --to NAME --set as=volume");
        }
        return name;
    }

    /**
     * The manifest. Longhorn takes the size from the backup.
     *
     * @param backup as Longhorn knows it now
     * @param labels of the volume
     */
    static ObjectNode of(
            String name,
            VolumeRecord record,
            Backup backup,
            LonghornRestoreOptions options,
            LonghornVersion version,
            Map<String, String> labels) {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = manifest.putObject("metadata").put("name", name);
        ObjectNode marks = metadata.putObject("labels");
        labels.forEach(marks::put);
        metadata.putObject("annotations").put(RestoreMarks.BACKUP, backup.name());
        ObjectNode spec = manifest.putObject("spec");
        JsonNode before = settings(record);
        for (String field : KEPT) {
            JsonNode value = before == null ? null : before.get(field);
            if (value != null
                    && !value.isNull()
                    && !(value.isTextual() && value.asText().isEmpty())) {
                spec.set(field, value);
            }
        }
        spec.put("fromBackup", backup.url()).put("frontend", "blockdev");
        int replicas = spec.path("numberOfReplicas").asInt(0);
        spec.put(
                "numberOfReplicas",
                options.replicas() != null ? options.replicas() : replicas > 0 ? replicas : USUAL_REPLICAS);
        if (!spec.has("staleReplicaTimeout")) {
            spec.put("staleReplicaTimeout", STALE_REPLICA_MINUTES);
        }
        if (!version.isAtLeast(1, 6)) {
            spec.remove("dataEngine");
        } else if (!spec.has("dataEngine")) {
            spec.put("dataEngine", "v1");
        }
        if (options.tags() == Tags.IGNORE) {
            spec.remove(List.of("diskSelector", "nodeSelector"));
        }
        // Where it followed the cluster's setting, recurring jobs might be made again from the backup's labels.
        spec.put("restoreVolumeRecurringJob", "disabled");
        return manifest;
    }

    /** The recorded {@code spec} of a volume, or null. */
    static @Nullable JsonNode settings(VolumeRecord record) {
        JsonNode volume =
                record.definitions() == null ? null : record.definitions().volume();
        return volume == null ? null : volume.path("spec");
    }
}
