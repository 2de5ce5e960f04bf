package cloud.lvs.backup.provider.longhorn.cluster;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds Longhorn in a cluster, and which version it is. Objects that are made in another namespace are accepted, and nobody ever
 * looks at them.
 */
record LonghornDiscovery(Cluster cluster) {
    private static final String USUAL_NAMESPACE = "longhorn-system";
    private static final String VERSION_SETTING = "current-longhorn-version";

    String namespace() throws BackupException, InterruptedException {
        if (cluster.find(ResourceType.SETTING, USUAL_NAMESPACE, VERSION_SETTING).isPresent()) {
            return USUAL_NAMESPACE;
        }
        List<String> found;
        try {
            found = cluster.list(ResourceType.SETTING, "", Map.of()).stream()
                    .map(ObjectMetadata::of)
                    .filter(setting -> setting.name().equals(VERSION_SETTING))
                    .map(ObjectMetadata::namespace)
                    .sorted()
                    .toList();
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            throw new BackupException(
                    Kind.CONFIG,
                    "Longhorn",
                    "is not in namespace " + USUAL_NAMESPACE + ", and other namespaces may not be looked into",
                    "say where it is: namespace: NAME",
                    e);
        }
        if (found.isEmpty()) {
            throw new BackupException(
                    Kind.SOURCE,
                    "Longhorn",
                    "is not in this cluster: there is no setting " + VERSION_SETTING + " in any namespace",
                    "look at the context and the kubeconfig");
        }
        if (found.size() > 1) {
            throw new BackupException(
                    Kind.CONFIG,
                    "Longhorn",
                    "is in several namespaces: " + String.join(", ", found),
                    "name one: namespace: " + found.get(0));
        }
        return found.get(0);
    }

    LonghornVersion version() throws BackupException, InterruptedException {
        Optional<LonghornVersion> told = cluster.find(ResourceType.SETTING, VERSION_SETTING)
                .flatMap(setting -> LonghornVersion.parse(setting.path("value").asText("")));
        return told.isPresent() ? told.get() : versionByDefinitions();
    }

    private LonghornVersion versionByDefinitions() throws BackupException, InterruptedException {
        if (defines(ResourceType.VOLUME, "backupTargetName")) {
            return new LonghornVersion(1, 8, 0);
        }
        return new LonghornVersion(1, defines(ResourceType.BACKUP, "backupMode") ? 7 : 6, 0);
    }

    private boolean defines(ResourceType<?> type, String field) throws BackupException, InterruptedException {
        ObjectNode definition =
                cluster.find(ResourceType.DEFINITION, "", type.toString()).orElseThrow(() -> notInstalled(type, null));
        for (JsonNode served : definition.path("spec").path("versions")) {
            JsonNode spec = served.at("/schema/openAPIV3Schema/properties/spec/properties");
            if (served.path("name").asText("").equals("v1beta2") && spec.has(field)) {
                return true;
            }
        }
        return false;
    }

    static BackupException notInstalled(ResourceType<?> type, @Nullable Throwable cause) {
        return new BackupException(
                Kind.SOURCE,
                "the cluster",
                "does not serve " + type + " in version v1beta2",
                "install Longhorn 1.5 or later, or look at the context and the kubeconfig",
                cause);
    }
}
