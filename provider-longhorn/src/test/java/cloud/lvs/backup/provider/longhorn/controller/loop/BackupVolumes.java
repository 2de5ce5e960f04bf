package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredBackup;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** The objects that Longhorn makes for what lies in a store. */
final class BackupVolumes {
    private BackupVolumes() {}

    /** The BackupVolume of a source volume in a target, as its labels tell it. */
    static Optional<ObjectNode> find(World world, String target, String volume) {
        return world.cluster().labelled(ResourceType.BACKUP_VOLUMES, "backup-volume", volume).stream()
                .filter(object -> world.release().before("1.8")
                        || Cluster.label(object, "backup-target").equals(target))
                .findFirst()
                .or(() -> world.release().before("1.8")
                        ? world.cluster().find(ResourceType.BACKUP_VOLUMES, volume)
                        : Optional.empty());
    }

    /** The same, made when it is not there. */
    static ObjectNode ensure(World world, String target, StoredVolume volume) {
        return find(world, target, volume.name()).orElseGet(() -> {
            ObjectNode object = World.object(name(world, target, volume.name()));
            if (world.release().since("1.8")) {
                labels(object).put("backup-target", target).put("backup-volume", volume.name());
                ((ObjectNode) object.get("spec"))
                        .put("backupTargetName", target)
                        .put("volumeName", volume.name());
            }
            owner(world, object, ResourceType.BACKUP_TARGETS, target);
            return world.cluster().create(ResourceType.BACKUP_VOLUMES, object);
        });
    }

    /** A Backup found in the store. */
    static ObjectNode pulled(World world, String target, StoredVolume volume, StoredBackup backup) {
        ObjectNode object = World.object(backup.name());
        labels(object).put("backup-volume", volume.name());
        ObjectNode spec = (ObjectNode) object.get("spec");
        spec.putObject("labels").put("longhorn.io/volume-access-mode", "rwo");
        if (world.release().since("1.8")) {
            labels(object).put("backup-target", target);
        }
        if (world.release().since("1.7")) {
            spec.put("backupMode", "incremental");
        }
        if (world.release().since("1.10")) {
            spec.put("backupBlockSize", backup.created().isPresent() ? "2097152" : "-1");
        }
        find(world, target, volume.name())
                .ifPresent(owner -> owner(world, object, ResourceType.BACKUP_VOLUMES, Cluster.name(owner)));
        return object;
    }

    private static ObjectNode labels(ObjectNode object) {
        return ((ObjectNode) object.get("metadata")).withObjectProperty("labels");
    }

    private static void owner(World world, ObjectNode object, ResourceType type, String name) {
        world.cluster()
                .find(type, name)
                .ifPresent(owner -> ((ObjectNode) object.get("metadata"))
                        .putArray("ownerReferences")
                        .addObject()
                        .put("apiVersion", type.apiVersion())
                        .put("kind", type.kind())
                        .put("name", name)
                        .put("uid", owner.path("metadata").path("uid").asText()));
    }

    private static String name(World world, String target, String volume) {
        if (world.release().before("1.8")) {
            return volume;
        }
        String salt = world.release().before("1.9") ? "random" : "";
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((volume + "-" + target + salt).getBytes(StandardCharsets.UTF_8));
            return volume + "-" + HexFormat.of().formatHex(hash).substring(0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
