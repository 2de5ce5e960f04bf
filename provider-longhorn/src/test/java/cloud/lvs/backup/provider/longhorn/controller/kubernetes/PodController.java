package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Controller;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** Runs pods as soon as their claims are bound and attached. */
public final class PodController implements Controller {
    private final World world;

    /** Runs the pods of a cluster. */
    public PodController(World world) {
        this.world = world;
    }

    @Override
    public ResourceType type() {
        return ResourceType.PODS;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode pod) {
        String phase = pod.at("/status/phase").asText("Pending");
        if (!phase.isEmpty() && !phase.equals("Pending")) {
            return;
        }
        boolean ready = true;
        for (String claim : Pods.claims(pod.path("spec"))) {
            ready &= attached(new ObjectKey(ResourceType.CLAIMS, key.namespace(), claim));
        }
        String now = ready ? "Running" : "Pending";
        world.cluster().updateStatus(key, status -> status.put("phase", now));
        if (!ready) {
            world.later(Duration.ofSeconds(1), () -> world.soon(key));
        }
        touchVolumes(key, pod);
    }

    private boolean attached(ObjectKey claim) {
        return world.cluster()
                .find(claim)
                .filter(object -> object.at("/status/phase").asText().equals("Bound"))
                .flatMap(object -> world.cluster()
                        .find(
                                ResourceType.PERSISTENT_VOLUMES,
                                object.at("/spec/volumeName").asText()))
                .flatMap(pv -> world.cluster()
                        .find(
                                ResourceType.VOLUMES,
                                pv.at("/spec/csi/volumeHandle").asText()))
                .filter(volume -> volume.at("/status/state").asText().equals("attached")
                        && !volume.at("/status/restoreRequired").asBoolean())
                .isPresent();
    }

    @Override
    public void gone(ObjectKey key, ObjectNode last) {
        touchVolumes(key, last);
        ResourceType owner =
                last.at("/metadata/ownerReferences/0/kind").asText().equals("StatefulSet")
                        ? ResourceType.STATEFUL_SETS
                        : ResourceType.DEPLOYMENTS;
        String name = last.at("/metadata/ownerReferences/0/name").asText().replaceFirst("-66ffddbc96$", "");
        world.soon(new ObjectKey(owner, key.namespace(), name));
    }

    private void touchVolumes(ObjectKey key, ObjectNode pod) {
        for (String name : Pods.claims(pod.path("spec"))) {
            ObjectKey claim = new ObjectKey(ResourceType.CLAIMS, key.namespace(), name);
            world.soon(claim);
            world.cluster()
                    .find(claim)
                    .ifPresent(object -> world.soon(new ObjectKey(
                            ResourceType.PERSISTENT_VOLUMES,
                            "",
                            object.at("/spec/volumeName").asText())));
        }
    }
}
