package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A volume that is there before a test begins, with its claim, PV, pod and workload. Attached unless said otherwise. */
public final class VolumeSeed {
    private final String name;
    private @Nullable Claim claim;
    private long sizeBytes = 1L << 30;
    private String storageClass = "longhorn";
    private String state = "attached";
    private String robustness = "healthy";
    private String workloadKind = "StatefulSet";
    private String workload = "";
    private int replicas = 1;
    private final Map<String, String> labels = new TreeMap<>();
    private final Map<String, String> claimLabels = new TreeMap<>();
    private Consumer<ObjectNode> spec = fields -> {};
    private Consumer<ObjectNode> status = fields -> {};

    private VolumeSeed(String name) {
        this.name = name;
    }

    /** A volume of 1 GiB. */
    public static VolumeSeed named(String name) {
        return new VolumeSeed(name);
    }

    /** Used by this claim. */
    public VolumeSeed claim(Claim user) {
        claim = user;
        return this;
    }

    /** Of this size. */
    public VolumeSeed size(long bytes) {
        sizeBytes = bytes;
        return this;
    }

    /** Its claim and PV are of this class. */
    public VolumeSeed storageClass(String className) {
        storageClass = className;
        return this;
    }

    /** Not attached; no pod uses it. */
    public VolumeSeed detached() {
        state = "detached";
        robustness = "unknown";
        return this;
    }

    /** No usable replica is left. */
    public VolumeSeed faulted() {
        state = "detached";
        robustness = "faulted";
        return this;
    }

    /** The claim is mounted by pods of this Deployment. */
    public VolumeSeed deployment(String deployment, int count) {
        return workload("ReplicaSet", deployment, count);
    }

    /** The claim is mounted by pods of this StatefulSet. */
    public VolumeSeed statefulSet(String statefulSet, int count) {
        return workload("StatefulSet", statefulSet, count);
    }

    private VolumeSeed workload(String kind, String workloadName, int count) {
        workloadKind = kind;
        workload = workloadName;
        replicas = count;
        return this;
    }

    /** With this label on the volume. */
    public VolumeSeed label(String key, String value) {
        labels.put(key, value);
        return this;
    }

    /** With this label on the claim. */
    public VolumeSeed claimLabel(String key, String value) {
        claimLabels.put(key, value);
        return this;
    }

    /** With these fields of its spec changed. */
    public VolumeSeed spec(Consumer<ObjectNode> change) {
        spec = spec.andThen(change);
        return this;
    }

    /** With these fields of its status changed. */
    public VolumeSeed status(Consumer<ObjectNode> change) {
        status = status.andThen(change);
        return this;
    }

    void plant(World world) {
        ObjectNode volume = World.object(name);
        ObjectNode marks = ((ObjectNode) volume.get("metadata")).putObject("labels");
        marks.put("longhornvolume", name);
        labels.forEach(marks::put);
        ObjectNode fields = (ObjectNode) volume.get("spec");
        fields.put("size", Long.toString(sizeBytes))
                .put("frontend", "blockdev")
                .put("numberOfReplicas", 3)
                .put("dataLocality", "disabled")
                .put("accessMode", "rwo")
                .put("staleReplicaTimeout", 2880)
                .put("backupCompressionMethod", "lz4")
                .put("restoreVolumeRecurringJob", "ignored")
                .put("nodeID", state.equals("attached") ? World.NODE : "");
        if (world.release().since("1.6")) {
            fields.put("dataEngine", "v1");
        }
        if (world.release().since("1.8")) {
            fields.put("backupTargetName", "default");
            marks.put("backup-target", "default");
        }
        if (world.release().since("1.10")) {
            fields.put("backupBlockSize", "2097152");
        }
        spec.accept(fields);
        world.cluster().create(ResourceType.VOLUMES, volume);
        world.cluster().updateStatus(Cluster.key(ResourceType.VOLUMES, name), this::volumeStatus);
        world.engine(name, state.equals("attached"));
        if (claim != null) {
            plant(world, claim);
        }
    }

    private void volumeStatus(ObjectNode now) {
        now.put("state", state)
                .put("robustness", robustness)
                .put("ownerID", World.NODE)
                .put("currentNodeID", state.equals("attached") ? World.NODE : "")
                .put("restoreRequired", false)
                .put("restoreInitiated", false)
                .put("isStandby", false)
                .put("lastBackup", "")
                .put("lastBackupAt", "")
                .put("actualSize", 8_388_608L);
        now.putArray("conditions")
                .addObject()
                .put("type", "Scheduled")
                .put("status", "True")
                .put("reason", "")
                .put("message", "");
        ObjectNode kubernetes = now.putObject("kubernetesStatus");
        boolean used = claim != null && state.equals("attached");
        kubernetes
                .put("pvName", claim == null ? "" : name)
                .put("pvStatus", claim == null ? "" : "Bound")
                .put("namespace", claim == null ? "" : claim.namespace())
                .put("pvcName", claim == null ? "" : claim.name())
                .put("lastPVCRefAt", "")
                .put("lastPodRefAt", "")
                .putNull("workloadsStatus");
        if (used) {
            kubernetes
                    .putArray("workloadsStatus")
                    .addObject()
                    .put("podName", podName())
                    .put("podStatus", "Running")
                    .put("workloadName", ownerName())
                    .put("workloadType", workloadKind);
        }
        status.accept(now);
    }

    private String workloadName() {
        return workload.isEmpty() ? "app-" + name : workload;
    }

    private String ownerName() {
        return workloadKind.equals("ReplicaSet") ? workloadName() + "-66ffddbc96" : workloadName();
    }

    private String podName() {
        return ownerName() + (workloadKind.equals("ReplicaSet") ? "-x7k2p" : "-0");
    }

    private void plant(World world, Claim user) {
        WorkloadSeed.plant(
                world,
                new WorkloadSeed(
                        name,
                        user,
                        sizeBytes,
                        storageClass,
                        claimLabels,
                        workloadKind,
                        workloadName(),
                        ownerName(),
                        podName(),
                        state.equals("attached") ? replicas : 0));
    }

    static ObjectNode object(String objectName) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.putObject("metadata").put("name", objectName);
        return object;
    }

    static ObjectKey key(ResourceType type, String namespace, String objectName) {
        return new ObjectKey(type, namespace, objectName);
    }
}
