package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What the API server puts into new claims and persistent volumes. */
final class VolumeObjects {
    private VolumeObjects() {}

    static void fill(ResourceType type, ObjectNode object) {
        String finalizer;
        if (type.equals(ResourceType.CLAIMS)) {
            finalizer = "kubernetes.io/pvc-protection";
        } else if (type.equals(ResourceType.PERSISTENT_VOLUMES)) {
            finalizer = "kubernetes.io/pv-protection";
        } else {
            return;
        }
        object.withObjectProperty("metadata").withArray("finalizers").add(finalizer);
        ObjectNode spec = object.withObjectProperty("spec");
        if (!spec.has("volumeMode")) {
            spec.put("volumeMode", "Filesystem");
        }
    }
}
