package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectStore;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings that stood when the answers were recorded. */
final class ReplaySettings {
    private ReplaySettings() {}

    static void put(ObjectStore store, String version) {
        Release release = Release.parse(version);
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("default-engine-image", "lvs/longhorn-engine:v" + version);
        settings.put("current-longhorn-version", "v" + version);
        if (release.since("1.12")) {
            settings.put("default-replica-count", "{\"v1\":\"3\",\"v2\":\"3\"}");
            settings.put("backup-compression-method", "lz4");
            settings.put("default-backup-block-size", "2");
            settings.put("v2-data-engine", "false");
            settings.put("failed-backup-ttl", "1440");
            settings.put("concurrent-volume-backup-restore-per-node-limit", "5");
            settings.put("auto-cleanup-when-delete-backup", "false");
        }
        settings.forEach((name, value) -> {
            ObjectNode setting = JsonNodeFactory.instance.objectNode();
            setting.putObject("metadata").put("name", name).put("namespace", Cluster.NAMESPACE);
            if (release.since("1.12") && !name.equals("default-engine-image")) {
                setting.withObjectProperty("metadata")
                        .putObject("annotations")
                        .put("longhorn.io/configmap-resource-version", "287");
            }
            setting.put("value", value);
            store.create(Cluster.key(ResourceType.SETTINGS, name), setting);
        });
    }
}
