package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.provider.longhorn.restore.RestoreMarks.Purpose;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes a relink back, wherever it was: the claim, its volume, the workloads are as they were. */
final class RelinkUndo {
    /** Against a hand that makes the claim again as soon as it is gone. */
    private static final int MOST_TRIES = 5;

    /** What becomes of the restored volume. */
    enum Remains {
        /** Nobody has written to it. */
        REMOVE,
        /** It was in use: it stays, with its persistent volume. */
        KEEP
    }

    private final Cluster cluster;
    private final ClaimOperations operations;
    private final OwnVolumes volumes;

    /** @param limit how long each step may take */
    RelinkUndo(Cluster cluster, Duration limit) {
        this.cluster = cluster;
        this.operations = new ClaimOperations(cluster, limit);
        this.volumes = new OwnVolumes(cluster, limit);
    }

    /**
     * Takes it back; works on an interrupted thread, too.
     *
     * @return what could not be taken back, in words; empty if all is as it was
     */
    Optional<String> undo(RelinkPlan plan, Volume restored, Remains remains) {
        boolean interrupted = Thread.interrupted();
        try {
            takeBack(plan, remains);
            if (remains == Remains.REMOVE) {
                return volumes.remove(restored);
            }
            ObjectNode patch = plan.in(RelinkPlan.State.UNDONE).patch();
            patch.withObject("/metadata/labels").put(RestoreMarks.PURPOSE, Purpose.UNDONE.text());
            cluster.patch(ResourceType.VOLUME, cluster.namespace(), restored.name(), patch);
            return Optional.empty();
        } catch (BackupException e) {
            return Optional.of("not all of it could be taken back: " + e.getMessage() + " (" + e.remedy()
                    + "); what it was is noted at volume " + restored.name() + ", and restore --undo tries again");
        } catch (InterruptedException e) {
            interrupted = true;
            return Optional.of("it was stopped before all of it was taken back; what it was is noted at volume "
                    + restored.name() + ", and restore --undo tries again");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void takeBack(RelinkPlan plan, Remains remains) throws BackupException, InterruptedException {
        if (plan.state() == RelinkPlan.State.RESTORING) {
            return;
        }
        ClaimName claim = plan.claimName();
        List<ScaledWorkload> workloads = workloads(plan);
        for (int tries = 1; !isAsBefore(plan); tries++) {
            try {
                bringBack(plan, workloads, remains);
            } catch (BackupException e) {
                if (tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
        if (remains == Remains.REMOVE) {
            operations.deletePersistentVolume(plan.persistentVolume());
        }
        String before = plan.persistentVolumeBefore();
        if (!before.isEmpty()
                && cluster.find(ResourceType.PERSISTENT_VOLUME, before).isPresent()) {
            operations.release(before, plan.policyBefore());
        }
        operations.scaleUp(claim, workloads);
    }

    /** Those that were scaled down and not up again, and whoever uses the claim by now. */
    private List<ScaledWorkload> workloads(RelinkPlan plan) throws BackupException, InterruptedException {
        Map<String, ScaledWorkload> workloads = new LinkedHashMap<>();
        if (plan.state() != RelinkPlan.State.DONE) {
            plan.workloads().forEach(workload -> workloads.put(workload.toString(), workload));
        }
        try {
            for (ScaledWorkload user : new ClaimUsers(cluster).workloads(plan.claimName())) {
                workloads.putIfAbsent(user.toString(), user);
            }
        } catch (BackupException e) {
            // What cannot be scaled down is in the way only where the claim has to go; that is told then.
            if (e.kind() != Kind.CONFIG) {
                throw e;
            }
        }
        return List.copyOf(workloads.values());
    }

    private boolean isAsBefore(RelinkPlan plan) throws BackupException, InterruptedException {
        Optional<ObjectNode> now = operations.claim(plan.claimName());
        if (plan.claimBefore() == null) {
            return now.isEmpty();
        }
        return now.isPresent()
                && !ClaimOperations.isBeingDeleted(now.get())
                && now.get().path("spec").path("volumeName").asText("").equals(plan.persistentVolumeBefore())
                && (plan.persistentVolumeBefore().isEmpty()
                        || now.get().path("status").path("phase").asText("").equals("Bound"));
    }

    private void bringBack(RelinkPlan plan, List<ScaledWorkload> workloads, Remains remains)
            throws BackupException, InterruptedException {
        ClaimName claim = plan.claimName();
        operations.scaleDown(claim, workloads);
        operations.awaitUnused(claim, workloads);
        Optional<ObjectNode> now = operations.claim(claim);
        if (now.isPresent()) {
            keepWhatIsBound(now.get(), plan);
            operations.deleteClaim(claim, ClaimOperations.uid(now.get()), workloads);
        }
        if (remains == Remains.REMOVE) {
            // Bound beforehand to this name, it would take the claim before as well.
            operations.deletePersistentVolume(plan.persistentVolume());
        }
        if (plan.claimBefore() instanceof ObjectNode before) {
            if (!plan.persistentVolumeBefore().isEmpty()) {
                operations.free(plan.persistentVolumeBefore());
            }
            operations.bind(claim, before, plan.persistentVolumeBefore(), workloads);
        }
    }

    /** A claim that another hand made may have been written to meanwhile. */
    private void keepWhatIsBound(ObjectNode claim, RelinkPlan plan) throws BackupException, InterruptedException {
        String volume = claim.path("spec").path("volumeName").asText("");
        if (volume.isEmpty() || volume.equals(plan.persistentVolumeBefore())) {
            return;
        }
        if (cluster.find(ResourceType.PERSISTENT_VOLUME, volume).isPresent()) {
            cluster.patch(ResourceType.PERSISTENT_VOLUME, "", volume, ClaimOperations.policy("Retain"));
        }
    }

    /** What would be done to a relink that is done. */
    static List<String> steps(RelinkPlan plan, String volume) {
        return List.of(
                "Scale down " + plan.workloads() + " in namespace " + plan.namespace(),
                "Bind claim " + plan.claimName() + " to "
                        + (plan.persistentVolumeBefore().isEmpty()
                                ? "nothing, as before"
                                : "persistent volume " + plan.persistentVolumeBefore() + " again"),
                "Keep volume " + volume + " and persistent volume " + plan.persistentVolume(),
                "Scale up " + plan.workloads());
    }
}
