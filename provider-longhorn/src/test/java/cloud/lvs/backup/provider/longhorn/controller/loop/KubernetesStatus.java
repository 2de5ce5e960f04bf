package cloud.lvs.backup.provider.longhorn.controller.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a volume's status says of the claim that uses it. */
final class KubernetesStatus {
    private static final ObjectMapper JSON = new ObjectMapper();

    private KubernetesStatus() {}

    static void empty(ObjectNode status) {
        status.put("pvName", "")
                .put("pvStatus", "")
                .put("namespace", "")
                .put("pvcName", "")
                .put("lastPVCRefAt", "")
                .put("lastPodRefAt", "")
                .putNull("workloadsStatus");
    }

    /** Fills the status from a backup's label, as history of the time of its snapshot. */
    static void fromBackup(ObjectNode status, String label, String snapshotCreatedAt) {
        empty(status);
        try {
            if (!label.isEmpty() && JSON.readTree(label) instanceof ObjectNode told) {
                status.setAll(told);
                status.put("pvName", "")
                        .put("pvStatus", "")
                        .put("lastPVCRefAt", snapshotCreatedAt)
                        .put("lastPodRefAt", snapshotCreatedAt);
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("label KubernetesStatus is no JSON: " + label, e);
        }
    }
}
