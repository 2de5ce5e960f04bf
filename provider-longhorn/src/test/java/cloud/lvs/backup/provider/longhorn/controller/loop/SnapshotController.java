package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Takes snapshots, which attaches a detached volume, and removes them. */
final class SnapshotController implements Controller {
    private static final Duration REMOVAL = Duration.ofSeconds(1);

    private final World world;
    private final Set<ObjectKey> working = new HashSet<>();

    SnapshotController(World world) {
        this.world = world;
    }

    @Override
    public ResourceType type() {
        return ResourceType.SNAPSHOTS;
    }

    @Override
    public void gone(ObjectKey key, ObjectNode last) {
        working.remove(key);
        world.detach(last.path("spec").path("volume").asText(), key);
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode snapshot) {
        if (Cluster.marked(snapshot)) {
            remove(key, snapshot);
            return;
        }
        if (snapshot.path("status").path("readyToUse").asBoolean()
                || !snapshot.path("spec").path("createSnapshot").asBoolean()) {
            return;
        }
        String volume = snapshot.path("spec").path("volume").asText();
        Optional<ObjectNode> found = world.cluster().find(volumeKey(snapshot));
        if (found.isEmpty()) {
            return;
        }
        if (!world.attach(volume, key)) {
            world.cluster().updateStatus(key, status -> {
                status.put("ownerID", World.NODE);
                status.put(
                        "error",
                        "cannot take snapshot because the volume engine " + volume
                                + "-e-0 is not running. Waiting for the volume to be attached");
            });
            return;
        }
        if (working.add(key)) {
            Script.Readiness readiness = world.script().nextSnapshot(volume);
            if (readiness instanceof Script.Readiness.Ready) {
                world.after(world.script().snapshotTime(), () -> ready(key));
            } else if (readiness instanceof Script.Readiness.Never never) {
                world.cluster()
                        .updateStatus(
                                key,
                                status -> status.put("readyToUse", false)
                                        .put("error", never.error())
                                        .put("ownerID", World.NODE));
            } else {
                world.after(world.script().snapshotTime(), () -> {
                    world.cluster().delete(key);
                    world.cluster().release(key);
                });
            }
        }
    }

    private void ready(ObjectKey key) {
        Optional<ObjectNode> snapshot = world.cluster().find(key).filter(object -> !Cluster.marked(object));
        if (snapshot.isEmpty()) {
            return;
        }
        Optional<ObjectNode> volume = world.cluster().find(volumeKey(snapshot.get()));
        if (volume.isEmpty()) {
            return;
        }
        world.cluster().updateStatus(key, status -> {
            status.put("readyToUse", true)
                    .put("error", "")
                    .put("creationTime", world.time())
                    .put("size", 8_388_608L)
                    .put(
                            "restoreSize",
                            Long.parseLong(
                                    volume.get().path("spec").path("size").asText("0")))
                    .put("parent", "")
                    .put("markRemoved", false)
                    .put("userCreated", true)
                    .put("checksum", "")
                    .put("ownerID", World.NODE);
            status.putObject("children").put("volume-head", true);
            snapshot.get()
                    .path("spec")
                    .path("labels")
                    .properties()
                    .forEach(label -> status.withObjectProperty("labels").set(label.getKey(), label.getValue()));
        });
        world.detach(Cluster.name(volume.get()), key);
    }

    private void remove(ObjectKey key, ObjectNode snapshot) {
        Optional<ObjectNode> volume = world.cluster().find(volumeKey(snapshot));
        boolean free = volume.isEmpty()
                || Cluster.marked(volume.get())
                || !snapshot.path("status").path("readyToUse").asBoolean();
        if (free) {
            world.cluster().release(key);
        } else if (newest(key, snapshot)) {
            // The parent of volume-head stays, marked, until a newer snapshot is there.
            world.cluster().updateStatus(key, status -> status.put("markRemoved", true));
        } else if (world.attach(Cluster.name(volume.get()), key)
                && !world.cluster().setting("disable-snapshot-purge", "false").equals("true")) {
            world.after(REMOVAL, () -> world.cluster().release(key));
        }
    }

    private boolean newest(ObjectKey key, ObjectNode snapshot) {
        String volume = snapshot.path("spec").path("volume").asText();
        return world.cluster().labelled(ResourceType.SNAPSHOTS, "longhornvolume", volume).stream()
                .filter(other -> !Cluster.name(other).equals(key.name()))
                .noneMatch(other -> other.at("/status/readyToUse").asBoolean() && made(other) > made(snapshot));
    }

    private static long made(ObjectNode snapshot) {
        return Instant.parse(snapshot.at("/metadata/creationTimestamp").asText())
                .toEpochMilli();
    }

    private static ObjectKey volumeKey(ObjectNode snapshot) {
        return Cluster.key(
                ResourceType.VOLUMES, snapshot.path("spec").path("volume").asText());
    }
}
