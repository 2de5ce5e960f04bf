package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.VolumeDefinitions;
import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The PersistentVolume and the PersistentVolumeClaim of a restored volume: as recorded, else as Longhorn itself makes them for a
 * volume of its own.
 *
 * @param record what is known of the volume
 * @param claim whose they are
 * @param run the mark that they bear
 */
record ClaimManifests(VolumeRecord record, ClaimName claim, String run) {
    private static final String DRIVER = "driver.longhorn.io";
    private static final Set<String> MOMENTARY = Set.of(
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "finalizers",
            "selfLink");

    /** The recorded claim, or null. */
    private @Nullable JsonNode recordedClaim() {
        VolumeDefinitions definitions = record.definitions();
        return definitions == null ? null : definitions.claim();
    }

    private @Nullable JsonNode recordedVolume() {
        VolumeDefinitions definitions = record.definitions();
        return definitions == null ? null : definitions.persistentVolume();
    }

    /** The name that the persistent volume had; empty if that is not known. */
    String persistentVolumeBefore() {
        JsonNode before = recordedVolume();
        return before == null ? "" : before.path("metadata").path("name").asText("");
    }

    /** The reclaim policy that the persistent volume is to have in the end. */
    String policy() {
        JsonNode before = recordedVolume();
        return before == null
                ? "Retain"
                : before.path("spec").path("persistentVolumeReclaimPolicy").asText("Retain");
    }

    private String storageClass() {
        JsonNode before = recordedClaim();
        return before != null && before.path("spec").has("storageClassName")
                ? before.path("spec").path("storageClassName").asText("")
                : record.storageClass();
    }

    /** Bound to the claim beforehand: a claim that somebody else makes of this name gets the restored volume, too. */
    ObjectNode persistentVolume(String name, String volume, long sizeBytes) {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        JsonNode before = recordedVolume();
        if (before != null && before.isObject()) {
            manifest = again((ObjectNode) before);
        }
        ObjectNode metadata = manifest.withObject("/metadata").put("name", name);
        metadata.withObject("/annotations").put(RestoreMarks.RUN, run).put(RestoreMarks.BACKUP, record.backup());
        if (policy().equals("Delete")) {
            // Without it the driver does not look after a volume that is to go with its claim.
            metadata.withObject("/annotations").put("pv.kubernetes.io/provisioned-by", DRIVER);
        }
        ObjectNode spec = manifest.withObject("/spec");
        spec.withObject("/capacity").put("storage", Long.toString(sizeBytes));
        spec.put("persistentVolumeReclaimPolicy", "Retain");
        if (!spec.has("accessModes")) {
            spec.set("accessModes", accessModes());
        }
        if (!spec.has("volumeMode")) {
            spec.put("volumeMode", "Filesystem");
        }
        if (!spec.has("storageClassName")) {
            spec.put("storageClassName", storageClass());
        }
        spec.putObject("claimRef")
                .put("apiVersion", "v1")
                .put("kind", "PersistentVolumeClaim")
                .put("namespace", claim.namespace())
                .put("name", claim.name());
        ObjectNode csi = spec.withObject("/csi").put("driver", DRIVER).put("volumeHandle", volume);
        if (!csi.has("fsType")) {
            csi.put("fsType", "ext4");
        }
        ObjectNode attributes = csi.withObject("/volumeAttributes");
        attributes.remove(List.of("storage.kubernetes.io/csiProvisionerIdentity", "fromBackup"));
        if (!attributes.has("staleReplicaTimeout")) {
            attributes.put("staleReplicaTimeout", "2880");
        }
        return manifest;
    }

    private JsonNode accessModes() {
        JsonNode before = recordedClaim();
        if (before != null && before.path("spec").has("accessModes")) {
            return before.path("spec").path("accessModes");
        }
        JsonNode settings = VolumeManifest.settings(record);
        String mode = settings == null ? "" : settings.path("accessMode").asText("");
        return JsonNodeFactory.instance
                .arrayNode()
                .add(
                        switch (mode) {
                            case "rwx" -> "ReadWriteMany";
                            case "rwop" -> "ReadWriteOncePod";
                            default -> "ReadWriteOnce";
                        });
    }

    /** The claim, which names the persistent volume; it asks for no more than the volume has. */
    ObjectNode claim(String persistentVolume, long sizeBytes) {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        JsonNode before = recordedClaim();
        if (before != null && before.isObject()) {
            manifest = again((ObjectNode) before);
        }
        ObjectNode metadata = manifest.withObject("/metadata");
        metadata.put("namespace", claim.namespace()).put("name", claim.name());
        metadata.withObject("/annotations").put(RestoreMarks.RUN, run).put(RestoreMarks.BACKUP, record.backup());
        ObjectNode spec = manifest.withObject("/spec");
        if (!spec.has("accessModes")) {
            spec.set("accessModes", accessModes());
        }
        if (!spec.has("volumeMode")) {
            spec.put("volumeMode", "Filesystem");
        }
        spec.put("storageClassName", storageClass()).put("volumeName", persistentVolume);
        // What it was once filled from is gone, or would fill it again.
        spec.remove(List.of("dataSource", "dataSourceRef", "selector"));
        ObjectNode requests = spec.withObject("/resources/requests");
        OptionalLong asked = Quantity.bytes(requests.path("storage").asText(""));
        if (asked.isEmpty() || asked.getAsLong() > sizeBytes) {
            requests.put("storage", Long.toString(sizeBytes));
        }
        return manifest;
    }

    /** An object as it was, to be made again. */
    static ObjectNode again(ObjectNode object) {
        ObjectNode again = object.deepCopy();
        again.remove(List.of("status", "apiVersion", "kind"));
        if (again.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(MOMENTARY);
            if (metadata.path("annotations") instanceof ObjectNode annotations) {
                List<String> bindings = new ArrayList<>();
                annotations.fieldNames().forEachRemaining(name -> {
                    if (name.startsWith("pv.kubernetes.io/")) {
                        bindings.add(name);
                    }
                });
                annotations.remove(bindings);
            }
        }
        return again;
    }

    /** The labels of recurring jobs that the volume had: it gets back exactly these. */
    ObjectNode jobLabels() {
        ObjectNode labels = JsonNodeFactory.instance.objectNode();
        labels.putNull(RestoreMarks.OWN_GROUP);
        Optional.ofNullable(record.definitions())
                .map(VolumeDefinitions::volume)
                .map(volume -> volume.path("labels"))
                .ifPresent(recorded -> recorded.properties().forEach(label -> {
                    if (label.getKey().startsWith("recurring-job.longhorn.io/")
                            || label.getKey().startsWith("recurring-job-group.longhorn.io/")) {
                        labels.set(label.getKey(), label.getValue());
                    }
                }));
        return labels;
    }
}
