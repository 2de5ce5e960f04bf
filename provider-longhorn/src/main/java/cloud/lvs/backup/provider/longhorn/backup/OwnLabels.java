package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Snapshot;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.KeyStem;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Names and labels of the snapshots and backups that this tool makes: what bears none of its labels is never touched. */
public final class OwnLabels {
    /** Says that this tool made it. */
    public static final String TOOL = "backup.lvs.cloud/tool";

    /** Says for which job. */
    public static final String JOB = "backup.lvs.cloud/job";

    /** Says in which run. */
    public static final String RUN = "backup.lvs.cloud/run";

    /** Says how many backups of the volume there were since the last full one. */
    static final String SINCE_FULL = "backup.lvs.cloud/since-full";

    private static final String TOOL_NAME = "lvs-backup";
    private static final int VOLUME_DIGITS = 8;

    private OwnLabels() {}

    static Map<String, String> of(RunContext run) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(TOOL, TOOL_NAME);
        labels.put(JOB, run.job());
        labels.put(RUN, run.run().value());
        return labels;
    }

    /** The labels of whatever this tool made for a job. */
    static Map<String, String> ofJob(String job) {
        return Map.of(TOOL, TOOL_NAME, JOB, job);
    }

    /**
     * The name of a volume's snapshot in a run, and of the backup made of it: unique in the namespace, and at most 63 characters,
     * since Longhorn 1.12.1 cannot delete a snapshot with a longer one.
     */
    static String name(RunContext run, String volume) {
        return "lvs-" + BackupId.format(run.timestamp()).toLowerCase(Locale.ROOT) + "-" + run.run() + "-"
                + KeyStem.sha256(volume).substring(0, VOLUME_DIGITS);
    }

    static boolean isOurs(Backup backup) {
        return TOOL_NAME.equals(label(backup, TOOL));
    }

    static boolean isOfRun(Backup backup, String run) {
        return isOurs(backup) && run.equals(label(backup, RUN));
    }

    static boolean isOfJob(Backup backup, String job) {
        return isOurs(backup) && job.equals(label(backup, JOB));
    }

    static boolean isOfRun(Snapshot snapshot, String run) {
        return TOOL_NAME.equals(label(snapshot, TOOL)) && run.equals(label(snapshot, RUN));
    }

    /** What lies in the target says most; an object that was just made has nothing there yet. */
    private static String label(Backup backup, String key) {
        String label = backup.label(key);
        return label.isEmpty() ? backup.metadata().labels().getOrDefault(key, "") : label;
    }

    private static String label(Snapshot snapshot, String key) {
        return snapshot.labels().getOrDefault(key, snapshot.metadata().labels().getOrDefault(key, ""));
    }
}
