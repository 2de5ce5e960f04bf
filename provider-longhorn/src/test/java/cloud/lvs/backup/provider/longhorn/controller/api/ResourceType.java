package cloud.lvs.backup.provider.longhorn.controller.api;

import java.util.List;
import java.util.Optional;

/**
 * A kind of objects and where its paths are.
 *
 * @param group API group, empty for the core group
 * @param version the stored version, for example {@code v1beta2}
 * @param statusSubresource whether the status is written by its own path only
 */
public record ResourceType(
        String group, String version, String plural, String kind, boolean namespaced, boolean statusSubresource) {
    /** The group of Longhorn's own kinds. */
    public static final String LONGHORN = "longhorn.io";

    /** Volumes of Longhorn. */
    public static final ResourceType VOLUMES = longhorn("volumes", "Volume");

    /** Snapshots of Longhorn. */
    public static final ResourceType SNAPSHOTS = longhorn("snapshots", "Snapshot");

    /** Backups of Longhorn. */
    public static final ResourceType BACKUPS = longhorn("backups", "Backup");

    /** Source volumes in a backup target. */
    public static final ResourceType BACKUP_VOLUMES = longhorn("backupvolumes", "BackupVolume");

    /** Where backups are stored. */
    public static final ResourceType BACKUP_TARGETS = longhorn("backuptargets", "BackupTarget");

    /** Engines, one for each attached volume. */
    public static final ResourceType ENGINES = longhorn("engines", "Engine");

    /** Jobs that Longhorn runs itself. */
    public static final ResourceType RECURRING_JOBS = longhorn("recurringjobs", "RecurringJob");

    /** Settings of Longhorn. */
    public static final ResourceType SETTINGS = longhorn("settings", "Setting");

    /** Nodes as Longhorn sees them. */
    public static final ResourceType LONGHORN_NODES = longhorn("nodes", "Node");

    /** Images that volumes start from. */
    public static final ResourceType BACKING_IMAGES = longhorn("backingimages", "BackingImage");

    /** Backups of Longhorn's own objects. */
    public static final ResourceType SYSTEM_BACKUPS = longhorn("systembackups", "SystemBackup");

    /** Secrets. */
    public static final ResourceType SECRETS = core("secrets", "Secret", true, false);

    /** Persistent volumes. */
    public static final ResourceType PERSISTENT_VOLUMES = core("persistentvolumes", "PersistentVolume", false, true);

    /** Claims. */
    public static final ResourceType CLAIMS = core("persistentvolumeclaims", "PersistentVolumeClaim", true, true);

    /** Pods. */
    public static final ResourceType PODS = core("pods", "Pod", true, true);

    /** Deployments. */
    public static final ResourceType DEPLOYMENTS =
            new ResourceType("apps", "v1", "deployments", "Deployment", true, true);

    /** ReplicaSets. */
    public static final ResourceType REPLICA_SETS =
            new ResourceType("apps", "v1", "replicasets", "ReplicaSet", true, true);

    /** StatefulSets. */
    public static final ResourceType STATEFUL_SETS =
            new ResourceType("apps", "v1", "statefulsets", "StatefulSet", true, true);

    /** Storage classes. */
    public static final ResourceType STORAGE_CLASSES =
            new ResourceType("storage.k8s.io", "v1", "storageclasses", "StorageClass", false, false);

    /** Definitions of custom kinds. */
    public static final ResourceType DEFINITIONS = new ResourceType(
            "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false, true);

    /** All kinds that the server knows besides those of its custom resource definitions. */
    public static final List<ResourceType> BUILT_IN = List.of(
            SECRETS,
            PERSISTENT_VOLUMES,
            CLAIMS,
            PODS,
            DEPLOYMENTS,
            REPLICA_SETS,
            STATEFUL_SETS,
            STORAGE_CLASSES,
            DEFINITIONS,
            core("namespaces", "Namespace", false, true),
            core("configmaps", "ConfigMap", true, false),
            core("serviceaccounts", "ServiceAccount", true, false),
            core("events", "Event", true, false),
            core("nodes", "Node", false, true),
            new ResourceType("apps", "v1", "daemonsets", "DaemonSet", true, true),
            new ResourceType("batch", "v1", "jobs", "Job", true, true),
            new ResourceType("batch", "v1", "cronjobs", "CronJob", true, true),
            new ResourceType("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, true),
            new ResourceType("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false, true),
            new ResourceType("coordination.k8s.io", "v1", "leases", "Lease", true, false));

    /** A kind of Longhorn's, with a status of its own. */
    public static ResourceType longhorn(String plural, String kind) {
        return new ResourceType(LONGHORN, "v1beta2", plural, kind, true, true);
    }

    private static ResourceType core(String plural, String kind, boolean namespaced, boolean statusSubresource) {
        return new ResourceType("", "v1", plural, kind, namespaced, statusSubresource);
    }

    /** The group and version as objects carry them. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** The plural with its group, as messages name it. */
    public String qualifiedPlural() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    /** The kind with its group, as messages name it. */
    public String qualifiedKind() {
        return group.isEmpty() ? kind : kind + "." + group;
    }

    /** The path of one object. */
    public String path(Optional<String> namespace, String name) {
        return path(namespace) + "/" + name;
    }

    /** The path of the objects of a namespace. */
    public String path(Optional<String> namespace) {
        String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return root + namespace.map(name -> "/namespaces/" + name).orElse("") + "/" + plural;
    }
}
