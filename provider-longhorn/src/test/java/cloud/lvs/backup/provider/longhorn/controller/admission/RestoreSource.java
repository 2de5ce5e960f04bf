package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook.Denial;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/** What a Volume takes over from the Backup that it is made from. */
final class RestoreSource {
    private final Lookup lookup;

    RestoreSource(Lookup lookup) {
        this.lookup = lookup;
    }

    /** Fills size and label; the rest is answered: accessMode and target. */
    ObjectNode apply(Review review) {
        ObjectNode source = JsonNodeFactory.instance.objectNode();
        String url = review.spec().path("fromBackup").asText();
        if (url.isEmpty()) {
            return source;
        }
        Map<String, String> query = check(url);
        String volume = query.getOrDefault("volume", "");
        String name = query.getOrDefault("backup", "");
        ObjectNode backup = lookup.find(ResourceType.BACKUPS, name)
                .orElseThrow(() -> Denial.invalid(
                        "failed to get backup " + name + ": " + Lookup.notFound(ResourceType.BACKUPS, name), ""));
        String target = backup.path("status").path("backupTargetName").asText();
        ObjectNode backupVolume = backupVolume(target, volume);
        String image = backupVolume.path("status").path("backingImageName").asText();
        String backupImage =
                backup.path("status").path("volumeBackingImageName").asText();
        if (!image.equals(backupImage)) {
            throw Denial.forbidden("backup volume's backing image " + image + " does not match backup's backing image "
                    + backupImage + ". The backup volume resource is being updated and please retry later");
        }
        String size = backup.path("status").path("volumeSize").asText("0");
        if (lookup.release().since("1.12")) {
            size = backupVolume.path("status").path("size").asText(size);
        }
        review.replace("size", size);
        review.setLabel("backup-volume", volume);
        String mode = backup.path("status")
                .path("labels")
                .path("longhorn.io/volume-access-mode")
                .asText();
        source.put("accessMode", mode.isEmpty() ? "rwo" : mode);
        source.put("target", target);
        return source;
    }

    /** The query of a backup URL, or a denial of one without a volume. */
    Map<String, String> check(String url) {
        if (url.startsWith(" ")) {
            throw Denial.invalid(
                    "failed to decode backup url " + url + ": parse \"" + url
                            + "\": first path segment in URL cannot contain colon",
                    "");
        }
        Map<String, String> query = BackupUrls.query(url);
        String volume = query.getOrDefault("volume", "");
        if (volume.isEmpty()) {
            throw Denial.invalid("failed to decode backup url " + url + ": invalid volume name parsed, got ", "");
        }
        return query;
    }

    private ObjectNode backupVolume(String target, String volume) {
        if (lookup.release().before("1.8")) {
            return lookup.find(ResourceType.BACKUP_VOLUMES, volume)
                    .orElseThrow(() -> Denial.invalid(
                            "cannot get backup volume " + volume + ": "
                                    + Lookup.notFound(ResourceType.BACKUP_VOLUMES, volume),
                            ""));
        }
        String missing = "cannot get backup volume for backup target " + target + " and volume " + volume + ": ";
        if (target.isEmpty() || volume.isEmpty()) {
            throw Denial.invalid(missing + "backup target name and volume name cannot be empty", "");
        }
        Optional<ObjectNode> found =
                lookup.cluster().labelled(ResourceType.BACKUP_VOLUMES, "backup-volume", volume).stream()
                        .filter(object -> Cluster.label(object, "backup-target").equals(target))
                        .findFirst();
        return found.orElseThrow(() -> Denial.invalid(missing + "backupVolumes \"\" not found", ""));
    }
}
