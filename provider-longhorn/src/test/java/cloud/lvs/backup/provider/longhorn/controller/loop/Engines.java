package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/** The engine of each volume. */
final class Engines {
    private Engines() {}

    static ObjectKey key(String volume) {
        return Cluster.key(ResourceType.ENGINES, volume + "-e-0");
    }

    /** Sets the engine's state, {@code running} or {@code stopped}; made when it is not there. */
    static void set(World world, String volume, String state) {
        ObjectKey key = key(volume);
        if (world.cluster().find(key).isEmpty()) {
            ObjectNode engine = World.object(key.name());
            ((ObjectNode) engine.get("metadata")).putObject("labels").put("longhornvolume", volume);
            ((ObjectNode) engine.get("spec")).put("volumeName", volume).put("nodeID", World.NODE);
            world.cluster().create(ResourceType.ENGINES, engine);
        }
        world.cluster().updateStatus(key, status -> status.put("currentState", state));
    }

    static boolean running(World world, String volume) {
        return world.cluster()
                .find(key(volume))
                .filter(engine ->
                        engine.path("status").path("currentState").asText().equals("running"))
                .isPresent();
    }

    /** Changes what the engine says of the restore on its only replica. */
    static void restoring(World world, String volume, Consumer<ObjectNode> change) {
        world.cluster()
                .updateStatus(
                        key(volume),
                        status -> change.accept(
                                status.withObjectProperty("restoreStatus").withObjectProperty("tcp://10.0.0.1:10000")));
    }

    /** Whether an engine of a volume that came from this source volume says that it restores. */
    static boolean anyRestoring(World world, String sourceVolume) {
        return world.cluster().labelled(ResourceType.VOLUMES, "backup-volume", sourceVolume).stream()
                .flatMap(volume ->
                        world.cluster().labelled(ResourceType.ENGINES, "longhornvolume", Cluster.name(volume)).stream())
                .anyMatch(engine -> {
                    for (var replica : engine.path("status").path("restoreStatus")) {
                        if (replica.path("isRestoring").asBoolean()) {
                            return true;
                        }
                    }
                    return false;
                });
    }
}
