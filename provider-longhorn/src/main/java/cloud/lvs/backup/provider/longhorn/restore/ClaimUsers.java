package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who uses a claim: the pods that mount it now, and what they belong to. What was recorded of its workload may be of long ago.
 *
 * @param cluster whose pods are looked at
 */
record ClaimUsers(Cluster cluster) {
    /** The pods that mount a claim, or wait for it. */
    List<ObjectNode> pods(ClaimName claim) throws BackupException, InterruptedException {
        return cluster.list(ResourceType.POD, claim.namespace(), Map.of()).stream()
                .filter(pod -> mounts(pod, claim.name()) && !hasEnded(pod))
                .toList();
    }

    private static boolean mounts(ObjectNode pod, String claim) {
        for (JsonNode volume : pod.path("spec").path("volumes")) {
            if (volume.at("/persistentVolumeClaim/claimName").asText("").equals(claim)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasEnded(ObjectNode pod) {
        String phase = pod.path("status").path("phase").asText("");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /**
     * The workloads of these pods, as they are now.
     *
     * @throws BackupException of kind {@code CONFIG} if one of them cannot be scaled down
     */
    List<ScaledWorkload> workloads(ClaimName claim) throws BackupException, InterruptedException {
        Map<String, ScaledWorkload> workloads = new LinkedHashMap<>();
        for (ObjectNode pod : pods(claim)) {
            ScaledWorkload workload = workload(claim, pod);
            workloads.putIfAbsent(workload.toString(), workload);
        }
        return new ArrayList<>(workloads.values());
    }

    private ScaledWorkload workload(ClaimName claim, ObjectNode pod) throws BackupException, InterruptedException {
        String podName = pod.path("metadata").path("name").asText();
        Owner owner = Owner.of(pod)
                .orElseThrow(() -> refused(
                        claim, podName, "which belongs to nothing that could be scaled down", "delete the pod"));
        if (owner.kind().equals("ReplicaSet")) {
            owner = ownerOfReplicaSet(claim.namespace(), owner);
        }
        if (!owner.kind().equals("Deployment") && !owner.kind().equals("StatefulSet")) {
            throw refused(
                    claim,
                    podName,
                    "of " + owner.kind() + " " + owner.name() + ", which cannot be scaled down",
                    "stop that " + owner.kind());
        }
        ScaledWorkload workload = new ScaledWorkload(owner.kind(), owner.name(), 1);
        ObjectNode object = cluster.find(workload.type(), claim.namespace(), owner.name())
                .orElseThrow(() -> refused(claim, podName, "whose " + workload + " is not there", "delete the pod"));
        JsonNode spec = object.path("spec");
        if (spec.at("/persistentVolumeClaimRetentionPolicy/whenScaled")
                .asText("")
                .equals("Delete")) {
            throw refused(
                    claim,
                    podName,
                    "of " + workload + ", whose claims are deleted when it is scaled down"
                            + " (persistentVolumeClaimRetentionPolicy.whenScaled: Delete)",
                    "set that to Retain");
        }
        return new ScaledWorkload(
                owner.kind(), owner.name(), spec.path("replicas").asInt(1));
    }

    /** A Deployment's ReplicaSet is named DEPLOYMENT-HASH, where it cannot be read. */
    private Owner ownerOfReplicaSet(String namespace, Owner replicaSet) throws BackupException, InterruptedException {
        Optional<ObjectNode> found;
        try {
            found = cluster.find(ResourceType.REPLICA_SET, namespace, replicaSet.name());
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            found = Optional.empty();
        }
        if (found.isPresent()) {
            return Owner.of(found.get()).orElse(replicaSet);
        }
        int hash = replicaSet.name().lastIndexOf('-');
        return hash < 0 ? replicaSet : new Owner("Deployment", replicaSet.name().substring(0, hash));
    }

    private static BackupException refused(ClaimName claim, String pod, String why, String remedy) {
        return new BackupException(
                Kind.CONFIG, "claim " + claim, "is mounted by pod " + pod + " " + why, remedy + ", then run again");
    }

    /** What controls an object. */
    private record Owner(String kind, String name) {
        static Optional<Owner> of(ObjectNode object) {
            for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
                if (owner.path("controller").asBoolean(false)) {
                    return Optional.of(new Owner(
                            owner.path("kind").asText(), owner.path("name").asText()));
                }
            }
            return Optional.empty();
        }
    }
}
