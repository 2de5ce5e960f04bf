package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.VolumeDefinitions;
import cloud.lvs.backup.provider.longhorn.VolumeDefinitions.Workload;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.KubernetesStatus;
import cloud.lvs.backup.provider.longhorn.cluster.ObjectMetadata;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what Longhorn does not keep of a volume: its claim, its persistent volume, the class, and who uses it. */
final class ClaimDefinitions {
    private static final List<String> MOMENTARY_METADATA = List.of(
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "ownerReferences",
            "finalizers",
            "selfLink");
    private static final List<String> MOMENTARY_ANNOTATIONS =
            List.of("pv.kubernetes.io/", "kubectl.kubernetes.io/", "volume.kubernetes.io/selected-node");
    private static final List<String> MOMENTARY_VOLUME_SPEC = List.of(
            "nodeID",
            "engineNodeID",
            "migrationNodeID",
            "currentNodeID",
            "fromBackup",
            "lastAttachedBy",
            "disableFrontend",
            "image",
            "engineImage",
            "Standby");

    private final Cluster cluster;
    private final RunContext run;
    /** By kind, namespace and name; those of most volumes come with two listings. */
    private final Map<String, Optional<ObjectNode>> known = new HashMap<>();

    private final Set<String> told = new HashSet<>();
    private boolean listed;

    ClaimDefinitions(Cluster cluster, RunContext run) {
        this.cluster = cluster;
        this.run = run;
    }

    /**
     * What the cluster knows of a volume now. What may not be read is left out, and warned of once.
     *
     * @param url of its backup
     * @param targetUrl where its target is
     */
    VolumeDefinitions of(Volume volume, String url, String targetUrl) throws BackupException, InterruptedException {
        KubernetesStatus kubernetes = volume.kubernetes();
        Optional<ObjectNode> claim = kubernetes.isBound()
                ? read(ResourceType.CLAIM, kubernetes.namespace(), kubernetes.pvcName())
                : Optional.empty();
        Optional<ObjectNode> persistentVolume = kubernetes.pvName().isEmpty()
                ? Optional.empty()
                : read(ResourceType.PERSISTENT_VOLUME, "", kubernetes.pvName());
        return new VolumeDefinitions(
                VolumeChoice.item(volume),
                url,
                volume.backupTarget(),
                targetUrl,
                volume.metadata().uid(),
                settings(volume),
                claim.map(ClaimDefinitions::lasting).orElse(null),
                persistentVolume
                        .map(ClaimDefinitions::lasting)
                        .map(ClaimDefinitions::withoutClaimUid)
                        .orElse(null),
                storageClass(claim, persistentVolume),
                workloads(kubernetes));
    }

    private @Nullable JsonNode storageClass(Optional<ObjectNode> claim, Optional<ObjectNode> persistentVolume)
            throws BackupException, InterruptedException {
        String name = claim.or(() -> persistentVolume)
                .map(object -> object.path("spec").path("storageClassName").asText(""))
                .orElse("");
        if (name.isEmpty()) {
            return null;
        }
        return read(ResourceType.STORAGE_CLASS, "", name)
                .map(ClaimDefinitions::lasting)
                .orElse(null);
    }

    private List<Workload> workloads(KubernetesStatus kubernetes) throws BackupException, InterruptedException {
        Map<String, Workload> workloads = new HashMap<>();
        for (KubernetesStatus.Workload user : kubernetes.workloads()) {
            if (user.name().isEmpty()) {
                workloads.putIfAbsent("Pod/" + user.pod(), new Workload("Pod", user.pod(), null));
                continue;
            }
            // A Deployment's pods belong to a ReplicaSet named DEPLOYMENT-HASH.
            boolean ofDeployment =
                    user.kind().equals("ReplicaSet") && user.name().contains("-");
            String kind = ofDeployment ? "Deployment" : user.kind();
            String name = ofDeployment ? user.name().substring(0, user.name().lastIndexOf('-')) : user.name();
            if (!workloads.containsKey(kind + "/" + name)) {
                workloads.put(
                        kind + "/" + name, new Workload(kind, name, replicas(kind, kubernetes.namespace(), name)));
            }
        }
        return new ArrayList<>(workloads.values());
    }

    private @Nullable Integer replicas(String kind, String namespace, String name)
            throws BackupException, InterruptedException {
        Optional<ObjectNode> workload = switch (kind) {
            case "Deployment" -> read(ResourceType.DEPLOYMENT, namespace, name);
            case "StatefulSet" -> read(ResourceType.STATEFUL_SET, namespace, name);
            default -> Optional.empty();
        };
        return workload.map(object -> object.path("spec").path("replicas").asInt(1))
                .orElse(null);
    }

    private Optional<ObjectNode> read(ResourceType<ObjectNode> type, String namespace, String name)
            throws BackupException, InterruptedException {
        if (!listed) {
            listed = true;
            list(ResourceType.PERSISTENT_VOLUME);
            list(ResourceType.CLAIM);
        }
        String key = key(type, namespace, name);
        Optional<ObjectNode> object = known.get(key);
        if (object == null) {
            object = find(type, namespace, name);
            known.put(key, object);
        }
        return object;
    }

    private static String key(ResourceType<?> type, String namespace, String name) {
        return type.plural() + " " + namespace + "/" + name;
    }

    private void list(ResourceType<ObjectNode> type) throws BackupException, InterruptedException {
        try {
            for (ObjectNode object : cluster.list(type, "", Map.of())) {
                ObjectMetadata metadata = ObjectMetadata.of(object);
                known.put(key(type, metadata.namespace(), metadata.name()), Optional.of(object));
            }
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            // A role for some namespaces lists nothing of all; it may still read one by one.
        }
    }

    private Optional<ObjectNode> find(ResourceType<ObjectNode> type, String namespace, String name)
            throws BackupException, InterruptedException {
        try {
            return cluster.find(type, namespace, name);
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            if (told.add(type.toString())) {
                run.warn("records lack definitions of " + type + ": " + e.problem() + "; " + e.remedy());
            }
            return Optional.empty();
        }
    }

    private static JsonNode settings(Volume volume) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        ObjectNode spec =
                volume.spec() instanceof ObjectNode object ? object.deepCopy() : JsonNodeFactory.instance.objectNode();
        spec.remove(MOMENTARY_VOLUME_SPEC);
        settings.set("spec", spec);
        ObjectNode labels = settings.putObject("labels");
        volume.metadata().labels().forEach(labels::put);
        return settings;
    }

    private static ObjectNode lasting(ObjectNode object) {
        ObjectNode lasting = object.deepCopy();
        lasting.remove("status");
        if (lasting.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(MOMENTARY_METADATA);
            if (metadata.path("annotations") instanceof ObjectNode annotations) {
                List<String> momentary = new ArrayList<>();
                annotations.fieldNames().forEachRemaining(name -> {
                    if (MOMENTARY_ANNOTATIONS.stream().anyMatch(name::startsWith)) {
                        momentary.add(name);
                    }
                });
                annotations.remove(momentary);
            }
        }
        return lasting;
    }

    private static ObjectNode withoutClaimUid(ObjectNode persistentVolume) {
        if (persistentVolume.path("spec").path("claimRef") instanceof ObjectNode reference) {
            reference.remove(List.of("uid", "resourceVersion"));
        }
        return persistentVolume;
    }
}
