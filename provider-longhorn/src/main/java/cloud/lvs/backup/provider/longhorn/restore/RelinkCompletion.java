package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The end of a relink: the claim is bound to the restored volume, and what was stopped begins again. Whoever repeats it changes
 * nothing that is done.
 *
 * @param cluster where it is done
 * @param operations its single steps
 */
record RelinkCompletion(Cluster cluster, ClaimOperations operations) {
    void finish(RelinkPlan plan, String volume) throws BackupException, InterruptedException {
        operations.scaleUp(plan.claimName(), plan.workloads());
        cluster.patch(
                ResourceType.PERSISTENT_VOLUME, "", plan.persistentVolume(), ClaimOperations.policy(plan.policy()));
        ObjectNode patch = plan.in(RelinkPlan.State.DONE).patch();
        cluster.patch(ResourceType.VOLUME, cluster.namespace(), volume, patch);
    }
}
