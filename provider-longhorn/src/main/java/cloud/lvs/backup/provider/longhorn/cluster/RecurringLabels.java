package cloud.lvs.backup.provider.longhorn.cluster;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The recurring jobs and groups that a volume is labelled with, as Longhorn reads them: the labels of the claim instead of the
 * volume's where the claim says so, and the group {@code default} for a volume without any.
 *
 * @param labels those that count, by key; {@code enabled} is the only value that means something
 * @param owner whose labels they are
 * @param ignoredLabels keys of labels of the claim that Longhorn does not read
 * @param ignoredAnnotations keys of annotations of the claim that look as if they meant something
 * @see <a href="https://longhorn.io/docs/latest/snapshots-and-backups/scheduling-backups-and-snapshots/">Recurring jobs</a>
 */
public record RecurringLabels(
        Map<String, String> labels, Owner owner, List<String> ignoredLabels, List<String> ignoredAnnotations) {
    /** Whose labels count. */
    public enum Owner {
        VOLUME,
        CLAIM
    }

    private static final String ENABLED = "enabled";
    private static final String DEFAULT_GROUP = RecurringJob.GROUP_LABEL + "default";

    public RecurringLabels {
        labels = Map.copyOf(labels);
        ignoredLabels = List.copyOf(ignoredLabels);
        ignoredAnnotations = List.copyOf(ignoredAnnotations);
    }

    /** @param claim what is bound to the volume, or null if nothing is, or it cannot be read */
    static RecurringLabels of(Volume volume, @Nullable ObjectMetadata claim) {
        if (claim == null) {
            return new RecurringLabels(recurring(volume.metadata()), Owner.VOLUME, List.of(), List.of());
        }
        List<String> annotations = claim.annotations().keySet().stream()
                .filter(key -> key.contains("recurring"))
                .sorted()
                .toList();
        return ENABLED.equals(claim.labels().get(RecurringJob.SOURCE_LABEL))
                ? new RecurringLabels(recurring(claim), Owner.CLAIM, List.of(), annotations)
                : new RecurringLabels(
                        recurring(volume.metadata()),
                        Owner.VOLUME,
                        List.copyOf(recurring(claim).keySet()),
                        annotations);
    }

    private static TreeMap<String, String> recurring(ObjectMetadata metadata) {
        TreeMap<String, String> recurring = new TreeMap<>();
        metadata.labels().forEach((key, value) -> {
            boolean names = key.startsWith(RecurringJob.JOB_LABEL) || key.startsWith(RecurringJob.GROUP_LABEL);
            if (names && !key.equals(RecurringJob.SOURCE_LABEL)) {
                recurring.put(key, value);
            }
        });
        return recurring;
    }

    /** @param label the key of a job's or a group's label */
    public boolean isIn(String label) {
        return ENABLED.equals(labels.get(label)) || labels.isEmpty() && label.equals(DEFAULT_GROUP);
    }

    /** Whether a job takes the volume, by its own label or by that of one of its groups. */
    public boolean areOf(RecurringJob job) {
        return job.selectors().stream().anyMatch(this::isIn);
    }

    /** Whether a label keeps the volume out of the group {@code default}. */
    public boolean leaveDefault() {
        return !labels.isEmpty() && !isIn(DEFAULT_GROUP);
    }
}
