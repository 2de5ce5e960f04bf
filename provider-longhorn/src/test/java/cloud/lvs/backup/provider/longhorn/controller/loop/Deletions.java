package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Lock;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Work;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Backups on their way out of the store. */
final class Deletions {
    private static final Duration ERASING = Duration.ofMillis(2200);
    private static final Duration LOCK_HELD_AFTER = Duration.ofMillis(500);

    private final World world;
    private final Map<ObjectKey, Attempt> attempts = new HashMap<>();

    Deletions(World world) {
        this.world = world;
    }

    private enum Stage {
        ERASING,
        ERASED,
        FAILED,
        TOLD
    }

    private record Attempt(Stage stage, String error, Instant begun, int number) {
        /** The first retry comes a minute after the attempt began, then two, four and so on; at a resync. */
        Instant retry() {
            return begun.plus(Duration.ofMinutes(1L << (number - 1)));
        }

        Attempt at(Stage next, String text) {
            return new Attempt(next, text, begun, number);
        }
    }

    void forget(ObjectKey key) {
        attempts.remove(key);
    }

    void reconcile(ObjectKey key, ObjectNode backup) {
        String label = Cluster.label(backup, "backup-target");
        Targets.Target target = Targets.of(world, label.isEmpty() ? "default" : label);
        String volume = Cluster.label(backup, "backup-volume");
        boolean objectOnly = backup.path("metadata").path("labels").has(World.OBJECT_ONLY);
        if (!target.available()
                || objectOnly
                || BackupVolumes.find(world, target.name(), volume).isEmpty()) {
            world.cluster().release(key);
            return;
        }
        Attempt attempt = attempts.get(key);
        if (attempt == null) {
            if (!Engines.anyRestoring(world, volume)) {
                begin(key, volume, target, 1);
            }
            return;
        }
        switch (attempt.stage()) {
            case ERASED -> {
                if (world.cluster()
                        .setting("auto-cleanup-when-delete-backup", "false")
                        .equals("true")) {
                    world.cluster()
                            .delete(World.key(
                                    ResourceType.SNAPSHOTS,
                                    backup.at("/status/snapshotName").asText()));
                }
                world.cluster().release(key);
            }
            case FAILED -> {
                world.cluster().updateStatus(key, status -> {
                    status.put("state", "Error");
                    status.putObject("messages").put("error", attempt.error());
                });
                attempts.put(key, attempt.at(Stage.TOLD, attempt.error()));
            }
            case TOLD -> {
                if (!attempt.retry().isAfter(world.now())) {
                    begin(key, volume, target, attempt.number() + 1);
                }
            }
            case ERASING -> {}
        }
    }

    private void begin(ObjectKey key, String volumeName, Targets.Target target, int number) {
        attempts.put(key, new Attempt(Stage.ERASING, "", world.now(), number));
        if (world.release().since("1.8")) {
            world.cluster().updateStatus(key, status -> {
                status.put("state", "Deleting");
                status.remove("messages");
            });
        }
        erase(key, volumeName, target);
    }

    private void erase(ObjectKey key, String volumeName, Targets.Target target) {
        if (!world.stores().reachable()) {
            world.after(Duration.ofSeconds(5), () -> erase(key, volumeName, target));
            return;
        }
        StoredVolume volume = world.stores().volumes(target.url()).get(volumeName);
        if (volume == null) {
            end(key, Stage.ERASED, "");
            return;
        }
        Optional<Lock> lock = volume.lockAgainst(Work.DELETION, world.now());
        if (lock.isPresent()) {
            String url = target.url() + "?backup=" + key.name() + "&volume=" + volumeName;
            String error =
                    "Failed to delete the backup " + url + " in the backupstore, err error deleting backup " + url
                            + ": failed to execute: /engine-binaries/longhorn [backup rm " + url + "], output "
                            + Uploads.lockText(lock.get()) + "\n, stderr : exit status 1";
            world.after(ERASING, () -> end(key, Stage.FAILED, error));
            return;
        }
        world.after(
                LOCK_HELD_AFTER,
                () -> volume.lock(new Lock(
                        "delete-" + key.name(), Work.DELETION, world.now().plus(Duration.ofSeconds(150)))));
        world.after(ERASING, () -> volume.remove(key.name()));
        world.after(ERASING.plus(LOCK_HELD_AFTER), () -> {
            volume.unlock("delete-" + key.name());
            end(key, Stage.ERASED, "");
            if (world.release().before("1.8")) {
                world.manager().again(key, Duration.ZERO);
            }
        });
    }

    private void end(ObjectKey key, Stage stage, String error) {
        Attempt attempt = attempts.get(key);
        if (attempt != null) {
            attempts.put(key, attempt.at(stage, error));
        }
    }
}
