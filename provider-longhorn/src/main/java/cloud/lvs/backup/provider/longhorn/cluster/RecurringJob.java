package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Work that Longhorn itself schedules.
 *
 * @param metadata its name is what labels of volumes mention
 * @param groups the groups of volumes that it is for, too
 * @param task e.g. {@code backup} or {@code snapshot}
 * @param cron when
 * @param retain how many it keeps
 * @param concurrency how many volumes at once
 * @param labels what it gives to its snapshots and backups
 * @param parameters e.g. {@code full-backup-interval}
 */
public record RecurringJob(
        ObjectMetadata metadata,
        List<String> groups,
        String task,
        String cron,
        long retain,
        long concurrency,
        Map<String, String> labels,
        Map<String, String> parameters) {
    /** Begins the label of a volume that names a job. */
    public static final String JOB_LABEL = "recurring-job.longhorn.io/";

    /** Begins the label of a volume that names a group. */
    public static final String GROUP_LABEL = "recurring-job-group.longhorn.io/";

    /** The label of a claim without which its labels of this kind mean nothing. */
    public static final String SOURCE_LABEL = JOB_LABEL + "source";

    public RecurringJob {
        groups = List.copyOf(groups);
        labels = Map.copyOf(labels);
        parameters = Map.copyOf(parameters);
    }

    static RecurringJob of(JsonNode object) {
        JsonFields spec = new JsonFields(object.path("spec"));
        return new RecurringJob(
                ObjectMetadata.of(object),
                spec.textList("groups"),
                spec.text("task"),
                spec.text("cron"),
                spec.number("retain"),
                spec.number("concurrency"),
                spec.texts("labels"),
                spec.texts("parameters"));
    }

    public String name() {
        return metadata.name();
    }

    /** The keys of the labels of which a volume needs one. */
    public List<String> selectors() {
        return Stream.concat(Stream.of(JOB_LABEL + name()), groups.stream().map(group -> GROUP_LABEL + group))
                .toList();
    }

    public boolean isBackup() {
        return task.equals("backup") || task.equals("backup-force-create");
    }
}
