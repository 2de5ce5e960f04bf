package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Attaches, detaches, restores and removes volumes. */
final class VolumeController implements Controller {
    private static final Duration ATTACHING = Duration.ofSeconds(2);
    private static final Duration DETACHING = Duration.ofSeconds(1);

    private final World world;
    private final Restores restores;
    private final Set<ObjectKey> moving = new HashSet<>();

    VolumeController(World world) {
        this.world = world;
        restores = new Restores(world);
    }

    @Override
    public ResourceType type() {
        return ResourceType.VOLUMES;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode volume) {
        if (Cluster.marked(volume)) {
            world.cluster().updateStatus(key, status -> status.put("state", "deleting"));
            world.cluster().release(key);
            return;
        }
        String state = volume.path("status").path("state").asText();
        if (state.isEmpty()) {
            world.cluster().updateStatus(key, status -> born(status, volume));
            return;
        }
        if (restores.wants(volume)) {
            restores.reconcile(key, volume);
            return;
        }
        trackLastBackup(key, volume);
        joinDefaultGroup(key, volume);
        if (moving.contains(key)
                || volume.path("status").path("robustness").asText().equals("faulted")) {
            return;
        }
        boolean wanted = world.tickets().any(key.name())
                || !volume.path("spec").path("nodeID").asText().isEmpty();
        if (wanted && (state.equals("detached") || state.equals("creating"))) {
            move(key, "attaching", ATTACHING, "attached");
        } else if (!wanted && (state.equals("attached") || state.equals("creating"))) {
            move(key, "detaching", DETACHING, "detached");
        }
    }

    private static void born(ObjectNode status, ObjectNode volume) {
        status.put("state", "creating")
                .put("robustness", "unknown")
                .put("ownerID", World.NODE)
                .put("lastBackup", "")
                .put("lastBackupAt", "")
                .put("currentNodeID", "")
                .put("restoreInitiated", false)
                .put("isStandby", volume.path("spec").path("Standby").asBoolean())
                .put(
                        "restoreRequired",
                        !volume.path("spec").path("fromBackup").asText().isEmpty());
        status.putArray("conditions")
                .addObject()
                .put("type", "Scheduled")
                .put("status", "True")
                .put("reason", "")
                .put("message", "");
        KubernetesStatus.empty(status.putObject("kubernetesStatus"));
    }

    private void move(ObjectKey key, String through, Duration time, String to) {
        moving.add(key);
        world.cluster().updateStatus(key, status -> status.put("state", through));
        world.after(time, () -> {
            moving.remove(key);
            Engines.set(world, key.name(), to.equals("attached") ? "running" : "stopped");
            world.cluster().updateStatus(key, status -> settle(status, to));
        });
    }

    /** Writes what goes with being attached or detached. */
    static void settle(ObjectNode status, String state) {
        status.put("state", state)
                .put("robustness", state.equals("attached") ? "healthy" : "unknown")
                .put("currentNodeID", state.equals("attached") ? World.NODE : "");
    }

    /** A volume without any label of a recurring job belongs to the group default. */
    private void joinDefaultGroup(ObjectKey key, ObjectNode volume) {
        boolean named = volume.at("/metadata/labels").properties().stream()
                .anyMatch(label -> label.getKey().startsWith("recurring-job.longhorn.io")
                        || label.getKey().startsWith("recurring-job-group.longhorn.io"));
        if (!named && world.script().labelsDefaultGroup()) {
            world.cluster()
                    .update(
                            key,
                            object -> object.withObjectProperty("metadata")
                                    .withObjectProperty("labels")
                                    .put("recurring-job-group.longhorn.io/default", "enabled"));
        }
    }

    private void trackLastBackup(ObjectKey key, ObjectNode volume) {
        String target = volume.path("spec").path("backupTargetName").asText("default");
        BackupVolumes.find(world, target, key.name())
                .ifPresent(backups -> world.cluster()
                        .updateStatus(
                                key,
                                status -> status.put(
                                                "lastBackup",
                                                backups.path("status")
                                                        .path("lastBackupName")
                                                        .asText())
                                        .put(
                                                "lastBackupAt",
                                                backups.path("status")
                                                        .path("lastBackupAt")
                                                        .asText())));
    }

    @Override
    public void gone(ObjectKey key, ObjectNode last) {
        moving.remove(key);
        restores.forget(key);
        world.tickets().forget(key.name());
        world.cluster()
                .labelled(ResourceType.BACKUPS, "backup-volume", key.name())
                .forEach(backup -> world.soon(Cluster.key(ResourceType.BACKUPS, Cluster.name(backup))));
        world.after(Duration.ofMillis(100), () -> {
            for (ResourceType type : new ResourceType[] {ResourceType.SNAPSHOTS, ResourceType.ENGINES}) {
                for (ObjectNode owned : world.cluster().labelled(type, "longhornvolume", key.name())) {
                    ObjectKey ownedKey = Cluster.key(type, Cluster.name(owned));
                    world.cluster().delete(ownedKey);
                    world.cluster().release(ownedKey);
                }
            }
        });
    }
}
