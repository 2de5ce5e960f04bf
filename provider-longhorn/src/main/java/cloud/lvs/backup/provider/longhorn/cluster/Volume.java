package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A volume of Longhorn.
 *
 * @param metadata its name is the volume's handle in a persistent volume
 * @param spec as Longhorn keeps it
 * @param sizeBytes of its block device
 * @param fromBackup the URL of the backup that it was made of; empty if of none
 * @param backupTarget the name of its target; {@code default} where Longhorn knows but one
 * @param engine {@code v1} or {@code v2}
 * @param state {@code creating}, {@code attached}, {@code detached}, {@code attaching}, {@code detaching}, {@code deleting}
 * @param robustness {@code healthy}, {@code degraded}, {@code faulted} or {@code unknown}
 * @param standby whether it follows the backups of another one
 * @param restoreRequired whether it still lacks what it is restored from
 * @param restoreInitiated whether its restore has begun
 * @param migrating whether it moves to another node
 * @param kubernetes whose it is
 * @param conditions what Longhorn says of it
 */
public record Volume(
        ObjectMetadata metadata,
        JsonNode spec,
        long sizeBytes,
        String fromBackup,
        String backupTarget,
        String engine,
        String state,
        String robustness,
        boolean standby,
        boolean restoreRequired,
        boolean restoreInitiated,
        boolean migrating,
        KubernetesStatus kubernetes,
        List<Condition> conditions) {
    private static final String DEFAULT_TARGET = "default";

    public Volume {
        conditions = List.copyOf(conditions);
    }

    static Volume of(JsonNode object) {
        JsonFields spec = new JsonFields(object.path("spec"));
        JsonFields status = new JsonFields(object.path("status"));
        String target = spec.text("backupTargetName");
        String engine = spec.text("dataEngine");
        return new Volume(
                ObjectMetadata.of(object),
                spec.node(),
                spec.number("size"),
                spec.text("fromBackup"),
                target.isEmpty() ? DEFAULT_TARGET : target,
                engine.isEmpty() ? "v1" : engine,
                status.text("state"),
                status.text("robustness"),
                spec.flag("Standby") || status.flag("isStandby"),
                status.flag("restoreRequired"),
                status.flag("restoreInitiated"),
                !spec.text("migrationNodeID").isEmpty(),
                KubernetesStatus.of(status.node().path("kubernetesStatus")),
                Condition.in(status));
    }

    public String name() {
        return metadata.name();
    }

    public boolean isFaulted() {
        return robustness.equals("faulted");
    }

    /** Whether it is being restored, or is about to be. */
    public boolean isRestoring() {
        return restoreRequired || (!fromBackup.isEmpty() && !restoreInitiated);
    }
}
