package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.loop.Controller;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Keeps as many pods as a Deployment or StatefulSet asks for, and a StatefulSet's claims. */
public final class WorkloadController implements Controller {
    private final World world;
    private final ResourceType type;

    /** Looks after the workloads of one kind. */
    public WorkloadController(World world, ResourceType type) {
        this.world = world;
        this.type = type;
    }

    @Override
    public ResourceType type() {
        return type;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode workload) {
        int wanted =
                Cluster.marked(workload) ? 0 : workload.at("/spec/replicas").asInt(1);
        List<ObjectKey> pods = pods(key);
        for (int i = pods.size() - 1; i >= wanted; i--) {
            world.cluster().delete(pods.get(i));
        }
        for (int i = pods.size(); i < wanted; i++) {
            if (type.equals(ResourceType.STATEFUL_SETS)) {
                claims(key, workload, i);
            }
            create(key, workload, i);
        }
        int now = pods(key).size();
        world.cluster()
                .updateStatus(
                        key,
                        status -> status.put("replicas", now)
                                .put("readyReplicas", now)
                                .put(
                                        "observedGeneration",
                                        workload.at("/metadata/generation").asLong()));
    }

    @Override
    public void gone(ObjectKey key, ObjectNode last) {
        pods(key).forEach(world.cluster()::delete);
    }

    private List<ObjectKey> pods(ObjectKey key) {
        List<ObjectKey> keys = new ArrayList<>();
        for (ObjectNode pod : world.cluster().list(ResourceType.PODS)) {
            if (pod.at("/metadata/namespace").asText().equals(key.namespace())
                    && pod.at("/metadata/ownerReferences/0/name").asText().equals(owner(key))) {
                keys.add(new ObjectKey(ResourceType.PODS, key.namespace(), Cluster.name(pod)));
            }
        }
        return keys;
    }

    private String owner(ObjectKey key) {
        return type.equals(ResourceType.DEPLOYMENTS) ? key.name() + "-66ffddbc96" : key.name();
    }

    private void create(ObjectKey key, ObjectNode workload, int ordinal) {
        String name = owner(key) + "-" + ordinal;
        ObjectNode pod = World.object(name);
        ObjectNode metadata = pod.withObjectProperty("metadata");
        metadata.remove("finalizers");
        metadata.put("namespace", key.namespace());
        JsonNode labels = workload.at("/spec/template/metadata/labels");
        if (labels.isObject()) {
            metadata.set("labels", labels.deepCopy());
        }
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", "apps/v1")
                .put("kind", type.equals(ResourceType.DEPLOYMENTS) ? "ReplicaSet" : type.kind())
                .put("name", owner(key))
                .put("uid", workload.at("/metadata/uid").asText())
                .put("controller", true);
        ObjectNode spec = workload.at("/spec/template/spec").deepCopy();
        for (JsonNode template : workload.at("/spec/volumeClaimTemplates")) {
            spec.withArray("volumes")
                    .addObject()
                    .put("name", Cluster.name((ObjectNode) template))
                    .putObject("persistentVolumeClaim")
                    .put("claimName", Cluster.name((ObjectNode) template) + "-" + key.name() + "-" + ordinal);
        }
        pod.set("spec", spec);
        ObjectKey podKey = new ObjectKey(ResourceType.PODS, key.namespace(), name);
        if (world.cluster().find(podKey).isEmpty()) {
            world.cluster().create(podKey, pod);
        }
    }

    private void claims(ObjectKey key, ObjectNode workload, int ordinal) {
        for (JsonNode template : workload.at("/spec/volumeClaimTemplates")) {
            ObjectNode claim = template.deepCopy();
            String name = Cluster.name(claim) + "-" + key.name() + "-" + ordinal;
            claim.withObjectProperty("metadata")
                    .put("name", name)
                    .put("namespace", key.namespace())
                    .putArray("finalizers")
                    .add("kubernetes.io/pvc-protection");
            claim.remove("status");
            ObjectKey claimKey = new ObjectKey(ResourceType.CLAIMS, key.namespace(), name);
            if (world.cluster().find(claimKey).isEmpty()) {
                world.cluster().create(claimKey, claim);
            }
        }
    }
}
