package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredBackup;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Takes backups step by step, reads those of the store, and hands deletions on. */
final class BackupController implements Controller {
    private static final int TRIES = 5;

    private final World world;
    private final Uploads uploads;
    private final Deletions deletions;
    private final Map<ObjectKey, Integer> waited = new HashMap<>();

    BackupController(World world) {
        this.world = world;
        uploads = new Uploads(world);
        deletions = new Deletions(world);
    }

    @Override
    public ResourceType type() {
        return ResourceType.BACKUPS;
    }

    @Override
    public void gone(ObjectKey key, ObjectNode last) {
        uploads.forget(key);
        deletions.forget(key);
        waited.remove(key);
        world.tickets().drop(Cluster.label(last, "backup-volume"), key.toString());
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode backup) {
        if (world.release().since("1.8")
                && Cluster.label(backup, "backup-target").isEmpty()) {
            return;
        }
        if (Cluster.marked(backup)) {
            deletions.reconcile(key, backup);
            return;
        }
        String state = backup.path("status").path("state").asText();
        String snapshot = backup.path("spec").path("snapshotName").asText();
        boolean synced = backup.path("status").hasNonNull("lastSyncedAt");
        if (snapshot.isEmpty() || state.equals("Completed") && uploads.done(key)) {
            if (!synced || requested(backup)) {
                readBack(key, backup);
            }
        } else if (!uploads.begun(key) && (state.isEmpty() || state.equals("Pending"))) {
            prepare(key, backup, snapshot);
        }
    }

    private static boolean requested(ObjectNode backup) {
        String asked = backup.path("spec").path("syncRequestedAt").asText();
        String done = backup.path("status").path("lastSyncedAt").asText();
        return !asked.isEmpty() && java.time.Instant.parse(done).isBefore(java.time.Instant.parse(asked));
    }

    private void prepare(ObjectKey key, ObjectNode backup, String snapshotName) {
        String volumeName = volumeOf(backup, snapshotName);
        Optional<ObjectNode> volume = world.cluster().find(ResourceType.VOLUMES, volumeName);
        if (volume.isEmpty() || Cluster.marked(volume.get())) {
            fail(key, noVolume(volumeName));
            return;
        }
        if (!world.attach(volumeName, key)) {
            world.cluster()
                    .updateStatus(key, status -> status.put("progress", 0).put("ownerID", World.NODE));
            return;
        }
        Optional<String> obstacle = obstacle(key, backup, volumeName, snapshotName);
        if (obstacle.isPresent()) {
            pending(key, backup, volume.get(), obstacle.get());
            return;
        }
        Targets.Target target = target(backup);
        if (!target.available()) {
            fail(key, "missing input parameter");
            return;
        }
        uploads.begin(key, backup, volume.get(), target);
    }

    static String noVolume(String name) {
        return "cannot find the corresponding volume: volume.longhorn.io \"" + name + "\" not found";
    }

    private String volumeOf(ObjectNode backup, String snapshot) {
        String label = Cluster.label(backup, "backup-volume");
        return label.isEmpty()
                ? world.cluster()
                        .find(ResourceType.SNAPSHOTS, snapshot)
                        .map(object -> object.path("spec").path("volume").asText())
                        .orElse("")
                : label;
    }

    private Optional<String> obstacle(ObjectKey key, ObjectNode backup, String volume, String snapshot) {
        if (!Engines.running(world, volume)) {
            return Optional.of("aiting for the engine " + volume + "-e-0 to be ready");
        }
        Optional<ObjectNode> found = world.cluster().find(ResourceType.SNAPSHOTS, snapshot);
        if (found.isEmpty()) {
            return Optional.of("Failed to get the Snapshot " + snapshot);
        }
        if (!found.get().path("status").path("readyToUse").asBoolean()) {
            return Optional.of("aiting for the snapshot " + snapshot + " to be ready");
        }
        boolean deleting = world.release().since("1.8")
                && world.cluster().labelled(ResourceType.BACKUPS, "backup-volume", volume).stream()
                        .anyMatch(other ->
                                other.path("status").path("state").asText().equals("Deleting"));
        return deleting ? Optional.of("deletion") : Optional.empty();
    }

