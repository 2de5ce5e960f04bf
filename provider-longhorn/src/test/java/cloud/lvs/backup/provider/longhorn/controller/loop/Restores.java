package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills a volume from a backup: attached without a frontend, until its engine says that all is there. */
final class Restores {
    private static final Pattern BACKUP = Pattern.compile("[?&]backup=([^&]+)");
    private static final int STEPS = 4;

    private final World world;
    private final Set<ObjectKey> begun = new HashSet<>();

    Restores(World world) {
        this.world = world;
    }

    /** Whether the volume is to be filled from a backup. */
    boolean wants(ObjectNode volume) {
        return volume.path("status").path("restoreRequired").asBoolean();
    }

    void forget(ObjectKey volume) {
        begun.remove(volume);
    }

    void reconcile(ObjectKey key, ObjectNode volume) {
        String limit = world.cluster().setting("concurrent-volume-backup-restore-per-node-limit", "5");
        if (limit.equals("0") || !begun.add(key)) {
            return;
        }
        String backup = backupName(volume);
        String source = Cluster.label(volume, "backup-volume");
        Script.Restore restore = world.script().nextRestore(source);
        Optional<ObjectNode> found = world.cluster().find(ResourceType.BACKUPS, backup);
        world.cluster().updateStatus(key, status -> {
            status.put("state", "detached");
            KubernetesStatus.fromBackup(
                    status.putObject("kubernetesStatus"),
                    found.map(object -> object.path("status")
                                    .path("labels")
                                    .path("KubernetesStatus")
                                    .asText())
                            .orElse(""),
                    found.map(object -> object.path("status")
                                    .path("snapshotCreatedAt")
                                    .asText())
                            .orElse(""));
        });
        if (restore instanceof Script.Restore.Unschedulable unschedulable) {
            world.cluster()
                    .updateStatus(
                            key,
                            status -> condition(
                                    status, "Scheduled", "False", "ReplicaSchedulingFailure", unschedulable.message()));
            return;
        }
        world.after(
                Duration.ofMillis(500),
                () -> step(key, () -> {
                    world.cluster().updateStatus(key, status -> status.put("state", "attaching"));
                    world.after(Duration.ofMillis(500), () -> step(key, () -> attached(key, backup, restore)));
                }));
    }

    private void attached(ObjectKey key, String backup, Script.Restore restore) {
        Engines.set(world, key.name(), "running");
        world.cluster().updateStatus(key, status -> {
            VolumeController.settle(status, "attached");
            status.put("robustness", "degraded").put("restoreInitiated", true);
            condition(status, "Restore", "True", "RestoreInProgress", "");
        });
        Engines.restoring(
                world,
                key.name(),
                replica -> replica.put("isRestoring", true)
                        .put("currentRestoringBackup", backup)
                        .put("lastRestored", "")
                        .put("progress", 0)
                        .put("state", "in_progress")
                        .put("error", ""));
        progress(key, backup, restore, 1);
    }

    private void progress(ObjectKey key, String backup, Script.Restore restore, int number) {
        int end = restore instanceof Script.Restore.Stuck stuck ? stuck.progress() : 100;
        world.after(
                world.script().restoreTime().dividedBy(STEPS),
                () -> step(key, () -> {
                    int percent = Math.min(end, 100 * number / STEPS);
                    Engines.restoring(world, key.name(), replica -> replica.put("progress", percent));
                    if (percent < end) {
                        progress(key, backup, restore, number + 1);
                    } else if (restore instanceof Script.Restore.Fails fails) {
                        fail(key, fails.error());
                    } else if (end == 100) {
                        finish(key, backup);
                    }
                }));
    }

    private void finish(ObjectKey key, String backup) {
        Engines.restoring(
                world,
                key.name(),
                replica -> replica.put("isRestoring", false)
                        .put("currentRestoringBackup", "")
                        .put("lastRestored", backup)
                        .put("state", "complete"));
        world.cluster().updateStatus(Engines.key(key.name()), status -> status.put("lastRestoredBackup", backup));
        boolean standby = world.cluster()
                .find(key)
                .filter(volume -> volume.path("spec").path("Standby").asBoolean())
                .isPresent();
        if (standby) {
            begun.remove(key);
            return;
        }
        world.cluster().updateStatus(key, status -> {
            status.put("restoreRequired", false).put("isStandby", false).put("state", "detaching");
            condition(status, "Restore", "False", "", "");
        });
        world.after(
                Duration.ofMillis(500),
                () -> step(key, () -> {
                    Engines.set(world, key.name(), "stopped");
                    world.cluster().updateStatus(key, status -> VolumeController.settle(status, "detached"));
                }));
    }

    private void fail(ObjectKey key, String error) {
        Engines.restoring(
                world,
                key.name(),
                replica ->
                        replica.put("isRestoring", false).put("state", "error").put("error", error));
        world.cluster().updateStatus(key, status -> {
            status.put("state", "detached").put("robustness", "faulted").put("currentNodeID", "");
            condition(
                    status,
                    "Restore",
                    "False",
                    "RestoreFailure",
                    "All replica restore failed and the volume became Faulted");
        });
        Engines.set(world, key.name(), "stopped");
    }

    private void step(ObjectKey key, Runnable work) {
        if (world.cluster().find(key).filter(volume -> !Cluster.marked(volume)).isPresent()) {
            work.run();
        }
    }

    private void condition(ObjectNode status, String type, String value, String reason, String message) {
        var conditions = status.withArray("conditions");
        ObjectNode one = null;
        for (JsonNode condition : conditions) {
            if (condition.path("type").asText().equals(type)) {
                one = (ObjectNode) condition;
            }
        }
        if (one == null) {
            one = conditions.addObject().put("type", type);
        }
        one.put("status", value)
                .put("reason", reason)
                .put("message", message)
                .put("lastProbeTime", "")
                .put("lastTransitionTime", world.time());
    }

    private static String backupName(ObjectNode volume) {
        Matcher match = BACKUP.matcher(volume.path("spec").path("fromBackup").asText());
        return match.find() ? match.group(1) : "";
    }
}
