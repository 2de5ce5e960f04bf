package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.BackupTargetResource;
import cloud.lvs.backup.provider.longhorn.cluster.BackupVolume;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Snapshot;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Removes backups of a run from Longhorn's target, by deleting their objects: only what bears the label of that run, and only
 * while Longhorn can really remove it. An object that is gone proves nothing before the target was read again, and a
 * BackupVolume is never deleted: all backups of its volume would go with it.
 */
public final class BackupRemoval {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Duration SYNC_WITHIN = Duration.ofMinutes(5);

    private final Cluster cluster;
    private final LonghornConfig config;
    private final RunContext run;
    private final String owner;
    private final List<String> refusals = new ArrayList<>();

    private BackupRemoval(Cluster cluster, LonghornConfig config, RunContext run, RunId owner) {
        this.cluster = cluster;
        this.config = config;
        this.run = run;
        this.owner = owner.value();
    }

    /**
     * Removes the backups of a run whose backup is dropped; the newest complete one of a volume stays.
     *
     * @throws BackupException if some cannot be removed now; the others are
     */
    public static void discard(
            Cluster cluster, LonghornConfig config, RunId owner, List<ExternalReference> references, RunContext run)
            throws BackupException, InterruptedException {
        new BackupRemoval(cluster, config, run, owner).remove(references, Keep.NEWEST);
    }

    /** Removes what a run made that never came to an end, whatever state it is in. */
    public static void abandon(
            Cluster cluster, LonghornConfig config, RunId owner, List<ExternalReference> references, RunContext run)
            throws BackupException, InterruptedException {
        new BackupRemoval(cluster, config, run, owner).remove(references, Keep.NOTHING);
    }

    private enum Keep {
        /** The newest complete backup of a volume. */
        NEWEST,
        NOTHING
    }

    private void remove(List<ExternalReference> references, Keep keep) throws BackupException, InterruptedException {
        List<String> names = new ArrayList<>();
        for (ExternalReference reference : references) {
            OwnReference own = OwnReference.of(reference);
            if (!own.namespace().equals(cluster.namespace())) {
                throw new BackupException(
                        Kind.CONFIG,
                        "backup " + own.name(),
                        "was made by the Longhorn in namespace " + own.namespace() + ", not in " + cluster.namespace(),
                        "prune with the configuration that made it");
            }
            names.add(own.name());
        }
        List<Backup> removable = new ArrayList<>();
        for (Backup backup : existing(names)) {
            if (!OwnLabels.isOfRun(backup, owner)) {
                run.warn("backup " + backup.name() + " of volume " + backup.volume()
                        + " does not bear the labels of run " + owner + ": it is somebody else's and stays");
            } else {
                removable.add(backup);
            }
        }
        List<Backup> safe = safe(removable, keep);
        delete(safe);
        removeSnapshots(
                names,
                removable.stream().filter(backup -> !safe.contains(backup)).toList());
        if (!refusals.isEmpty()) {
            throw new BackupException(
                    Kind.SOURCE,
                    "Longhorn in namespace " + cluster.namespace(),
                    String.join("; ", refusals),
                    "the next prune tries again");
        }
    }

    private List<Backup> existing(List<String> names) throws BackupException, InterruptedException {
        List<Backup> backups = new ArrayList<>();
        for (String name : names) {
            cluster.find(ResourceType.BACKUP, name).ifPresent(backups::add);
        }
        return backups;
    }

    // ---- what may be deleted ----

    private List<Backup> safe(List<Backup> candidates, Keep keep) throws BackupException, InterruptedException {
        if (candidates.isEmpty()) {
            return List.of();
        }
        Map<String, Optional<Finding>> targets = new HashMap<>();
        for (Backup backup : candidates) {
            String target = target(backup);
            if (backup.isComplete() && !targets.containsKey(target)) {
                targets.put(target, trouble(target));
            }
        }
        // Looked at last: nothing that takes long comes between this and the deletion.
        RunningRestores restores = RunningRestores.of(cluster);
        List<Backup> safe = new ArrayList<>();
        for (Backup backup : candidates) {
            Optional<String> reason =
                    reasonToKeep(backup, keep, targets.getOrDefault(target(backup), Optional.empty()), restores);
            if (reason.isPresent()) {
                refusals.add("backup " + backup.name() + " of volume " + backup.volume() + " stays: " + reason.get());
            } else {
                safe.add(backup);
            }
        }
        safe.sort(Comparator.comparing(Backup::name));
        return safe;
    }

    private static String target(Backup backup) {
        return backup.metadata().labels().getOrDefault(Backup.TARGET_LABEL, "default");
    }

    private Optional<Finding> trouble(String target) throws BackupException, InterruptedException {
        return new TargetPreflight(cluster)
                .check(target).stream()
                        .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                        .findFirst();
    }

    private Optional<String> reasonToKeep(Backup backup, Keep keep, Optional<Finding> trouble, RunningRestores restores)
            throws BackupException, InterruptedException {
        if (!backup.isComplete()) {
            // Nothing whole lies in the target; Longhorn removes what does whenever it can.
            return Optional.empty();
        }
        if (trouble.isPresent()) {
            return Optional.of(trouble.get().target() + " " + trouble.get().problem()
                    + "; its data would stay and it would come back");
        }
        Optional<String> restored = restores.of(backup.volume());
        if (restored.isPresent()) {
            return Optional.of("volume " + restored.get() + " is being restored from that volume's backups");
        }
        if (keep == Keep.NEWEST && !hasNewer(backup)) {
            return Optional.of(
                    "it is the newest that the target holds of this volume; if the volume does not come back,"
                            + " delete it by hand: kubectl -n " + cluster.namespace() + " delete backups.longhorn.io "
                            + backup.name());
        }
        return Optional.empty();
    }

