package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Addresses;
import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Takes from an object what a cluster gave it, so that another one, or the same one later, takes it as new. */
final class ManifestCleaner {
    private static final List<String> OF_THE_SERVER = List.of(
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "selfLink",
            // uids change: kept, they would have the object collected.
            "ownerReferences");
    /** What kubectl applied last; it notes that anew. */
    private static final List<String> OF_KUBECTL = List.of("kubectl.kubernetes.io/last-applied-configuration");

    private static final List<String> BINDING = List.of(
            "pv.kubernetes.io/bind-completed",
            "pv.kubernetes.io/bound-by-controller",
            "volume.kubernetes.io/selected-node",
            "volume.kubernetes.io/storage-provisioner",
            "volume.beta.kubernetes.io/storage-provisioner");
    private static final List<String> OF_A_JOB =
            List.of("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name");

    private final Addresses addresses;

    ManifestCleaner(Addresses addresses) {
        this.addresses = addresses;
    }

    /** Changes the object. */
    void clean(StoredObject stored) {
        ObjectNode object = stored.json();
        object.remove("status");
        ObjectNode metadata = (ObjectNode) stored.metadata();
        if (metadata.hasNonNull("deletionTimestamp")) {
            metadata.remove("finalizers");
        }
        metadata.remove(OF_THE_SERVER);
        removeFrom(metadata, "annotations", OF_KUBECTL);
        ObjectNode spec = object.get("spec") instanceof ObjectNode found ? found : object.objectNode();
        switch (stored.kind() + "." + stored.group()) {
            case "Namespace." -> cleanNamespace(object, spec);
            case "Service." -> cleanService(spec);
            case "PersistentVolume." -> {
                removeFrom(metadata, "annotations", BINDING);
                removeFrom(spec, "claimRef", List.of("uid", "resourceVersion"));
            }
            case "PersistentVolumeClaim." -> removeFrom(metadata, "annotations", BINDING);
            case "Pod." -> spec.remove(List.of("nodeName", "ephemeralContainers"));
            case "Job.batch" -> cleanJob(metadata, spec);
            case "Secret." -> cleanToken(object, metadata);
            default -> {}
        }
    }

    private static void cleanNamespace(ObjectNode object, ObjectNode spec) {
        spec.remove("finalizers");
        if (spec.isEmpty()) {
            object.remove("spec");
        }
    }

    private void cleanService(ObjectNode spec) {
        if (addresses == Addresses.KEEP) {
            return;
        }
        // "None" is no address: it makes the Service headless.
        if (!spec.path("clusterIP").asText().equals("None")) {
            spec.remove(List.of("clusterIP", "clusterIPs"));
        }
        spec.remove("healthCheckNodePort");
        for (JsonNode port : spec.path("ports")) {
            if (port instanceof ObjectNode fields) {
                fields.remove("nodePort");
            }
        }
    }

    /** Its selector and labels name its uid; the API server makes them anew, and refuses others. */
    private static void cleanJob(ObjectNode metadata, ObjectNode spec) {
        if (spec.path("manualSelector").asBoolean()) {
            return;
        }
        spec.remove("selector");
        removeFrom(metadata, "labels", OF_A_JOB);
        if (spec.path("template").get("metadata") instanceof ObjectNode template) {
            removeFrom(template, "labels", OF_A_JOB);
        }
    }

    /** The token of a service account is void under another uid; the cluster fills the Secret again. */
    private static void cleanToken(ObjectNode object, ObjectNode metadata) {
        if (object.path("type").asText().equals("kubernetes.io/service-account-token")) {
            removeFrom(metadata, "annotations", List.of("kubernetes.io/service-account.uid"));
            removeFrom(object, "data", List.of("token", "ca.crt", "namespace"));
        }
    }

    private static void removeFrom(ObjectNode holder, String field, List<String> names) {
        if (holder.get(field) instanceof ObjectNode object) {
            object.remove(names);
            if (object.isEmpty()) {
                holder.remove(field);
            }
        }
    }
}
