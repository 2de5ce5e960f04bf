package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredBackup;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Lock;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Work;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Backups on their way to the store, as the engine reports them. */
final class Uploads {
    private static final int STEPS = 4;
    private static final int BLOCKS = 4;

    private final World world;
    private final Map<ObjectKey, Stage> stages = new HashMap<>();

    Uploads(World world) {
        this.world = world;
    }

    private enum Stage {
        RUNNING,
        DONE,
        NEVER_SYNCED
    }

    private record Job(
            ObjectKey key,
            String volume,
            String snapshot,
            Targets.Target target,
            StoredVolume stored,
            Script.Upload way) {}

    boolean begun(ObjectKey key) {
        return stages.containsKey(key);
    }

    boolean done(ObjectKey key) {
        return stages.get(key) != Stage.RUNNING;
    }

    boolean neverSynced(ObjectKey key) {
        return stages.get(key) == Stage.NEVER_SYNCED;
    }

    void forget(ObjectKey key) {
        stages.remove(key);
    }

    void begin(ObjectKey key, ObjectNode backup, ObjectNode volume, Targets.Target target) {
        stages.put(key, Stage.RUNNING);
        String volumeName = Cluster.name(volume);
        StoredVolume stored = world.stores()
                .volumes(target.url())
                .computeIfAbsent(
                        volumeName,
                        name -> new StoredVolume(
                                name, volume.path("spec").path("size").asLong(), world.now()));
        Job job = new Job(
                key,
                volumeName,
                backup.path("spec").path("snapshotName").asText(),
                target,
                stored,
                world.script().nextUpload(volumeName));
        Optional<Lock> lock = stored.lockAgainst(Work.BACKUP_OR_RESTORE, world.now());
        if (lock.isPresent()) {
            error(job, 0, lockText(lock.get()));
            return;
        }
        stored.lock(new Lock(key.name(), Work.BACKUP_OR_RESTORE, world.now().plus(Duration.ofDays(3650))));
        stored.put(new StoredBackup(key.name(), "", "", Optional.empty(), 0, Map.of(), "incremental"));
        world.cluster()
                .updateStatus(
                        key,
                        status -> status.put("state", "InProgress")
                                .put("progress", 0)
                                .put("error", "")
                                .put("ownerID", World.NODE)
                                .put("snapshotName", job.snapshot())
                                .put("replicaAddress", "tcp://10.0.0.1:10000")
                                .put(
                                        "volumeSize",
                                        volume.path("spec").path("size").asText()));
        step(job, 1);
    }

    static String lockText(Lock lock) {
        return "failed to acquire lock backupstore/volumes/ff/06/volume/locks/lock-9a084e3f1c1b4ed8.lck when performing "
                + (lock.work() == Work.DELETION ? "backup create/restore" : "backup delete")
                + ", please try again later";
    }

    private void step(Job job, int number) {
        world.after(world.script().uploadTime().dividedBy(STEPS), () -> {
            if (!stages.containsKey(job.key())
                    || world.cluster().find(job.key()).isEmpty()) {
                job.stored().unlock(job.key().name());
                return;
            }
            if (world.cluster().find(ResourceType.VOLUMES, job.volume()).isEmpty()) {
                error(job, 0, BackupController.noVolume(job.volume()));
                return;
            }
            advance(job, number);
        });
    }

    private void advance(Job job, int number) {
        int percent = number < STEPS ? 95 * number / STEPS : 100;
        if (job.way() instanceof Script.Upload.Stuck stuck) {
            progress(job, Math.min(percent, stuck.progress()), "InProgress");
            if (percent < stuck.progress()) {
                step(job, number + 1);
            }
        } else if (job.way() instanceof Script.Upload.Fails fails && percent >= fails.progress()) {
            error(job, fails.progress(), fails.error());
        } else if (job.way() instanceof Script.Upload.Flaps flaps && number <= 2 * flaps.times()) {
            progress(job, 50, number % 2 == 0 ? "InProgress" : "Unknown");
            step(job, number + 1);
        } else if (percent < 100) {
            progress(job, percent, "InProgress");
            step(job, number + 1);
        } else {
            complete(job);
        }
    }

    private void progress(Job job, int percent, String state) {
        world.cluster()
                .updateStatus(
                        job.key(), status -> status.put("progress", percent).put("state", state));
    }

    private void error(Job job, int progress, String error) {
        stages.put(job.key(), Stage.DONE);
        job.stored().unlock(job.key().name());
        world.cluster()
                .updateStatus(
                        job.key(),
                        status -> status.put("state", "Error")
                                .put("progress", progress)
                                .put("error", error)
                                .put("ownerID", World.NODE)
                                .put("lastSyncedAt", world.time()));
        release(job);
    }

    private void complete(Job job) {
        Optional<ObjectNode> snapshot = world.cluster().find(ResourceType.SNAPSHOTS, job.snapshot());
        Map<String, String> labels = new TreeMap<>();
        world.cluster()
                .find(job.key())
                .ifPresent(backup -> backup.path("spec")
                        .path("labels")
                        .properties()
                        .forEach(label ->
                                labels.put(label.getKey(), label.getValue().asText())));
        job.stored()
                .put(new StoredBackup(
                        job.key().name(),
                        job.snapshot(),
                        snapshot.map(object -> object.path("status")
                                        .path("creationTime")
                                        .asText())
                                .orElse(world.time()),
                        Optional.of(world.now()),
                        BLOCKS,
                        labels,
                        "incremental"));
        job.stored().unlock(job.key().name());
        world.cluster()
                .find(ResourceType.VOLUMES, job.volume())
                .ifPresent(volume ->
                        job.stored().describe(volume.path("spec").path("size").asLong(), storageClass(job.volume())));
        BackupVolumes.ensure(world, job.target().name(), job.stored());
        boolean neverSynced = job.way() instanceof Script.Upload.NeverSynced;
        world.cluster().updateStatus(job.key(), status -> {
            status.put("state", "Completed").put("progress", 100);
            if (job.way() instanceof Script.Upload.CompletedWithError odd) {
                status.put("progress", odd.progress()).put("error", odd.error());
            }
        });
        stages.put(job.key(), neverSynced ? Stage.NEVER_SYNCED : Stage.DONE);
        if (world.cluster()
                .setting("auto-cleanup-snapshot-after-on-demand-backup-completed", "false")
                .equals("true")) {
            world.cluster().delete(World.key(ResourceType.SNAPSHOTS, job.snapshot()));
        }
        release(job);
    }

    private String storageClass(String volume) {
        return world.cluster().list(ResourceType.PERSISTENT_VOLUMES).stream()
                .filter(object -> object.path("spec")
                        .path("csi")
                        .path("volumeHandle")
                        .asText()
                        .equals(volume))
                .map(object -> object.path("spec").path("storageClassName").asText())
                .findFirst()
                .orElse("");
    }

    private void release(Job job) {
        world.tickets().drop(job.volume(), job.key().toString());
        world.manager().soon(Cluster.key(ResourceType.VOLUMES, job.volume()));
    }
}
