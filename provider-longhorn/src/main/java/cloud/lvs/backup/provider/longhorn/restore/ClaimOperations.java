package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.DurationFormat;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The single steps on claims, persistent volumes and workloads, each waited for.
 *
 * @param cluster where they are done
 * @param limit how long each may take
 */
record ClaimOperations(Cluster cluster, Duration limit) {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    /** Something that is waited for. */
    @FunctionalInterface
    interface Condition {
        /**
         * Whether it is so now.
         *
         * @throws BackupException if it will not be
         */
        boolean holds() throws BackupException, InterruptedException;
    }

    /** Waits for something; tells {@code what} where it takes too long. */
    void await(String subject, String what, String remedy, Condition condition)
            throws BackupException, InterruptedException {
        Instant end = cluster.waiting().now().plus(limit);
        while (!condition.holds()) {
            if (cluster.waiting().now().isAfter(end)) {
                throw new BackupException(Kind.SOURCE, subject, what + " after " + DurationFormat.text(limit), remedy);
            }
            cluster.waiting().sleep(LOOK_EVERY);
        }
    }

    // ---- workloads ----

    void scaleDown(ClaimName claim, List<ScaledWorkload> workloads) throws BackupException, InterruptedException {
        for (ScaledWorkload workload : workloads) {
            cluster.scale(workload.type(), claim.namespace(), workload.name(), 0);
        }
    }

    /** Gives workloads that are still there the replicas that they had. */
    void scaleUp(ClaimName claim, List<ScaledWorkload> workloads) throws BackupException, InterruptedException {
        for (ScaledWorkload workload : workloads) {
            if (cluster.find(workload.type(), claim.namespace(), workload.name())
                    .isPresent()) {
                cluster.scale(workload.type(), claim.namespace(), workload.name(), workload.replicas());
            }
        }
    }

    /** @throws BackupException if another hand has scaled one of them up meanwhile */
    void requireAtRest(ClaimName claim, List<ScaledWorkload> workloads) throws BackupException, InterruptedException {
        for (ScaledWorkload workload : workloads) {
            Optional<ObjectNode> now = cluster.find(workload.type(), claim.namespace(), workload.name());
            int replicas = now.map(
                            object -> object.path("spec").path("replicas").asInt(1))
                    .orElse(0);
            if (replicas > 0) {
                throw new BackupException(
                        Kind.SOURCE,
                        "claim " + claim,
                        workload + " was scaled up again to " + replicas + " while it had to stay at 0",
                        "suspend what scales it (Flux, Argo CD, an autoscaler, an operator), then run again");
            }
        }
    }

    /** Waits until no pod mounts a claim. */
    void awaitUnused(ClaimName claim, List<ScaledWorkload> workloads) throws BackupException, InterruptedException {
        ClaimUsers users = new ClaimUsers(cluster);
        await("claim " + claim, "is still mounted", "look what keeps its pods", () -> {
            requireAtRest(claim, workloads);
            return users.pods(claim).isEmpty();
        });
    }

    // ---- claims ----

    Optional<ObjectNode> claim(ClaimName claim) throws BackupException, InterruptedException {
        return cluster.find(ResourceType.CLAIM, claim.namespace(), claim.name());
    }

    static String uid(ObjectNode object) {
        return object.path("metadata").path("uid").asText("");
    }

    static boolean isBeingDeleted(ObjectNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }

    /** Deletes the claim of a uid, and waits until that one is gone. */
    void deleteClaim(ClaimName claim, String uid, List<ScaledWorkload> workloads)
            throws BackupException, InterruptedException {
        if (claim(claim).filter(now -> uid(now).equals(uid)).isEmpty()) {
            return;
        }
        cluster.delete(ResourceType.CLAIM, claim.namespace(), claim.name());
        await("claim " + claim, "is still there", "look at its finalizers and at who mounts it", () -> {
            requireAtRest(claim, workloads);
            return claim(claim).filter(now -> uid(now).equals(uid)).isEmpty();
        });
    }

