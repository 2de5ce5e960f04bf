package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.LonghornRestoreOptions;
import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.provider.longhorn.restore.RelinkPlan.State;
import cloud.lvs.backup.provider.longhorn.restore.RelinkUndo.Remains;
import cloud.lvs.backup.provider.longhorn.restore.RestoreMarks.Purpose;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gives one volume back to its claim. The volume is restored first, beside the one in use; only then the workload is stopped and
 * the claim bound anew. Whatever fails on the way, all of it is taken back.
 */
final class Relink {
    private static final Duration KNOWN_WITHIN = Duration.ofMinutes(2);

    private final Cluster cluster;
    private final LonghornConfig config;
    private final LonghornRestoreOptions options;
    private final RunContext run;
    private final VolumeRecord record;
    private final ClaimName claim;
    private final ClaimManifests manifests;
    private final ClaimOperations operations;
    private final List<String> steps = new ArrayList<>();

    Relink(Cluster cluster, LonghornConfig config, LonghornRestoreOptions options, RunContext run, VolumeRecord record)
            throws BackupException {
        this.cluster = cluster;
        this.config = config;
        this.options = options;
        this.run = run;
        this.record = record;
        this.claim = ClaimName.of(record);
        this.manifests = new ClaimManifests(record, claim, run.run().value());
        this.operations = new ClaimOperations(cluster, config.startTimeout());
    }

    RestoreReport execute(Mode mode) throws BackupException, InterruptedException {
        UnfinishedRelinks unfinished = new UnfinishedRelinks(cluster, config, run);
        if (mode == Mode.EXECUTE) {
            Optional<Volume> finished = unfinished.settle(claim, record.backup(), steps);
            if (finished.isPresent()) {
                return report(finished.get(), "");
            }
        } else {
            steps.addAll(unfinished.told(claim));
            if (options.repairTarget()) {
                steps.add("Give claim " + claim + " volume " + record.volume() + " as it was at "
                        + record.snapshotCreatedAt());
                return new RestoreReport(
                        List.of(ItemResult.done(record.item(), record.facts())), steps, List.of(), List.of());
            }
        }
        Backup backup = new BackupLookup(cluster, run).find(record);
        List<ScaledWorkload> users = new ClaimUsers(cluster).workloads(claim);
        new RelinkPreflight(cluster, options, run, record, claim).check(backup, users);
        String volumeName = volumeName();
        String persistentVolume = persistentVolumeName(volumeName);
        RelinkPlan plan = RelinkPlan.restoring(backup.name(), claim, persistentVolume, manifests.policy());
        ObjectNode manifest = VolumeManifest.of(
                volumeName, record, backup, options, cluster.version(), RestoreMarks.of(run, Purpose.RELINK));
        manifest.withObject("/metadata/annotations").put(RestoreMarks.PLAN, plan.json());
        if (mode == Mode.DRY_RUN) {
            return dryRun(manifest, plan, users, backup.volumeSizeBytes());
        }
        makeNamespace();
        steps.add("Restore volume " + record.volume() + ", backup " + backup.name() + ", as volume " + volumeName);
        run.phase("restore " + claim);
        Volume volume = new VolumeRestore(cluster, config, options, run, record.item()).restore(manifest);
        run.phase("relink " + claim);
        return relink(volume, plan);
    }

    /** The name that it had keeps its chain of backups in Longhorn; another one where that is in use. */
    private String volumeName() throws BackupException, InterruptedException {
        return cluster.find(ResourceType.VOLUME, record.volume()).isEmpty()
                ? record.volume()
                : RestoreMarks.name(run, Purpose.RELINK, record.volume());
    }

    private String persistentVolumeName(String volume) throws BackupException, InterruptedException {
        String before = manifests.persistentVolumeBefore();
        return !before.isEmpty()
                        && cluster.find(ResourceType.PERSISTENT_VOLUME, before).isEmpty()
                ? before
                : volume;
    }

