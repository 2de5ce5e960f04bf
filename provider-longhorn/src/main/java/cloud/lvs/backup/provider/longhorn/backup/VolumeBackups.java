package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.VolumeDefinitions;
import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.BackupTargetResource;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.LiveObjects;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Snapshot;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;

/**
 * Backs volumes up, several at once: Longhorn works, this thread looks after all of them and stores a record of each. One watch
 * for the volumes, one for the snapshots and one for the backups of the run tell what happens.
 */
public final class VolumeBackups {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final LonghornConfig config;
    private final ArtifactWriter out;
    private final RunContext run;
    private final Map<String, BackupException> brokenTargets;
    private final ClaimDefinitions definitions;
    private final Map<String, String> targetUrls = new HashMap<>();
    private final List<ItemResult> results = new ArrayList<>();

    /** @param brokenTargets what the preflight found: volumes of these targets fail at once */
    public VolumeBackups(
            Cluster cluster,
            LonghornConfig config,
            ArtifactWriter out,
            RunContext run,
            Map<String, BackupException> brokenTargets) {
        this.cluster = cluster;
        this.config = config;
        this.out = out;
        this.run = run;
        this.brokenTargets = Map.copyOf(brokenTargets);
        this.definitions = new ClaimDefinitions(cluster, run);
    }

    /** Backs up the volumes that are selected; what became of each, in the order they ended. */
    public List<ItemResult> backUp(List<VolumeChoice> selected) throws IOException, InterruptedException {
        OwnSnapshots earlier = OwnSnapshots.of(cluster, run);
        Semaphore changes = new Semaphore(0);
        Map<String, String> ours = Map.of(OwnLabels.RUN, run.run().value());
        try (LiveObjects<Volume> volumes = new LiveObjects<>(cluster, ResourceType.VOLUME, Map.of(), changes);
                LiveObjects<Snapshot> snapshots = new LiveObjects<>(cluster, ResourceType.SNAPSHOT, ours, changes);
                LiveObjects<Backup> backups = new LiveObjects<>(cluster, ResourceType.BACKUP, ours, changes)) {
            ArrayDeque<VolumeChoice> queue = new ArrayDeque<>(selected);
            List<VolumeBackup> active = new ArrayList<>();
            while (!queue.isEmpty() || !active.isEmpty()) {
                run.checkpoint();
                volumes.refresh();
                snapshots.refresh();
                backups.refresh();
                int ended = advanceAll(active, earlier);
                while (!queue.isEmpty() && active.size() < config.concurrency()) {
                    VolumeChoice next = queue.remove();
                    BackupException broken = brokenTargets.get(next.volume().backupTarget());
                    if (broken != null) {
                        results.add(ItemResult.failed(next.item(), broken));
                        continue;
                    }
                    active.add(new VolumeBackup(cluster, config, run, out, volumes, snapshots, backups, next));
                    ended++;
                }
                if (ended == 0 && !active.isEmpty()) {
                    cluster.waiting().pause().until(changes, LOOK_EVERY);
                }
            }
        }
        return results;
    }

    private int advanceAll(List<VolumeBackup> active, OwnSnapshots earlier) throws IOException, InterruptedException {
        int ended = 0;
        for (Iterator<VolumeBackup> each = active.iterator(); each.hasNext(); ) {
            VolumeBackup volume = each.next();
            try {
                var complete = volume.advance();
                if (complete.isPresent()) {
                    results.add(store(volume, complete.get()));
                    earlier.keepOnly(volume.volumeName(), complete.get().snapshot());
                    each.remove();
                    ended++;
                }
            } catch (BackupException e) {
                if (e.kind() == Kind.LOCKED || e.kind() == Kind.CANCELLED) {
                    throw e;
                }
                results.add(ItemResult.failed(volume.item(), e));
                removeRemains(volume);
                each.remove();
                ended++;
            }
        }
        return ended;
    }

    private ItemResult store(VolumeBackup made, Backup backup) throws IOException, InterruptedException {
        Volume volume = made.volume();
        BackupPlan plan = Objects.requireNonNull(made.plan());
        VolumeDefinitions defined = definitions.of(volume, backup.url(), targetUrl(volume.backupTarget()));
        JsonNode claim = defined.claim();
        VolumeRecord record = new VolumeRecord(
                VolumeRecord.FORMAT_VERSION,
                volume.name(),
                backup.name(),
                backup.snapshot(),
                String.valueOf(backup.snapshotCreatedAt()),
                backup.createdAt() == null ? "" : backup.createdAt().toString(),
                backup.volumeSizeBytes(),
                backup.sizeBytes(),
                plan.mode(),
                backup.compression(),
                claim == null ? "" : claim.path("spec").path("storageClassName").asText(""),
                backup.labels(),
                defined);
        Map<String, String> facts = new HashMap<>(record.facts());
        facts.put("uploadedBytes", Long.toString(backup.uploadedBytes()));
        try {
            out.write(record.artifact(), body -> {
                body.write(record.bytes());
                return facts;
            });
            return ItemResult.done(made.item(), facts);
        } catch (BackupException e) {
            throw e;
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            throw new BackupException(
                    Kind.FAILED,
                    "volume " + volume.name(),
                    "its record cannot be stored: " + IoErrorMessages.of(e),
                    "run again",
                    e);
        }
    }

    private String targetUrl(String target) throws BackupException, InterruptedException {
        String known = targetUrls.get(target);
        if (known == null) {
            known = cluster.find(ResourceType.BACKUP_TARGET, target)
                    .map(BackupTargetResource::url)
                    .orElse("");
            targetUrls.put(target, known);
        }
        return known;
    }

    /** Longhorn keeps failed backups, of some volumes for ever, and one that is stuck goes on blocking the volume. */
    private void removeRemains(VolumeBackup failed) throws InterruptedException {
        BackupPlan plan = failed.plan();
        if (plan == null) {
            return;
        }
        try {
            for (String backup : failed.backupNames()) {
                cluster.delete(ResourceType.BACKUP, backup);
            }
            cluster.delete(ResourceType.SNAPSHOT, plan.name());
        } catch (BackupException e) {
            run.warn("volume " + failed.volumeName() + ": what its failed backup left stays until it is pruned: "
                    + e.problem() + "; " + e.remedy());
        }
    }
}
