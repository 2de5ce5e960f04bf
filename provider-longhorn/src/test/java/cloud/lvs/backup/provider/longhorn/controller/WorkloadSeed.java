package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** The PV, claim, workload and pod of a volume. */
record WorkloadSeed(
        String volume,
        Claim claim,
        long sizeBytes,
        String storageClass,
        Map<String, String> claimLabels,
        String ownerKind,
        String workload,
        String owner,
        String pod,
        int replicas) {

    static void plant(World world, WorkloadSeed seed) {
        seed.persistentVolume(world);
        seed.persistentVolumeClaim(world);
        seed.storage(world);
        seed.workload(world);
    }

    private void persistentVolume(World world) {
        ObjectNode object = VolumeSeed.object(volume);
        object.withObjectProperty("metadata").putArray("finalizers").add("kubernetes.io/pv-protection");
        ObjectNode spec = object.putObject("spec");
        spec.putObject("capacity").put("storage", Long.toString(sizeBytes));
        spec.putArray("accessModes").add("ReadWriteOnce");
        spec.put("volumeMode", "Filesystem")
                .put("persistentVolumeReclaimPolicy", "Delete")
                .put("storageClassName", storageClass);
        spec.putObject("claimRef")
                .put("apiVersion", "v1")
                .put("kind", "PersistentVolumeClaim")
                .put("namespace", claim.namespace())
                .put("name", claim.name());
        ObjectNode csi = spec.putObject("csi");
        csi.put("driver", "driver.longhorn.io").put("volumeHandle", volume).put("fsType", "ext4");
        csi.putObject("volumeAttributes").put("numberOfReplicas", "3").put("staleReplicaTimeout", "2880");
        ObjectKey key = VolumeSeed.key(ResourceType.PERSISTENT_VOLUMES, "", volume);
        world.cluster().create(key, object);
        world.cluster().updateStatus(key, status -> status.put("phase", "Bound"));
    }

    private void persistentVolumeClaim(World world) {
        ObjectNode object = VolumeSeed.object(claim.name());
        ObjectNode metadata = object.withObjectProperty("metadata");
        metadata.put("namespace", claim.namespace()).putArray("finalizers").add("kubernetes.io/pvc-protection");
        claimLabels.forEach(
                (key, value) -> metadata.withObjectProperty("labels").put(key, value));
        metadata.putObject("annotations")
                .put("pv.kubernetes.io/bind-completed", "yes")
                .put("volume.kubernetes.io/storage-provisioner", "driver.longhorn.io");
        ObjectNode spec = object.putObject("spec");
        spec.putArray("accessModes").add("ReadWriteOnce");
        spec.put("volumeMode", "Filesystem")
                .put("storageClassName", storageClass)
                .put("volumeName", volume);
        spec.putObject("resources").putObject("requests").put("storage", Long.toString(sizeBytes));
        ObjectKey key = VolumeSeed.key(ResourceType.CLAIMS, claim.namespace(), claim.name());
        ObjectNode made = world.cluster().create(key, object);
        world.cluster().updateStatus(key, status -> {
            status.put("phase", "Bound").putArray("accessModes").add("ReadWriteOnce");
            status.putObject("capacity").put("storage", Long.toString(sizeBytes));
        });
        world.cluster()
                .update(
                        VolumeSeed.key(ResourceType.PERSISTENT_VOLUMES, "", volume),
                        pv -> pv.withObjectProperty("spec")
                                .withObjectProperty("claimRef")
                                .set("uid", made.path("metadata").path("uid")));
    }

    private void storage(World world) {
        ObjectKey key = VolumeSeed.key(ResourceType.STORAGE_CLASSES, "", storageClass);
        if (!storageClass.isEmpty() && world.cluster().find(key).isEmpty()) {
            ObjectNode object = VolumeSeed.object(storageClass);
            object.put("provisioner", "driver.longhorn.io").put("reclaimPolicy", "Delete");
            object.put("volumeBindingMode", "Immediate").put("allowVolumeExpansion", true);
            object.putObject("parameters").put("numberOfReplicas", "3");
            world.cluster().create(key, object);
        }
    }

    private void workload(World world) {
        boolean stateful = ownerKind.equals("StatefulSet");
        ResourceType type = stateful ? ResourceType.STATEFUL_SETS : ResourceType.DEPLOYMENTS;
        ObjectKey key = VolumeSeed.key(type, claim.namespace(), workload);
        if (world.cluster().find(key).isPresent()) {
            return;
        }
        ObjectNode object = VolumeSeed.object(workload);
        object.withObjectProperty("metadata").put("namespace", claim.namespace());
        ObjectNode spec = object.putObject("spec").put("replicas", replicas);
        spec.putObject("selector").putObject("matchLabels").put("app", workload);
        ObjectNode template = spec.putObject("template");
        template.putObject("metadata").putObject("labels").put("app", workload);
        ObjectNode podSpec = template.putObject("spec");
        podSpec.putArray("containers").addObject().put("name", "main").put("image", "example/app");
        podSpec.putArray("volumes")
                .addObject()
                .put("name", "data")
                .putObject("persistentVolumeClaim")
                .put("claimName", claim.name());
        world.cluster().create(key, object);
    }
}
