package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredBackup;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** Tells what a source volume has in its store, and erases all of it when its object is deleted. */
final class BackupVolumeController implements Controller {
    private static final Duration ERASING = Duration.ofMillis(2200);

    private final World world;
    private final Set<ObjectKey> erasing = new HashSet<>();

    BackupVolumeController(World world) {
        this.world = world;
    }

    @Override
    public ResourceType type() {
        return ResourceType.BACKUP_VOLUMES;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode object) {
        String name = object.path("spec").path("volumeName").asText(key.name());
        Targets.Target target =
                Targets.of(world, object.path("spec").path("backupTargetName").asText("default"));
        if (Cluster.marked(object)) {
            erase(key, object, name, target);
            return;
        }
        StoredVolume volume = world.stores().volumes(target.url()).get(name);
        if (!target.available() || volume == null) {
            return;
        }
        StoredBackup last = volume.backups().get(volume.lastBackup());
        boolean told = volume.lastBackup()
                        .equals(object.path("status").path("lastBackupName").asText())
                && object.path("status").hasNonNull("lastSyncedAt")
                && !requested(object);
        if (!told) {
            world.cluster().updateStatus(key, status -> {
                status.put("ownerID", World.NODE)
                        .put("lastBackupName", volume.lastBackup())
                        .put("lastBackupAt", last == null ? "" : last.snapshotCreatedAt())
                        .put("createdAt", volume.created().toString())
                        .put("size", Long.toString(volume.sizeBytes()))
                        .put("dataStored", Long.toString(volume.storedBytes()))
                        .put("storageClassName", volume.storageClass())
                        .put("lastModificationTime", world.time())
                        .put("lastSyncedAt", world.time());
                ObjectNode labels = status.putObject("labels");
                volume.labels().forEach(labels::put);
            });
        }
        removeExpired(name, target.name());
    }

    private static boolean requested(ObjectNode object) {
        String asked = object.path("spec").path("syncRequestedAt").asText();
        String done = object.path("status").path("lastSyncedAt").asText();
        return !asked.isEmpty() && (done.isEmpty() || Instant.parse(done).isBefore(Instant.parse(asked)));
    }

    private void erase(ObjectKey key, ObjectNode object, String name, Targets.Target target) {
        boolean objectOnly = object.path("metadata").path("labels").has(World.OBJECT_ONLY);
        if (!target.available() || objectOnly) {
            finish(key, name, target.name());
            return;
        }
        if (erasing.add(key)) {
            world.after(ERASING, () -> {
                world.stores().volumes(target.url()).remove(name);
                erasing.remove(key);
                finish(key, name, target.name());
            });
        }
    }

    private void finish(ObjectKey key, String volume, String target) {
        for (ObjectNode backup : world.cluster().labelled(ResourceType.BACKUPS, "backup-volume", volume)) {
            if (world.release().before("1.8")
                    || Cluster.label(backup, "backup-target").equals(target)) {
                ObjectKey backupKey = Cluster.key(ResourceType.BACKUPS, Cluster.name(backup));
                world.cluster()
                        .update(
                                backupKey,
                                one -> ((ObjectNode) one.get("metadata"))
                                        .withObjectProperty("labels")
                                        .put(World.OBJECT_ONLY, ""));
                world.cluster().delete(backupKey);
            }
        }
        world.cluster().release(key);
    }

    private void removeExpired(String volume, String target) {
        long minutes = Long.parseLong(world.cluster().setting("failed-backup-ttl", "1440"));
        if (minutes == 0) {
            return;
        }
        for (ObjectNode backup : world.cluster().labelled(ResourceType.BACKUPS, "backup-volume", volume)) {
            String state = backup.path("status").path("state").asText();
            String last = backup.path("status").path("lastSyncedAt").asText();
            if (state.equals("Error")
                    && !last.isEmpty()
                    && Cluster.label(backup, "backup-target").equals(target)
                    && Instant.parse(last).plus(Duration.ofMinutes(minutes)).isBefore(world.now())) {
                world.cluster().delete(Cluster.key(ResourceType.BACKUPS, Cluster.name(backup)));
            }
        }
    }
}