    private RestoreReport dryRun(ObjectNode manifest, RelinkPlan plan, List<ScaledWorkload> users, long sizeBytes)
            throws BackupException, InterruptedException {
        String volume = manifest.path("metadata").path("name").asText();
        if (options.createNamespace()
                && cluster.find(ResourceType.NAMESPACE, claim.namespace()).isEmpty()) {
            steps.add("Create Namespace " + claim.namespace());
        }
        steps.add("Create Volume " + cluster.namespace() + "/" + volume + ": " + manifest);
        new Placement(cluster)
                .problem(manifest, sizeBytes)
                .ifPresent(problem -> run.warn("volume " + volume + ": " + problem));
        cluster.tryToCreate(ResourceType.VOLUME, manifest);
        for (ScaledWorkload user : users) {
            steps.add("Scale " + user + " in namespace " + claim.namespace() + " from " + user.replicas() + " to 0");
        }
        Optional<ObjectNode> current = operations.claim(claim);
        String before = current.map(
                        object -> object.path("spec").path("volumeName").asText(""))
                .orElse("");
        if (!before.isEmpty()) {
            steps.add("Keep PersistentVolume " + before + ": persistentVolumeReclaimPolicy Retain");
        }
        ObjectNode persistentVolume = manifests.persistentVolume(plan.persistentVolume(), volume, sizeBytes);
        steps.add("Create PersistentVolume " + plan.persistentVolume() + ": " + persistentVolume);
        if (current.isPresent()) {
            steps.add("Delete PersistentVolumeClaim " + claim);
        }
        steps.add("Create PersistentVolumeClaim " + claim + ": " + manifests.claim(plan.persistentVolume(), sizeBytes));
        for (ScaledWorkload user : users) {
            steps.add("Scale " + user + " in namespace " + claim.namespace() + " to " + user.replicas());
        }
        return new RestoreReport(List.of(ItemResult.done(record.item(), record.facts())), steps, List.of(), List.of());
    }

    private void makeNamespace() throws BackupException, InterruptedException {
        if (options.createNamespace()
                && cluster.find(ResourceType.NAMESPACE, claim.namespace()).isEmpty()) {
            ObjectNode manifest = JsonNodeFactory.instance.objectNode();
            manifest.withObject("/metadata").put("name", claim.namespace());
            cluster.create(ResourceType.NAMESPACE, manifest);
            steps.add("Created namespace " + claim.namespace());
        }
    }

    private RestoreReport relink(Volume volume, RelinkPlan begun) throws BackupException, InterruptedException {
        RelinkPlan plan = begun;
        try {
            plan = plan(begun);
            note(plan, volume);
            swap(plan, volume);
        } catch (BackupException e) {
            Optional<String> left = undo(plan, volume);
            throw new BackupException(
                    e.kind(),
                    e.target(),
                    e.problem() + "; " + left.orElse("all of it was taken back: the claim has the volume that it had"),
                    e.remedy(),
                    e);
        } catch (InterruptedException | RuntimeException e) {
            undo(plan, volume).ifPresent(run::warn);
            throw e;
        }
        try {
            new RelinkCompletion(cluster, operations).finish(plan.in(State.BOUND), volume.name());
        } catch (BackupException e) {
            throw new BackupException(
                    e.kind(),
                    e.target(),
                    e.problem() + "; claim " + claim + " is bound to the restored volume, and only the end is missing: "
                            + plan.workloads() + " are to be scaled up",
                    e.remedy() + ", then run again: that finishes it",
                    e);
        }
        for (ScaledWorkload workload : plan.workloads()) {
            steps.add("Scaled " + workload + " to " + workload.replicas());
        }
        return report(volume, plan.persistentVolumeBefore());
    }

    private Optional<String> undo(RelinkPlan plan, Volume volume) {
        return new RelinkUndo(cluster, config.startTimeout()).undo(plan, volume, Remains.REMOVE);
    }

