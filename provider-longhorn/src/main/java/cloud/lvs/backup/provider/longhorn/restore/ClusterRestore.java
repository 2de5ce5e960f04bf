package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.LonghornRestoreOptions;
import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.provider.longhorn.restore.RestoreMarks.Purpose;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ItemSelection;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Restores volumes by Longhorn itself, in the cluster. */
public final class ClusterRestore {
    private final Cluster cluster;
    private final LonghornConfig config;
    private final LonghornRestoreOptions options;
    private final RestoreRequest request;
    private final RunContext run;

    /** @param options of the request */
    public ClusterRestore(
            Cluster cluster,
            LonghornConfig config,
            LonghornRestoreOptions options,
            RestoreRequest request,
            RunContext run) {
        this.cluster = cluster;
        this.config = config;
        this.options = options;
        this.request = request;
        this.run = run;
    }

    private boolean isDryRun() {
        return request.mode() == Mode.DRY_RUN;
    }

    private List<VolumeRecord> wanted(List<VolumeRecord> records) throws BackupException {
        ItemSelection.requirePresent(
                request.items(), records.stream().map(VolumeRecord::item).toList());
        return records.stream()
                .filter(record -> request.items().isEmpty() || request.items().contains(record.item()))
                .toList();
    }

    /** Makes a volume of a name that nobody has yet. */
    public RestoreReport toVolume(List<VolumeRecord> records, String name)
            throws BackupException, InterruptedException {
        VolumeManifest.requireName(name);
        List<VolumeRecord> wanted = wanted(records);
        if (wanted.size() != 1) {
            throw new BackupException(
                    Kind.CONFIG,
                    "volume " + name,
                    "cannot be made of " + wanted.size() + " volumes at once",
                    "name one of them: --item "
                            + wanted.stream()
                                    .map(VolumeRecord::item)
                                    .findFirst()
                                    .orElse("NAMESPACE/CLAIM"));
        }
        VolumeRecord record = wanted.get(0);
        List<String> steps = new ArrayList<>(new TargetRepair(cluster, options, run).repair(wanted, request.mode()));
        if (isDryRun() && options.repairTarget()) {
            steps.add("Restore volume " + record.volume() + " as it was at " + record.snapshotCreatedAt()
                    + " as volume " + name);
            return new RestoreReport(
                    List.of(ItemResult.done(record.item(), record.facts())), steps, List.of(), List.of());
        }
        Backup backup = new BackupLookup(cluster, run).find(record);
        ObjectNode manifest = VolumeManifest.of(
                name, record, backup, options, cluster.version(), RestoreMarks.of(run, Purpose.VOLUME));
        steps.add("Create Volume " + cluster.namespace() + "/" + name + ": " + manifest);
        if (isDryRun()) {
            requireFree(name);
            new Placement(cluster)
                    .problem(manifest, backup.volumeSizeBytes())
                    .ifPresent(problem -> run.warn("volume " + name + ": " + problem));
            cluster.tryToCreate(ResourceType.VOLUME, manifest);
            return new RestoreReport(
                    List.of(ItemResult.done(record.item(), record.facts())), steps, List.of(), List.of());
        }
        Volume volume = new VolumeRestore(cluster, config, options, run, record.item()).restore(manifest);
        return new RestoreReport(
                List.of(ItemResult.done(record.item(), record.facts())),
                steps,
                List.of(Check.passed(
                        "restore",
                        "volume " + record.volume() + " as it was at " + record.snapshotCreatedAt() + ": volume "
                                + volume.name() + " of " + volume.sizeBytes() + " bytes is restored")),
                List.of(
                        "Use it by a PersistentVolume with volumeHandle " + volume.name() + "; its size is "
                                + volume.sizeBytes(),
                        "No recurring job is for it: it is in the group lvs-backup-restored, which no job names"));
    }

    private void requireFree(String name) throws BackupException, InterruptedException {
        if (cluster.find(ResourceType.VOLUME, name).isPresent()) {
            throw new BackupException(Kind.CONFIG, "volume " + name, "exists", "name another");
        }
    }

    /** Restores under scratch names, looks, and removes all of it. */
    public RestoreReport rehearse(List<VolumeRecord> records) throws BackupException, InterruptedException {
        List<VolumeRecord> wanted = wanted(records);
        if (isDryRun()) {
            List<String> steps = new ArrayList<>();
            for (VolumeRecord record : wanted) {
                steps.add("Restore volume " + record.volume() + ", backup " + record.backup() + ", as volume "
                        + RestoreMarks.name(run, Purpose.DRILL, record.volume()) + ", and remove it again");
            }
            return new RestoreReport(
                    wanted.stream()
                            .map(record -> ItemResult.done(record.item(), record.facts()))
                            .toList(),
                    steps,
                    List.of(),
                    List.of());
        }
        return new VolumeDrill(cluster, config, options, run).rehearse(wanted);
    }

    /** Gives volumes back to their claims. */
    public RestoreReport inPlace(List<VolumeRecord> records) throws BackupException, InterruptedException {
        if (!options.relink()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "source longhorn",
                    "in place, a volume is given back to its claim, and its workload is stopped meanwhile",
                    "say so: --in-place --set relink=true, with --item NAMESPACE/CLAIM for one of them");
        }
        requireConsent("replaces the volumes of claims");
        List<VolumeRecord> wanted = wanted(records);
        List<String> steps = new ArrayList<>(new TargetRepair(cluster, options, run).repair(wanted, request.mode()));
        List<ItemResult> items = new ArrayList<>();
        List<Check> checks = new ArrayList<>();
        List<String> nextSteps = new ArrayList<>();
        for (VolumeRecord record : wanted) {
            run.checkpoint();
            try {
                RestoreReport report = new Relink(cluster, config, options, run, record).execute(request.mode());
                items.addAll(report.items());
                steps.addAll(report.steps());
                checks.addAll(report.checks());
                nextSteps.addAll(report.nextSteps());
            } catch (BackupException e) {
                if (wanted.size() == 1) {
                    throw e;
                }
                items.add(ItemResult.failed(record.item(), e));
            }
        }
        return new RestoreReport(items, steps, checks, nextSteps);
    }

    /** Gives claims the volumes back that they had before they were relinked. */
    public RestoreReport undo() throws BackupException, InterruptedException {
        requireConsent("gives claims their earlier volumes back");
        return new UnfinishedRelinks(cluster, config, run).undo(request.items(), request.mode());
    }

    private void requireConsent(String effect) throws BackupException {
        if (request.consent() != Consent.GIVEN && !isDryRun()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "the cluster",
                    effect + ", and nobody agreed to that",
                    "look with --dry-run first," + " then add --yes");
        }
    }
}
