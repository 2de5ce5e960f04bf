package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Controller;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** A hand that fights back: whenever a workload is scaled to nothing, it is scaled up again. */
public final class ScalingHand implements Controller {
    private final World world;
    private final ObjectKey workload;
    private final int replicas;
    private final Duration reaction;

    /** Keeps a workload at so many replicas. */
    public ScalingHand(World world, ObjectKey workload, int replicas, Duration reaction) {
        this.world = world;
        this.workload = workload;
        this.replicas = replicas;
        this.reaction = reaction;
    }

    @Override
    public ResourceType type() {
        return workload.type();
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode object) {
        if (key.equals(workload) && object.at("/spec/replicas").asInt() < replicas) {
            world.later(
                    reaction,
                    () -> world.cluster()
                            .update(key, now -> now.withObjectProperty("spec").put("replicas", replicas)));
        }
    }
}
