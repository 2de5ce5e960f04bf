package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Which pods use which claims. */
final class Pods {
    private Pods() {}

    /** The pods that mount a claim. */
    static List<ObjectNode> using(Cluster cluster, ObjectKey claim) {
        return cluster.list(ResourceType.PODS).stream()
                .filter(pod -> pod.at("/metadata/namespace").asText().equals(claim.namespace())
                        && claims(pod.path("spec")).contains(claim.name()))
                .toList();
    }

    /** The claims that a pod's spec names. */
    static List<String> claims(JsonNode spec) {
        List<String> names = new ArrayList<>();
        for (JsonNode volume : spec.path("volumes")) {
            String name = volume.at("/persistentVolumeClaim/claimName").asText();
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }
}
