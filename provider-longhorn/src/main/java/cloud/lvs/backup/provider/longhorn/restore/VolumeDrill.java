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
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.DurationFormat;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Restores volumes under scratch names, one after the other, and removes each again. */
final class VolumeDrill {
    private final Cluster cluster;
    private final LonghornConfig config;
    private final LonghornRestoreOptions options;
    private final RunContext run;
    private final List<Check> checks = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private final List<ItemResult> items = new ArrayList<>();

    VolumeDrill(Cluster cluster, LonghornConfig config, LonghornRestoreOptions options, RunContext run) {
        this.cluster = cluster;
        this.config = config;
        this.options = options;
        this.run = run;
    }

    RestoreReport rehearse(List<VolumeRecord> records) throws BackupException, InterruptedException {
        removeForgotten();
        for (VolumeRecord record : records) {
            run.checkpoint();
            rehearse(record);
        }
        return new RestoreReport(items, steps, checks, List.of());
    }

    /** A drill that was killed leaves its volume; one that is at work is younger than a restore may take. */
    private void removeForgotten() throws BackupException, InterruptedException {
        Instant oldest = cluster.waiting().now().minus(options.timeout());
        for (Volume volume : cluster.list(ResourceType.VOLUME, RestoreMarks.selecting(Purpose.DRILL))) {
            Instant created = volume.metadata().createdAt();
            if (!run.job().equals(volume.metadata().labels().get(RestoreMarks.JOB))) {
                continue;
            }
            if (created != null && created.isAfter(oldest)) {
                run.warn("volume " + volume.name() + " is of another drill of this job, begun at " + created
                        + "; where that is dead, a drill removes it after " + DurationFormat.text(options.timeout()));
                continue;
            }
            steps.add("Remove volume " + volume.name() + ", which a drill that was killed has left");
            remove(volume);
        }
    }

    private void rehearse(VolumeRecord record) throws BackupException, InterruptedException {
        Instant began = cluster.waiting().now();
        String subject = "volume " + record.volume() + ", backup " + record.backup() + ": ";
        Volume volume;
        try {
            run.phase("find " + record.item());
            Backup backup = new BackupLookup(cluster, run).find(record);
            ObjectNode manifest = VolumeManifest.of(
                    RestoreMarks.name(run, Purpose.DRILL, record.volume()),
                    record,
                    backup,
                    options,
                    cluster.version(),
                    RestoreMarks.of(run, Purpose.DRILL));
            run.phase("restore " + record.item());
            steps.add("Restore " + subject + "as volume "
                    + manifest.path("metadata").path("name").asText());
            volume = new VolumeRestore(cluster, config, options, run, record.item()).restore(manifest);
        } catch (BackupException e) {
            checks.add(Check.failed("restore", subject + e.getMessage() + " (" + e.remedy() + ")"));
            items.add(ItemResult.failed(record.item(), e));
            return;
        }
        Duration took = Duration.between(began, cluster.waiting().now());
        try {
            checks.add(
                    volume.sizeBytes() >= record.volumeSizeBytes()
                            ? Check.passed(
                                    "restore",
                                    subject + "restored as volume " + volume.name() + " of " + volume.sizeBytes()
                                            + " bytes in " + took.toSeconds() + " s")
                            : Check.failed(
                                    "restore",
                                    subject + "the restored volume has " + volume.sizeBytes() + " bytes, not "
                                            + record.volumeSizeBytes()));
            items.add(ItemResult.done(record.item(), record.facts()));
        } finally {
            run.phase("clean up " + record.item());
            remove(volume);
        }
    }

    private void remove(Volume volume) {
        Optional<String> left = new OwnVolumes(cluster, config.deleteTimeout()).remove(volume);
        left.ifPresent(problem -> checks.add(Check.failed("clean-up", problem)));
        if (left.isEmpty()) {
            steps.add("Removed volume " + volume.name());
        }
    }
}
