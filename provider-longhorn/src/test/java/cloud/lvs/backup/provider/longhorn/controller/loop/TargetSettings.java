package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Up to 1.7 the BackupTarget is written from three Settings, whatever stands in it. */
final class TargetSettings implements Controller {
    private final World world;

    TargetSettings(World world) {
        this.world = world;
    }

    @Override
    public ResourceType type() {
        return ResourceType.SETTINGS;
    }

    @Override
    public void reconcile(ObjectKey key, ObjectNode setting) {
        if (world.release().since("1.8") || !key.name().startsWith("backup")) {
            return;
        }
        ObjectKey target = World.key(ResourceType.BACKUP_TARGETS, "default");
        String seconds = world.cluster().setting("backupstore-poll-interval", "300");
        world.cluster()
                .update(
                        target,
                        object -> object.withObjectProperty("spec")
                                .put("backupTargetURL", world.cluster().setting("backup-target", ""))
                                .put("credentialSecret", world.cluster().setting("backup-target-credential-secret", ""))
                                .put("pollInterval", seconds + "s"));
    }
}
