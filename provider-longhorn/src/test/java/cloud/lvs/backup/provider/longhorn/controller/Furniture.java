package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** What stands in a cluster with Longhorn before anything else: settings, the default target with its Secret, a node. */
final class Furniture {
    private Furniture() {}

    static void put(World world) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("current-longhorn-version", "v" + world.release());
        settings.put("crd-api-version", "longhorn.io/v1beta2");
        settings.put("default-replica-count", world.release().since("1.10") ? "{\"v1\":\"3\",\"v2\":\"3\"}" : "3");
        settings.put("failed-backup-ttl", "1440");
        settings.put("backup-compression-method", "lz4");
        settings.put("concurrent-volume-backup-restore-per-node-limit", "5");
        settings.put("allow-recurring-job-while-volume-detached", "false");
        settings.put("restore-volume-recurring-jobs", "false");
        settings.put("default-longhorn-static-storage-class", "longhorn-static");
        settings.put("disable-snapshot-purge", "false");
        settings.put("snapshot-max-count", "250");
        settings.put("allow-volume-creation-with-degraded-availability", "true");
        settings.put("v2-data-engine", "false");
        if (world.release().since("1.7")) {
            settings.put("auto-cleanup-when-delete-backup", "false");
        }
        if (world.release().since("1.9")) {
            settings.put("auto-cleanup-snapshot-after-on-demand-backup-completed", "false");
        }
        if (world.release().since("1.10")) {
            settings.put("default-backup-block-size", "2");
        }
        if (world.release().before("1.8")) {
            settings.put("backup-target", ScriptedLonghorn.TARGET_URL);
            settings.put("backup-target-credential-secret", "longhorn-backup");
            settings.put("backupstore-poll-interval", "300");
        }
        settings.forEach((name, value) -> setting(world, name, value));
        secret(world);
        target(world);
        node(world);
    }

    private static void setting(World world, String name, String value) {
        ObjectNode setting = JsonNodeFactory.instance.objectNode();
        setting.putObject("metadata").put("name", name);
        setting.put("value", value);
        world.cluster().create(ResourceType.SETTINGS, setting);
    }

    private static void secret(World world) {
        ObjectNode secret = JsonNodeFactory.instance.objectNode();
        secret.putObject("metadata").put("name", "longhorn-backup").put("namespace", Cluster.NAMESPACE);
        secret.put("type", "Opaque");
        ObjectNode data = secret.putObject("data");
        data.put("AWS_ACCESS_KEY_ID", base64("lvs"));
        data.put("AWS_SECRET_ACCESS_KEY", base64("lvslvslvs"));
        data.put("AWS_ENDPOINTS", base64("http://127.0.0.1:7480"));
        world.cluster().create(new ObjectKey(ResourceType.SECRETS, Cluster.NAMESPACE, "longhorn-backup"), secret);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static void target(World world) {
        world.stores().bucket("lvs");
        ObjectNode target = World.object("default");
        ((ObjectNode) target.get("spec"))
                .put("backupTargetURL", ScriptedLonghorn.TARGET_URL)
                .put("credentialSecret", "longhorn-backup")
                .put("pollInterval", world.release().before("1.8") ? "300s" : "5m0s");
        world.cluster().create(ResourceType.BACKUP_TARGETS, target);
        String now = world.now().truncatedTo(ChronoUnit.SECONDS).toString();
        world.cluster().updateStatus(Cluster.key(ResourceType.BACKUP_TARGETS, "default"), status -> {
            status.put("available", true).put("lastSyncedAt", now).put("ownerID", World.NODE);
            status.putArray("conditions")
                    .addObject()
                    .put("type", "Unavailable")
                    .put("status", "False")
                    .put("reason", "")
                    .put("message", "")
                    .put("lastProbeTime", "")
                    .put("lastTransitionTime", now);
        });
    }

    private static void node(World world) {
        ObjectNode node = World.object(World.NODE);
        ((ObjectNode) node.get("spec")).put("name", World.NODE).put("allowScheduling", true);
        world.cluster().create(ResourceType.LONGHORN_NODES, node);
        world.cluster().updateStatus(Cluster.key(ResourceType.LONGHORN_NODES, World.NODE), status -> {
            for (String type : new String[] {"Ready", "Schedulable"}) {
                status.withArray("conditions")
                        .addObject()
                        .put("type", type)
                        .put("status", "True")
                        .put("reason", "")
                        .put("message", "");
            }
            status.putObject("diskStatus")
                    .putObject("disk-1")
                    .put("storageAvailable", 100_000_000_000L)
                    .put("storageScheduled", 0)
                    .put("storageMaximum", 200_000_000_000L);
        });
    }
}
