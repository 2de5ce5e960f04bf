package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Snapshot;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RunContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The snapshots that a job left in its volumes. One of a volume stays: that of its newest backup, which the next one is compared
 * with. Longhorn may take its time to remove the others, which nobody waits for.
 */
final class OwnSnapshots {
    private final Cluster cluster;
    private final RunContext run;
    private final Map<String, List<String>> byVolume = new HashMap<>();

    private OwnSnapshots(Cluster cluster, RunContext run) {
        this.cluster = cluster;
        this.run = run;
    }

    /** Those that there are now. */
    static OwnSnapshots of(Cluster cluster, RunContext run) throws BackupException, InterruptedException {
        OwnSnapshots own = new OwnSnapshots(cluster, run);
        for (Snapshot snapshot : cluster.list(ResourceType.SNAPSHOT, OwnLabels.ofJob(run.job()))) {
            if (!snapshot.metadata().isBeingDeleted()) {
                own.byVolume
                        .computeIfAbsent(snapshot.volume(), volume -> new ArrayList<>())
                        .add(snapshot.name());
            }
        }
        return own;
    }

    /** Removes those of a volume but the one of its newest backup. */
    void keepOnly(String volume, String newest) throws InterruptedException {
        for (String name : byVolume.getOrDefault(volume, List.of())) {
            if (!name.equals(newest)) {
                try {
                    cluster.delete(ResourceType.SNAPSHOT, name);
                } catch (BackupException e) {
                    run.warn("volume " + volume + ": snapshot " + name + " stays: " + e.problem() + "; " + e.remedy());
                }
            }
        }
    }
}