    /** Who uses the claim by now: hours may have passed since it was looked at. */
    private RelinkPlan plan(RelinkPlan begun) throws BackupException, InterruptedException {
        run.checkpoint();
        List<ScaledWorkload> users = new ClaimUsers(cluster).workloads(claim);
        Optional<ObjectNode> current = operations.claim(claim);
        String bound = current.map(
                        object -> object.path("spec").path("volumeName").asText(""))
                .orElse("");
        Optional<ObjectNode> persistentVolume =
                bound.isEmpty() ? Optional.empty() : cluster.find(ResourceType.PERSISTENT_VOLUME, bound);
        return begun.swapping(
                users,
                current.orElse(null),
                bound,
                persistentVolume
                        .map(object ->
                                object.at("/spec/persistentVolumeReclaimPolicy").asText("Delete"))
                        .orElse("Retain"));
    }

    private void note(RelinkPlan plan, Volume volume) throws BackupException, InterruptedException {
        cluster.patch(ResourceType.VOLUME, cluster.namespace(), volume.name(), plan.patch());
    }

    private void swap(RelinkPlan plan, Volume volume) throws BackupException, InterruptedException {
        operations.scaleDown(claim, plan.workloads());
        for (ScaledWorkload workload : plan.workloads()) {
            steps.add("Scaled " + workload + " from " + workload.replicas() + " to 0");
        }
        operations.awaitUnused(claim, plan.workloads());
        run.checkpoint();
        if (!plan.persistentVolumeBefore().isEmpty()) {
            operations.keep(plan.persistentVolumeBefore(), plan.policyBefore());
            steps.add("Kept persistent volume " + plan.persistentVolumeBefore());
        }
        cluster.create(
                ResourceType.PERSISTENT_VOLUME,
                manifests.persistentVolume(plan.persistentVolume(), volume.name(), volume.sizeBytes()));
        steps.add("Created persistent volume " + plan.persistentVolume());
        if (!plan.claimUidBefore().isEmpty()) {
            operations.deleteClaim(claim, plan.claimUidBefore(), plan.workloads());
        }
        operations.bind(
                claim,
                manifests.claim(plan.persistentVolume(), volume.sizeBytes()),
                plan.persistentVolume(),
                plan.workloads());
        steps.add("Bound claim " + claim + " to persistent volume " + plan.persistentVolume());
        awaitKnown(volume.name());
        ObjectNode patch = plan.in(State.BOUND).patch();
        patch.withObject("/metadata").set("labels", manifests.jobLabels());
        cluster.patch(ResourceType.VOLUME, cluster.namespace(), volume.name(), patch);
    }

    private void awaitKnown(String volume) throws BackupException, InterruptedException {
        new ClaimOperations(cluster, KNOWN_WITHIN)
                .await(
                        "volume " + volume,
                        "Longhorn does not know it as that of claim " + claim,
                        "look at longhorn-manager",
                        () -> cluster.find(ResourceType.VOLUME, volume)
                                .filter(now -> now.kubernetes().isBound()
                                        && now.kubernetes().claim().equals(claim.toString()))
                                .isPresent());
    }

    private RestoreReport report(Volume volume, String kept) {
        List<String> next = new ArrayList<>();
        next.add("Look whether the workload is well");
        if (!kept.isEmpty()) {
            next.add("The volume before is kept as PersistentVolume " + kept
                    + ": to have it back, restore --undo; when nobody needs it, delete that, and its Longhorn volume");
        }
        return new RestoreReport(
                List.of(ItemResult.done(record.item(), record.facts())),
                steps,
                List.of(Check.passed(
                        "bound",
                        "claim " + claim + " is bound to volume " + volume.name() + ", as volume " + record.volume()
                                + " was at " + record.snapshotCreatedAt())),
                next);
    }
}
