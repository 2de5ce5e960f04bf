package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The scale of a workload, as its subresource shows it. */
final class Scale {
    private Scale() {}

    static ObjectNode of(ObjectNode workload) {
        ObjectNode scale = JsonNodeFactory.instance.objectNode();
        scale.put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        ObjectNode metadata = scale.putObject("metadata");
        for (String field : new String[] {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
            if (workload.path("metadata").has(field)) {
                metadata.set(field, workload.path("metadata").get(field));
            }
        }
        scale.putObject("spec")
                .put("replicas", workload.path("spec").path("replicas").asInt(1));
        scale.putObject("status")
                .put("replicas", workload.path("status").path("replicas").asInt(0));
        return scale;
    }
}
