package cloud.lvs.backup.provider.longhorn.controller.api;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The definitions of a release, made from the newest ones: fields that came later taken out, older ones put in. */
public final class ReleaseSchemas {
    /** Which field of which kind came with which release. */
    private static final Map<String, String> CAME = Map.ofEntries(
            Map.entry("volumes.dataEngine", "1.6"),
            Map.entry("volumes.image", "1.6"),
            Map.entry("volumes.snapshotMaxCount", "1.6"),
            Map.entry("volumes.snapshotMaxSize", "1.6"),
            Map.entry("volumes.replicaDiskSoftAntiAffinity", "1.6"),
            Map.entry("volumes.freezeFilesystemForSnapshot", "1.7"),
            Map.entry("volumes.backupTargetName", "1.8"),
            Map.entry("volumes.offlineRebuilding", "1.9"),
            Map.entry("volumes.backupBlockSize", "1.10"),
            Map.entry("volumes.dataLayout", "1.12"),
            Map.entry("backups.backupMode", "1.7"),
            Map.entry("backups.backupBlockSize", "1.10"),
            Map.entry("backupvolumes.backupTargetName", "1.8"),
            Map.entry("backupvolumes.volumeName", "1.8"),
            Map.entry("recurringjobs.parameters", "1.7"),
            Map.entry("recurringjobs.retentionPolicy", "1.13"),
            Map.entry("recurringjobs.retainAge", "1.13"));

    private ReleaseSchemas() {}

    /** The definitions that the API server has with a release. */
    public static List<ObjectNode> of(Release release) {
        List<ObjectNode> definitions = new ArrayList<>();
        for (ObjectNode definition : Definitions.newest()) {
            String plural = definition.at("/spec/names/plural").asText();
            if (definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties")
                    instanceof ObjectNode fields) {
                CAME.forEach((field, since) -> {
                    if (field.startsWith(plural + ".") && release.before(since)) {
                        fields.remove(field.substring(plural.length() + 1));
                    }
                });
                if (plural.equals("volumes")) {
                    volumes(release, fields);
                } else if (plural.equals("backups") && release.before("1.11")) {
                    choices(fields.path("backupMode")).add("");
                } else if (plural.equals("recurringjobs") && release.before("1.9")) {
                    remove(choices(fields.path("task")), "system-backup");
                }
            }
            definitions.add(definition);
        }
        return definitions;
    }

    private static void volumes(Release release, ObjectNode fields) {
        if (release.before("1.9")) {
            text(fields, "backendStoreDriver");
            text(fields, "engineImage");
            text(fields, "offlineReplicaRebuilding");
        }
        if (release.before("1.11")) {
            remove(choices(fields.path("accessMode")), "rwop");
            fields.forEach(field -> ((ObjectNode) field).remove("x-kubernetes-validations"));
        }
    }

    private static void text(ObjectNode fields, String name) {
        fields.putObject(name).put("type", "string");
    }

    private static ArrayNode choices(JsonNode field) {
        return field.get("enum") instanceof ArrayNode list
                ? list
                : field.isObject()
                        ? ((ObjectNode) field).arrayNode()
                        : new com.fasterxml.jackson.databind.ObjectMapper().createArrayNode();
    }

    private static void remove(ArrayNode choices, String value) {
        for (int i = choices.size() - 1; i >= 0; i--) {
            if (choices.get(i).asText().equals(value)) {
                choices.remove(i);
            }
        }
    }
}
