package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.loop.Controller;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Keeps the phase of persistent volumes, and reclaims those whose claim is gone. */
public final class PersistentVolumeController implements Controller {
    private static final String PROTECTION = "kubernetes.io/pv-protection";

    private final World world;
    private final VolumeUsers users;

    /** Looks after the persistent volumes of a cluster. */
    public PersistentVolumeController(World world) {
        this.world = world;
        users = new VolumeUsers(world);
    }

    @Override
    public ResourceType type() {
        return ResourceType.PERSISTENT_VOLUMES;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode volume) {
        JsonNode reference = volume.at("/spec/claimRef");
        ObjectKey claimKey = new ObjectKey(
                ResourceType.CLAIMS,
                reference.path("namespace").asText(),
                reference.path("name").asText());
        Optional<ObjectNode> claim = world.cluster().find(claimKey);
        String uid = reference.path("uid").asText();
        boolean bound = claim.filter(
                        object -> object.at("/metadata/uid").asText().equals(uid))
                .isPresent();
        String phase = bound ? "Bound" : uid.isEmpty() ? "Available" : "Released";
        if (Cluster.marked(volume)) {
            if (!bound) {
                world.cluster().release(key, PROTECTION);
            }
            return;
        }
        world.cluster().updateStatus(key, status -> status.put("phase", phase));
        if (phase.equals("Released")
                && volume.at("/spec/persistentVolumeReclaimPolicy").asText().equals("Delete")) {
            String handle = volume.at("/spec/csi/volumeHandle").asText();
            world.cluster().delete(key);
            world.cluster().delete(Cluster.key(ResourceType.VOLUMES, handle));
            return;
        }
        if (claim.isPresent() && !bound) {
            world.soon(claimKey);
        }
        users.tell(volume, phase, claimKey);
    }

    @Override
    public void gone(ObjectKey key, ObjectNode last) {
        users.forget(last);
    }
}
