package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Whose volume it is, as Longhorn knows it ({@code Volume.status.kubernetesStatus}).
 *
 * @param pvName the persistent volume; empty if there is none now
 * @param pvStatus its phase
 * @param namespace of the claim; empty if there never was one
 * @param pvcName the claim; stays when it is gone
 * @param lastPvcRefAt since when it is gone; empty while it is bound
 * @param lastPodRefAt since when no pod uses it; empty while one does
 * @param workloads who used it last
 * @param json as Longhorn wrote it
 */
public record KubernetesStatus(
        String pvName,
        String pvStatus,
        String namespace,
        String pvcName,
        String lastPvcRefAt,
        String lastPodRefAt,
        List<Workload> workloads,
        JsonNode json) {
    /**
     * A pod that uses a volume, and what it belongs to.
     *
     * @param kind of the pod's owner: {@code StatefulSet}, but {@code ReplicaSet} for that of a Deployment
     */
    public record Workload(String pod, String podStatus, String name, String kind) {}

    public KubernetesStatus {
        workloads = List.copyOf(workloads);
    }

    static KubernetesStatus of(JsonNode json) {
        JsonFields fields = new JsonFields(json);
        return new KubernetesStatus(
                fields.text("pvName"),
                fields.text("pvStatus"),
                fields.text("namespace"),
                fields.text("pvcName"),
                fields.text("lastPVCRefAt"),
                fields.text("lastPodRefAt"),
                fields.list("workloadsStatus").stream()
                        .map(each -> new Workload(
                                each.text("podName"),
                                each.text("podStatus"),
                                each.text("workloadName"),
                                each.text("workloadType")))
                        .toList(),
                json);
    }

    /** Whether a claim is bound to the volume now. */
    public boolean isBound() {
        return !namespace.isEmpty() && !pvcName.isEmpty() && lastPvcRefAt.isEmpty();
    }

    /** {@code namespace/claim}; empty if there never was one. */
    public String claim() {
        return namespace.isEmpty() || pvcName.isEmpty() ? "" : namespace + "/" + pvcName;
    }
}