    private void pending(ObjectKey key, ObjectNode backup, ObjectNode volume, String obstacle) {
        boolean deletion = obstacle.equals("deletion");
        String info = deletion
                ? "Waiting for the other backup of the volume to be deleted"
                : obstacle.startsWith("aiting") ? "W" + obstacle : obstacle;
        int tries = waited.merge(key, 1, Integer::sum);
        if (!deletion && world.release().since("1.7.3") && tries >= TRIES) {
            fail(key, obstacle.startsWith("aiting") ? "Failed w" + obstacle : obstacle);
            return;
        }
        if (deletion) {
            waited.remove(key);
        }
        world.cluster().updateStatus(key, status -> {
            status.put("state", "Pending")
                    .put("progress", 0)
                    .put("ownerID", World.NODE)
                    .put("volumeSize", volume.path("spec").path("size").asText());
            status.putObject("messages").put("info", info);
        });
    }

    private void fail(ObjectKey key, String error) {
        world.cluster()
                .find(key)
                .ifPresent(backup -> world.tickets().drop(Cluster.label(backup, "backup-volume"), key.toString()));
        world.cluster()
                .updateStatus(
                        key,
                        status -> status.put("state", "Error")
                                .put("error", error)
                                .put("ownerID", World.NODE)
                                .put("lastSyncedAt", world.time()));
    }

    private Targets.Target target(ObjectNode backup) {
        String label = Cluster.label(backup, "backup-target");
        return Targets.of(world, label.isEmpty() ? "default" : label);
    }

    private void readBack(ObjectKey key, ObjectNode backup) {
        Targets.Target target = target(backup);
        String volumeName = Cluster.label(backup, "backup-volume");
        StoredVolume volume = world.stores().volumes(target.url()).get(volumeName);
        StoredBackup stored = volume == null ? null : volume.backups().get(key.name());
        if (!target.available() || !world.stores().reachable()) {
            return;
        }
        if (volume == null || stored == null || stored.created().isEmpty()) {
            world.cluster()
                    .updateStatus(key, status -> status.put("progress", 0).put("ownerID", World.NODE));
            return;
        }
        if (uploads.neverSynced(key)) {
            return;
        }
        world.cluster().updateStatus(key, status -> {
            status.put("state", "Completed")
                    .put("url", target.url() + "?backup=" + key.name() + "&volume=" + volumeName)
                    .put("snapshotName", stored.snapshotName())
                    .put("snapshotCreatedAt", stored.snapshotCreatedAt())
                    .put(
                            "backupCreatedAt",
                            stored.created()
                                    .orElseThrow()
                                    .truncatedTo(ChronoUnit.SECONDS)
                                    .toString())
                    .put("size", Long.toString(stored.sizeBytes()))
                    .put("compressionMethod", "lz4")
                    .put("volumeName", volumeName)
                    .put("volumeSize", Long.toString(volume.sizeBytes()))
                    .put("volumeCreated", volume.created().toString())
                    .put("volumeBackingImageName", "")
                    .put("ownerID", World.NODE)
                    .put("lastSyncedAt", world.time());
            if (!status.has("progress")) {
                status.put("progress", 0);
            }
            if (world.release().since("1.7")) {
                status.put("newlyUploadDataSize", Long.toString(stored.sizeBytes() / 2))
                        .put("reUploadedDataSize", "0");
            }
            if (world.release().since("1.8")) {
                status.put("backupTargetName", target.name());
            }
            ObjectNode labels = status.putObject("labels");
            stored.labels().forEach(labels::put);
        });
        BackupVolumes.find(world, target.name(), volumeName)
                .ifPresent(
                        object -> world.manager().soon(Cluster.key(ResourceType.BACKUP_VOLUMES, Cluster.name(object))));
    }
}