    private boolean hasNewer(Backup backup) throws BackupException, InterruptedException {
        Instant shown = backup.snapshotCreatedAt();
        return cluster.list(ResourceType.BACKUP, Map.of(Backup.VOLUME_LABEL, backup.volume())).stream()
                .filter(other -> !other.name().equals(backup.name()))
                .filter(other -> other.isComplete() && !other.metadata().isBeingDeleted())
                .anyMatch(other -> {
                    Instant time = other.snapshotCreatedAt();
                    return time != null && shown != null && time.isAfter(shown);
                });
    }

    // ---- deleting ----

    private void delete(List<Backup> backups) throws BackupException, InterruptedException {
        Map<String, Backup> left = new LinkedHashMap<>();
        for (Backup backup : backups) {
            cluster.delete(ResourceType.BACKUP, backup.name());
            left.put(backup.name(), backup);
        }
        Instant end = cluster.waiting().now().plus(config.deleteTimeout());
        while (!left.isEmpty()) {
            run.checkpoint();
            for (Backup backup : List.copyOf(left.values())) {
                Optional<Backup> now = cluster.find(ResourceType.BACKUP, backup.name());
                if (now.isEmpty()) {
                    left.remove(backup.name());
                } else if (cluster.waiting().now().isAfter(end)) {
                    left.remove(backup.name());
                    refusals.add(new StuckDeletion(now.get(), config.deleteTimeout()).toString());
                }
            }
            if (!left.isEmpty()) {
                cluster.waiting().sleep(LOOK_EVERY);
            }
        }
        confirm(backups);
    }

    /**
     * Has the target read again: what Longhorn did not remove there gets its object back. The target itself comes first, since
     * a volume without backups in the cluster has nothing else that could be read.
     */
    private void confirm(List<Backup> deleted) throws BackupException, InterruptedException {
        List<Backup> stored = deleted.stream().filter(Backup::isComplete).toList();
        for (String target :
                stored.stream().map(BackupRemoval::target).distinct().toList()) {
            Optional<BackupTargetResource> known = cluster.find(ResourceType.BACKUP_TARGET, target);
            if (known.isPresent()) {
                awaitSync(
                        ResourceType.BACKUP_TARGET,
                        target,
                        known.get().lastSyncedAt(),
                        BackupTargetResource::lastSyncedAt);
            }
        }
        List<String> volumes = stored.stream().map(Backup::volume).toList();
        for (BackupVolume kept : cluster.list(ResourceType.BACKUP_VOLUME)) {
            if (volumes.contains(kept.volume())) {
                awaitSync(
                        ResourceType.BACKUP_VOLUME,
                        kept.metadata().name(),
                        kept.lastSyncedAt(),
                        BackupVolume::lastSyncedAt);
            }
        }
        for (Backup backup : deleted) {
            if (cluster.find(ResourceType.BACKUP, backup.name())
                    .filter(now -> !now.metadata().isBeingDeleted())
                    .isPresent()) {
                refusals.add("backup " + backup.name() + " of volume " + backup.volume()
                        + " came back: Longhorn has not removed it from the target");
            }
        }
    }

    private <T> void awaitSync(
            ResourceType<T> type, String name, @Nullable Instant before, Function<T, @Nullable Instant> lastSynced)
            throws BackupException, InterruptedException {
        Instant asked = cluster.requestSync(type, name);
        Instant end = asked.plus(SYNC_WITHIN);
        while (cluster.waiting().now().isBefore(end)) {
            Optional<T> now = cluster.find(type, name);
            if (now.isEmpty()) {
                return;
            }
            Instant read = lastSynced.apply(now.get());
            if (read != null && (!read.isBefore(asked) || (before != null && read.isAfter(before)))) {
                return;
            }
            cluster.waiting().sleep(LOOK_EVERY);
        }
        refusals.add("whether deleted backups are gone from the target cannot be told: Longhorn has not read "
                + type.kind() + " " + name + " again within " + SYNC_WITHIN.toMinutes() + " minutes");
    }

    // ---- snapshots ----

    private void removeSnapshots(List<String> names, List<Backup> kept) throws BackupException, InterruptedException {
        for (String name : names) {
            Optional<Snapshot> snapshot = cluster.find(ResourceType.SNAPSHOT, name);
            if (snapshot.isPresent()
                    && OwnLabels.isOfRun(snapshot.get(), owner)
                    && kept.stream().noneMatch(backup -> backup.snapshot().equals(name))
                    && !isBehindNewest(snapshot.get())) {
                cluster.delete(ResourceType.SNAPSHOT, name);
            }
        }
    }

    private boolean isBehindNewest(Snapshot snapshot) throws BackupException, InterruptedException {
        return cluster.list(ResourceType.BACKUP, Map.of(Backup.VOLUME_LABEL, snapshot.volume())).stream()
                .filter(backup -> backup.isComplete()
                        && backup.snapshotCreatedAt() != null
                        && !backup.metadata().isBeingDeleted())
                .max(Comparator.comparing(Backup::snapshotCreatedAt))
                .filter(newest -> newest.snapshot().equals(snapshot.name()))
                .isPresent();
    }
}
