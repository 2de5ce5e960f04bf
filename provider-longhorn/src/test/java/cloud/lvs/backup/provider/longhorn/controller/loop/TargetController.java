package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredBackup;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Says whether a backup target is available, and makes objects for what lies in it. */
final class TargetController implements Controller {
    private final World world;
    private static final Duration ANSWER = Duration.ofMillis(200);
    private static final Duration REFUSAL = Duration.ofSeconds(15);

    private final Map<ObjectKey, String> tried = new HashMap<>();
    private final Set<ObjectKey> asking = new HashSet<>();

    TargetController(World world) {
        this.world = world;
    }

    @Override
    public ResourceType type() {
        return ResourceType.BACKUP_TARGETS;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode target) {
        if (Cluster.marked(target)) {
            removeObjects(key.name());
            world.cluster().release(key);
            return;
        }
        String url = target.path("spec").path("backupTargetURL").asText();
        if (url.isEmpty()) {
            removeObjects(key.name());
            unavailable(key, "backup target URL is empty");
            return;
        }
        if (!credentialsThere(target, url)) {
            // The controller fails before it writes: what it said last stays.
            return;
        }
        boolean available = target.path("status").path("available").asBoolean();
        if ((!available || syncDue(key, target)) && asking.add(key)) {
            // The engine's program is run; a refused connection is tried again for a while.
            world.after(world.stores().reachable() ? ANSWER : REFUSAL, () -> {
                asking.remove(key);
                world.cluster().find(key).ifPresent(now -> answered(key, now));
            });
        }
    }

    private void answered(ObjectKey key, ObjectNode target) {
        String url = target.path("spec").path("backupTargetURL").asText();
        if (url.isEmpty() || Cluster.marked(target)) {
            reconcile(key, target);
            return;
        }
        Optional<String> trouble = world.stores().trouble(url);
        if (trouble.isPresent()) {
            unavailable(key, message(url, trouble.get()));
        } else if (!target.path("status").path("available").asBoolean()) {
            world.cluster().updateStatus(key, this::available);
        } else {
            pull(key.name(), url);
            tried.put(key, seen(target));
            world.cluster().updateStatus(key, status -> {
                available(status);
                status.put("lastSyncedAt", world.time());
            });
        }
        world.manager().soon(key);
    }

    private boolean credentialsThere(ObjectNode target, String url) {
        String secret = target.path("spec").path("credentialSecret").asText();
        return !url.startsWith("s3://")
                || !secret.isEmpty()
                        && world.cluster()
                                .find(new ObjectKey(ResourceType.SECRETS, Cluster.NAMESPACE, secret))
                                .isPresent();
    }

    private boolean syncDue(ObjectKey key, ObjectNode target) {
        if (!seen(target).equals(tried.get(key))) {
            return true;
        }
        Duration poll = Durations.parse(target.path("spec").path("pollInterval").asText("0s"));
        String last = target.path("status").path("lastSyncedAt").asText();
        return !poll.isZero()
                && (last.isEmpty() || !Instant.parse(last).plus(poll).isAfter(world.now()));
    }

    private static String seen(ObjectNode target) {
        return target.path("spec").path("backupTargetURL").asText() + " "
                + target.path("spec").path("credentialSecret").asText() + " "
                + target.path("spec").path("syncRequestedAt").asText();
    }

    private void available(ObjectNode status) {
        status.put("available", true).put("ownerID", World.NODE);
        condition(status, "False", "", "");
    }

    private void unavailable(ObjectKey key, String message) {
        tried.remove(key);
        world.cluster().updateStatus(key, status -> {
            status.put("available", false).put("ownerID", World.NODE);
            condition(status, "True", "Unavailable", message);
        });
    }

    private void condition(ObjectNode status, String value, String reason, String message) {
        String before = status.path("conditions").path(0).path("status").asText();
        String since =
                status.path("conditions").path(0).path("lastTransitionTime").asText();
        status.putArray("conditions")
                .addObject()
                .put("type", "Unavailable")
                .put("status", value)
                .put("reason", reason)
                .put("message", message)
                .put("lastProbeTime", "")
                .put("lastTransitionTime", before.equals(value) ? since : world.time());
    }

    private String message(String url, String cause) {
        return "failed to list system backups in " + url + ": error listing system backup in " + url
                + ": failed to execute: /engine-binaries/longhorn [/engine-binaries/longhorn system-backup list " + url
                + "], output , stderr time=\"" + world.now() + "\" level=fatal msg=\"Failed to run list system backup"
                + " command\" func=cmd.SystemBackupCmd.SystemBackupListCmd.func4 file=\"system_backup.go:72\" error=\""
                + cause + "\": exit status 1";
    }

    private void pull(String target, String url) {
        for (StoredVolume volume : world.stores().volumes(url).values()) {
            BackupVolumes.ensure(world, target, volume);
            for (StoredBackup backup : volume.backups().values()) {
                if (backup.name().matches("^[a-z0-9][a-z0-9_.-]+$")
                        && world.cluster()
                                .find(ResourceType.BACKUPS, backup.name())
                                .isEmpty()) {
                    world.cluster().create(ResourceType.BACKUPS, BackupVolumes.pulled(world, target, volume, backup));
                }
            }
        }
        for (ObjectNode backup : world.cluster().labelled(ResourceType.BACKUPS, "backup-target", target)) {
            StoredVolume volume = world.stores().volumes(url).get(Cluster.label(backup, "backup-volume"));
            boolean there = volume != null && volume.backups().containsKey(Cluster.name(backup));
            if (!there && backup.path("status").path("state").asText().equals("Completed") && !Cluster.marked(backup)) {
                removeObject(Cluster.key(ResourceType.BACKUPS, Cluster.name(backup)));
            }
        }
    }

    private void removeObjects(String target) {
        for (ResourceType type : new ResourceType[] {ResourceType.BACKUPS, ResourceType.BACKUP_VOLUMES}) {
            world.cluster()
                    .labelled(type, "backup-target", target)
                    .forEach(object -> removeObject(Cluster.key(type, Cluster.name(object))));
        }
    }

    private void removeObject(ObjectKey key) {
        world.cluster()
                .update(
                        key,
                        object -> ((ObjectNode) object.get("metadata"))
                                .withObjectProperty("labels")
                                .put(World.OBJECT_ONLY, ""));
        world.cluster().delete(key);
    }
}
