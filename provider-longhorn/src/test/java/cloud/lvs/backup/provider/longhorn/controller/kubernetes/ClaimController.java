package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.Quantities;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.loop.Controller;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Binds claims, makes empty volumes for those that name none, and lets them go when no pod uses them. */
public final class ClaimController implements Controller {
    private static final String PROTECTION = "kubernetes.io/pvc-protection";

    private final World world;
    private final Binder binder;

    /** Looks after the claims of a cluster. */
    public ClaimController(World world) {
        this.world = world;
        binder = new Binder(world.cluster());
    }

    @Override
    public ResourceType type() {
        return ResourceType.CLAIMS;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode claim) {
        if (Cluster.marked(claim)) {
            if (Pods.using(world.cluster(), key).isEmpty()) {
                world.cluster().release(key, PROTECTION);
            }
            return;
        }
        if (!binder.bind(key) && claim.at("/spec/volumeName").asText().isEmpty()) {
            provision(key, claim);
        }
    }

    @Override
    public void gone(ObjectKey key, ObjectNode last) {
        String volume = last.at("/spec/volumeName").asText();
        if (!volume.isEmpty()) {
            world.soon(Cluster.key(ResourceType.PERSISTENT_VOLUMES, volume));
        }
    }

    /** What the CSI driver does: a new, empty volume of Longhorn. */
    private void provision(ObjectKey key, ObjectNode claim) {
        String className = claim.at("/spec/storageClassName").asText();
        Optional<ObjectNode> storageClass = world.cluster()
                .find(ResourceType.STORAGE_CLASSES, className)
                .filter(object -> object.path("provisioner").asText().equals("driver.longhorn.io"));
        String name = "pvc-" + claim.at("/metadata/uid").asText();
        if (storageClass.isEmpty()
                || world.cluster().find(ResourceType.VOLUMES, name).isPresent()) {
            return;
        }
        String size = Long.toString(Quantities.bytes(claim.at("/spec/resources/requests/storage")));
        ObjectNode volume = World.object(name);
        volume.withObjectProperty("metadata").withObjectProperty("labels").put("longhornvolume", name);
        volume.withObjectProperty("spec")
                .put("size", size)
                .put("frontend", "blockdev")
                .put("numberOfReplicas", 3)
                .put("accessMode", "rwo")
                .put("backupTargetName", "default");
        world.cluster().create(ResourceType.VOLUMES, volume);
        ObjectNode pv = World.object(name);
        pv.withObjectProperty("metadata").putArray("finalizers").add("kubernetes.io/pv-protection");
        ObjectNode spec = pv.withObjectProperty("spec");
        spec.putObject("capacity").put("storage", size);
        ArrayNode modes = spec.putArray("accessModes");
        for (JsonNode mode : claim.at("/spec/accessModes")) {
            modes.add(mode);
        }
        spec.put("volumeMode", "Filesystem")
                .put(
                        "persistentVolumeReclaimPolicy",
                        storageClass.get().path("reclaimPolicy").asText("Delete"))
                .put("storageClassName", className);
        spec.putObject("claimRef")
                .put("apiVersion", "v1")
                .put("kind", "PersistentVolumeClaim")
                .put("namespace", key.namespace())
                .put("name", key.name())
                .put("uid", claim.at("/metadata/uid").asText());
        spec.putObject("csi")
                .put("driver", "driver.longhorn.io")
                .put("volumeHandle", name)
                .put("fsType", "ext4");
        world.cluster().create(ResourceType.PERSISTENT_VOLUMES, pv);
        world.soon(key);
    }
}
