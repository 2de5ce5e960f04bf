package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.LonghornVersion;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RunContext;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to be made of a volume in a run.
 *
 * @param volume the volume
 * @param name of the snapshot, and of the backup
 * @param labels of both
 * @param sinceFull how many backups there are since the last full one; 0 is a full one, or the first
 * @param full whether it uploads every block anew
 * @param version of Longhorn
 */
record BackupPlan(
        Volume volume, String name, Map<String, String> labels, int sinceFull, boolean full, LonghornVersion version) {
    private static final String KUBERNETES_STATUS = "KubernetesStatus";

    /**
     * @param earlier the backups of the volume
     * @param fullEvery how many backups there are from one full one to the next, or null for none
     */
    static BackupPlan of(
            Volume volume, List<Backup> earlier, @Nullable Integer fullEvery, Cluster cluster, RunContext run)
            throws BackupException, InterruptedException {
        LonghornVersion version = cluster.version();
        Optional<Integer> last = earlier.stream()
                .filter(backup -> backup.isComplete() && OwnLabels.isOfJob(backup, run.job()))
                .filter(backup -> backup.snapshotCreatedAt() != null)
                .max(Comparator.comparing(Backup::snapshotCreatedAt))
                .map(backup -> number(backup.label(OwnLabels.SINCE_FULL)));
        int next = last.map(count -> count + 1).orElse(0);
        boolean full = fullEvery != null && last.isPresent() && next >= fullEvery && version.hasBackupMode();
        return new BackupPlan(
                volume, OwnLabels.name(run, volume.name()), OwnLabels.of(run), full ? 0 : next, full, version);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            // Somebody else's text: the count begins anew.
            return 0;
        }
    }

    ObjectNode snapshot() {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = manifest.putObject("metadata").put("name", name);
        put(metadata.putObject("labels"), labels);
        ObjectNode spec = manifest.putObject("spec");
        spec.put("volume", volume.name()).put("createSnapshot", true);
        put(spec.putObject("labels"), labels);
        return manifest;
    }

    /**
     * @param backupName its name
     * @param current the volume as it is now, whose claim becomes part of the backup: Longhorn itself adds that only to those
     *     that are made by its user interface
     */
    ObjectNode backup(String backupName, Volume current) {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = manifest.putObject("metadata").put("name", backupName);
        ObjectNode selectors = metadata.putObject("labels");
        put(selectors, labels);
        selectors.put(Backup.VOLUME_LABEL, volume.name());
        if (version.hasSeveralTargets()) {
            selectors.put(Backup.TARGET_LABEL, current.backupTarget());
        }
        ObjectNode spec = manifest.putObject("spec").put("snapshotName", name);
        if (version.hasBackupMode()) {
            spec.put("backupMode", mode());
        }
        put(spec.putObject("labels"), backupLabels(current));
        return manifest;
    }

    private Map<String, String> backupLabels(Volume current) {
        Map<String, String> all = new LinkedHashMap<>(labels);
        all.put(OwnLabels.SINCE_FULL, Integer.toString(sinceFull));
        if (!current.kubernetes().claim().isEmpty()) {
            all.put(KUBERNETES_STATUS, current.kubernetes().json().toString());
        }
        return all;
    }

    private static void put(ObjectNode object, Map<String, String> texts) {
        texts.forEach(object::put);
    }

    String mode() {
        return full ? "full" : "incremental";
    }
}
