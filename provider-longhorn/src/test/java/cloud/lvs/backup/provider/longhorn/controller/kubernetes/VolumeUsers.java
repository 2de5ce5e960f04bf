package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Longhorn's view of who uses a volume: its status.kubernetesStatus, and whether its pods want it attached. */
final class VolumeUsers {
    private final World world;

    VolumeUsers(World world) {
        this.world = world;
    }

    /** Writes what a persistent volume says of its Longhorn volume. */
    void tell(ObjectNode pv, String phase, ObjectKey claim) {
        ObjectKey key = volume(pv);
        List<ObjectNode> pods = phase.equals("Bound") ? Pods.using(world.cluster(), claim) : List.of();
        world.cluster().updateStatus(key, status -> {
            ObjectNode kubernetes = status.withObjectProperty("kubernetesStatus");
            kubernetes.put("pvName", Cluster.name(pv)).put("pvStatus", phase);
            if (phase.equals("Bound")) {
                kubernetes
                        .put("namespace", claim.namespace())
                        .put("pvcName", claim.name())
                        .put("lastPVCRefAt", "");
            } else if (phase.equals("Released")) {
                past(kubernetes, "lastPVCRefAt", "pvcName");
            } else {
                kubernetes.put("namespace", "").put("pvcName", "").put("lastPVCRefAt", "");
            }
            workloads(kubernetes, pods);
        });
        attach(key, pods);
    }

    private void workloads(ObjectNode kubernetes, List<ObjectNode> pods) {
        if (pods.isEmpty()) {
            past(kubernetes, "lastPodRefAt", "workloadsStatus");
            return;
        }
        ArrayNode workloads = kubernetes.putArray("workloadsStatus");
        for (ObjectNode pod : pods) {
            workloads
                    .addObject()
                    .put("podName", Cluster.name(pod))
                    .put("podStatus", pod.at("/status/phase").asText())
                    .put(
                            "workloadName",
                            pod.at("/metadata/ownerReferences/0/name").asText())
                    .put(
                            "workloadType",
                            pod.at("/metadata/ownerReferences/0/kind").asText());
        }
        kubernetes.put("lastPodRefAt", "");
    }

    private void past(ObjectNode kubernetes, String time, String subject) {
        boolean known = kubernetes.hasNonNull(subject)
                && !(kubernetes.path(subject).isTextual()
                        && kubernetes.path(subject).asText().isEmpty());
        if (known && kubernetes.path(time).asText().isEmpty()) {
            kubernetes.put(time, world.timestamp());
        }
    }

    private void attach(ObjectKey key, List<ObjectNode> pods) {
        String node = pods.isEmpty() ? "" : World.NODE;
        world.cluster().find(key).ifPresent(volume -> {
            boolean restoring = volume.at("/status/restoreRequired").asBoolean();
            if (!restoring && !volume.at("/spec/nodeID").asText().equals(node)) {
                world.cluster()
                        .update(key, object -> object.withObjectProperty("spec").put("nodeID", node));
            }
        });
    }

    /** The persistent volume is gone: names of the claim stay as history. */
    void forget(ObjectNode pv) {
        world.cluster().updateStatus(volume(pv), status -> {
            ObjectNode kubernetes = status.withObjectProperty("kubernetesStatus");
            past(kubernetes, "lastPVCRefAt", "pvcName");
            kubernetes.put("pvName", "").put("pvStatus", "");
        });
    }

    private static ObjectKey volume(ObjectNode pv) {
        return Cluster.key(ResourceType.VOLUMES, pv.at("/spec/csi/volumeHandle").asText());
    }
}
