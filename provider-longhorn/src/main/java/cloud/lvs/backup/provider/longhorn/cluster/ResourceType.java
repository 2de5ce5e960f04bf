package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.function.Function;

/**
 * A kind of objects of the API, and what they are read into.
 *
 * @param <T> what an object is read into
 */
public final class ResourceType<T> {
    /** Longhorn's own version of its API: the only one that every supported release serves. */
    private static final String LONGHORN_GROUP = "longhorn.io";

    public static final ResourceType<Volume> VOLUME = longhorn("Volume", "volumes", Volume::of);
    public static final ResourceType<Snapshot> SNAPSHOT = longhorn("Snapshot", "snapshots", Snapshot::of);
    public static final ResourceType<Backup> BACKUP = longhorn("Backup", "backups", Backup::of);
    public static final ResourceType<BackupVolume> BACKUP_VOLUME =
            longhorn("BackupVolume", "backupvolumes", BackupVolume::of);
    public static final ResourceType<BackupTargetResource> BACKUP_TARGET =
            longhorn("BackupTarget", "backuptargets", BackupTargetResource::of);
    public static final ResourceType<RecurringJob> RECURRING_JOB =
            longhorn("RecurringJob", "recurringjobs", RecurringJob::of);
    public static final ResourceType<Engine> ENGINE = longhorn("Engine", "engines", Engine::of);
    /** A setting holds its text at {@code value}. */
    public static final ResourceType<ObjectNode> SETTING = longhorn("Setting", "settings", ResourceType::json);

    public static final ResourceType<ObjectNode> NODE = longhorn("Node", "nodes", ResourceType::json);

    public static final ResourceType<ObjectNode> CLAIM =
            kubernetes("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Scope.NAMESPACE);
    public static final ResourceType<ObjectNode> PERSISTENT_VOLUME =
            kubernetes("", "v1", "PersistentVolume", "persistentvolumes", Scope.CLUSTER);
    public static final ResourceType<ObjectNode> STORAGE_CLASS =
            kubernetes("storage.k8s.io", "v1", "StorageClass", "storageclasses", Scope.CLUSTER);
    public static final ResourceType<ObjectNode> POD = kubernetes("", "v1", "Pod", "pods", Scope.NAMESPACE);
    public static final ResourceType<ObjectNode> SECRET = kubernetes("", "v1", "Secret", "secrets", Scope.LONGHORN);
    public static final ResourceType<ObjectNode> STATEFUL_SET =
            kubernetes("apps", "v1", "StatefulSet", "statefulsets", Scope.NAMESPACE);
    public static final ResourceType<ObjectNode> DEPLOYMENT =
            kubernetes("apps", "v1", "Deployment", "deployments", Scope.NAMESPACE);
    public static final ResourceType<ObjectNode> REPLICA_SET =
            kubernetes("apps", "v1", "ReplicaSet", "replicasets", Scope.NAMESPACE);
    public static final ResourceType<ObjectNode> NAMESPACE =
            kubernetes("", "v1", "Namespace", "namespaces", Scope.CLUSTER);
    public static final ResourceType<ObjectNode> AUTOSCALER =
            kubernetes("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Scope.NAMESPACE);
    static final ResourceType<ObjectNode> DEFINITION = kubernetes(
            "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Scope.CLUSTER);

    /** Where the objects of a kind are. */
    enum Scope {
        /** In the namespace of Longhorn. */
        LONGHORN,
        /** In any namespace. */
        NAMESPACE,
        /** In none. */
        CLUSTER
    }

    private final ResourceDefinitionContext context;
    private final Scope scope;
    private final Function<JsonNode, T> reader;

    private ResourceType(ResourceDefinitionContext context, Scope scope, Function<JsonNode, T> reader) {
        this.context = context;
        this.scope = scope;
        this.reader = reader;
    }

    private static <T> ResourceType<T> longhorn(String kind, String plural, Function<JsonNode, T> reader) {
        return new ResourceType<>(context(LONGHORN_GROUP, "v1beta2", kind, plural, true), Scope.LONGHORN, reader);
    }

    private static ResourceType<ObjectNode> kubernetes(
            String group, String version, String kind, String plural, Scope scope) {
        return new ResourceType<>(
                context(group, version, kind, plural, scope != Scope.CLUSTER), scope, ResourceType::json);
    }

    private static ResourceDefinitionContext context(
            String group, String version, String kind, String plural, boolean namespaced) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group.isEmpty() ? null : group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(namespaced)
                .build();
    }

    private static ObjectNode json(JsonNode object) {
        return (ObjectNode) object;
    }

    ResourceDefinitionContext context() {
        return context;
    }

    Scope scope() {
        return scope;
    }

    T read(JsonNode object) {
        return reader.apply(object);
    }

    /** E.g. {@code Volume}. */
    public String kind() {
        return context.getKind();
    }

    /** E.g. {@code volumes}. */
    public String plural() {
        return context.getPlural();
    }

    /** E.g. {@code longhorn.io}; empty for the core of Kubernetes. */
    public String group() {
        return context.getGroup() == null ? "" : context.getGroup();
    }

    /** E.g. {@code longhorn.io/v1beta2}, as a manifest says it. */
    public String apiVersion() {
        return group().isEmpty() ? context.getVersion() : group() + "/" + context.getVersion();
    }

    @Override
    public String toString() {
        return group().isEmpty() ? plural() : plural() + "." + group();
    }
}
