package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.ObjectMetadata;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.KeyStem;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Labels and annotations of what a restore makes: what bears none of them is never deleted. */
final class RestoreMarks {
    /** The label that says that this tool made it. */
    static final String TOOL = "backup.lvs.cloud/tool";

    /** The label that says for which job. */
    static final String JOB = "backup.lvs.cloud/job";

    /** The label that says in which run; on claims and persistent volumes an annotation. */
    static final String RUN = "backup.lvs.cloud/run";

    /** The label of a volume that says what it was made for. */
    static final String PURPOSE = "backup.lvs.cloud/restore";

    /** The annotation of a volume that holds the {@link RelinkPlan}. */
    static final String PLAN = "backup.lvs.cloud/relink";

    /** The annotation of a persistent volume that is kept, with what its reclaim policy was. */
    static final String POLICY_BEFORE = "backup.lvs.cloud/reclaim-policy-before";

    /** The annotation that tells the backup. */
    static final String BACKUP = "backup.lvs.cloud/backup";

    /**
     * A group of recurring jobs that no job names: a volume without any label of a job or group gets into the group
     * {@code default}, and is backed up.
     */
    static final String OWN_GROUP = "recurring-job-group.longhorn.io/lvs-backup-restored";

    static final String TOOL_NAME = "lvs-backup";
    private static final int VOLUME_DIGITS = 8;

    /** What a volume is made for. */
    enum Purpose {
        /** For the operator, who has it from then on. */
        VOLUME,
        /** To be looked at and removed. */
        DRILL,
        /** For a claim. */
        RELINK,
        /** For a claim that was given its earlier volume back. */
        UNDONE;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private RestoreMarks() {}

    static Map<String, String> of(RunContext run, Purpose purpose) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(TOOL, TOOL_NAME);
        labels.put(JOB, run.job());
        labels.put(RUN, run.run().value());
        labels.put(PURPOSE, purpose.text());
        labels.put(OWN_GROUP, "enabled");
        return labels;
    }

    /** Selects volumes of a purpose, of any job. */
    static Map<String, String> selecting(Purpose purpose) {
        return Map.of(TOOL, TOOL_NAME, PURPOSE, purpose.text());
    }

    static boolean isFor(ObjectMetadata metadata, Purpose purpose) {
        return TOOL_NAME.equals(metadata.labels().get(TOOL))
                && purpose.text().equals(metadata.labels().get(PURPOSE));
    }

    /** Whether an object without labels of ours was made, or is kept, by this tool. */
    static boolean isOurs(ObjectNode object) {
        return object.path("metadata").path("annotations").has(RUN);
    }

    /** A name that Longhorn takes as it is: at most 40 characters. */
    static String name(RunContext run, Purpose purpose, String volume) {
        return "lvs-" + purpose.text() + "-" + run.run().value() + "-"
                + KeyStem.sha256(volume).substring(0, VOLUME_DIGITS);
    }
}