    /**
     * Makes a claim that names its persistent volume, and waits until the two are bound to each other. A claim that another hand
     * made of that name meanwhile does as well if it is bound to that volume, and only then.
     */
    void bind(ClaimName claim, ObjectNode manifest, String persistentVolume, List<ScaledWorkload> workloads)
            throws BackupException, InterruptedException {
        if (claim(claim).isEmpty()) {
            try {
                cluster.create(ResourceType.CLAIM, manifest);
            } catch (BackupException e) {
                if (claim(claim).isEmpty()) {
                    throw e;
                }
            }
        }
        await("claim " + claim, "is not bound to " + persistentVolume, "look at its events", () -> {
            requireAtRest(claim, workloads);
            ObjectNode now = claim(claim)
                    .orElseThrow(() -> new BackupException(
                            Kind.SOURCE,
                            "claim " + claim,
                            "was deleted while it was being bound",
                            "look who deletes it, then run again"));
            String volume = now.path("spec").path("volumeName").asText("");
            if (!volume.isEmpty() && !volume.equals(persistentVolume)) {
                throw new BackupException(
                        Kind.SOURCE,
                        "claim " + claim,
                        "was made again by somebody else meanwhile, and got the empty volume " + volume,
                        "suspend what makes it (Flux, Argo CD, an operator), then run again");
            }
            return now.path("status").path("phase").asText("").equals("Bound") && isBoundTo(persistentVolume, now);
        });
    }

    private boolean isBoundTo(String persistentVolume, ObjectNode claim) throws BackupException, InterruptedException {
        return cluster.find(ResourceType.PERSISTENT_VOLUME, persistentVolume)
                .filter(volume -> volume.path("status").path("phase").asText("").equals("Bound")
                        && volume.at("/spec/claimRef/uid").asText("").equals(uid(claim)))
                .isPresent();
    }

    // ---- persistent volumes ----

    /** Sees to it that a volume outlives its claim, and notes what was to become of it. */
    void keep(String persistentVolume, String policyBefore) throws BackupException, InterruptedException {
        ObjectNode patch = policy("Retain");
        patch.withObject("/metadata/annotations").put(RestoreMarks.POLICY_BEFORE, policyBefore);
        ObjectNode kept = cluster.patch(ResourceType.PERSISTENT_VOLUME, "", persistentVolume, patch);
        String now = kept.at("/spec/persistentVolumeReclaimPolicy").asText("");
        if (!now.equals("Retain")) {
            throw new BackupException(
                    Kind.SOURCE,
                    "persistent volume " + persistentVolume,
                    "its reclaim policy stays " + now + " though Retain was asked for",
                    "look what changes it back, then run again");
        }
    }

    /** Gives a volume its reclaim policy back. */
    void release(String persistentVolume, String policyBefore) throws BackupException, InterruptedException {
        ObjectNode patch = policy(policyBefore);
        patch.withObject("/metadata/annotations").putNull(RestoreMarks.POLICY_BEFORE);
        cluster.patch(ResourceType.PERSISTENT_VOLUME, "", persistentVolume, patch);
    }

    /** Frees a volume from the claim that is gone, for one of the same name. */
    void free(String persistentVolume) throws BackupException, InterruptedException {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.withObject("/spec/claimRef").putNull("uid").putNull("resourceVersion");
        cluster.patch(ResourceType.PERSISTENT_VOLUME, "", persistentVolume, patch);
    }

    static ObjectNode policy(String policy) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.withObject("/spec").put("persistentVolumeReclaimPolicy", policy);
        return patch;
    }

    /** Deletes a persistent volume that this tool made; what it stands for stays. */
    void deletePersistentVolume(String name) throws BackupException, InterruptedException {
        Optional<ObjectNode> found = cluster.find(ResourceType.PERSISTENT_VOLUME, name);
        if (found.filter(RestoreMarks::isOurs).isEmpty()) {
            return;
        }
        cluster.patch(ResourceType.PERSISTENT_VOLUME, "", name, policy("Retain"));
        cluster.delete(ResourceType.PERSISTENT_VOLUME, name);
        await(
                "persistent volume " + name,
                "is still there",
                "look at its finalizers",
                () -> cluster.find(ResourceType.PERSISTENT_VOLUME, name).isEmpty());
    }
}
