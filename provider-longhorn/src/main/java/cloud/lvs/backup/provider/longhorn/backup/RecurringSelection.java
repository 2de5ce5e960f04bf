package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.cluster.Claims;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.RecurringJob;
import cloud.lvs.backup.provider.longhorn.cluster.RecurringLabels;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which volumes Longhorn would take for a group or a recurring job: labels with the value {@code enabled}, those of the claim
 * instead where the claim is their source, and the group {@code default} for volumes without any such label.
 *
 * @param wanted the labels of which a volume needs one; empty if any volume will do
 * @param claims whose labels may count instead of the volume's
 */
record RecurringSelection(List<String> wanted, Claims claims) {
    private static final String DEFAULT_GROUP = RecurringJob.GROUP_LABEL + "default";

    static RecurringSelection of(LonghornConfig config, Cluster cluster) throws BackupException, InterruptedException {
        List<String> wanted = new ArrayList<>();
        if (config.group() != null) {
            wanted.add(RecurringJob.GROUP_LABEL + config.group());
        }
        if (config.recurringJob() != null) {
            RecurringJob job = cluster.find(ResourceType.RECURRING_JOB, config.recurringJob())
                    .orElseThrow(() -> new BackupException(
                            Kind.CONFIG,
                            "recurringJob " + config.recurringJob(),
                            "does not exist in Longhorn",
                            "name one of: kubectl get recurringjobs.longhorn.io -A"));
            wanted.addAll(job.selectors());
        }
        return new RecurringSelection(List.copyOf(wanted), wanted.isEmpty() ? Claims.NONE : Claims.of(cluster));
    }

    /** Why a volume is none of those; empty if it is one. */
    Optional<String> mismatch(Volume volume) {
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        RecurringLabels recurring = claims.recurringLabels(volume);
        return wanted.stream().anyMatch(recurring::isIn) ? Optional.empty() : Optional.of(reason(recurring));
    }

    private String reason(RecurringLabels recurring) {
        StringBuilder reason = new StringBuilder();
        reason.append("has no label ").append(String.join("=enabled, ", wanted)).append("=enabled");
        if (!recurring.labels().isEmpty()) {
            reason.append(recurring.owner() == RecurringLabels.Owner.CLAIM ? "; its claim has " : "; it has ")
                    .append(recurring.labels().entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(label -> label.getKey() + "=" + label.getValue())
                            .collect(Collectors.joining(", ")));
            if (wanted.contains(DEFAULT_GROUP)) {
                reason.append(", and any such label takes it out of group default");
            }
        }
        if (!recurring.ignoredLabels().isEmpty()) {
            reason.append("; its claim has ")
                    .append(String.join(", ", recurring.ignoredLabels()))
                    .append(", which Longhorn reads only beside ")
                    .append(RecurringJob.SOURCE_LABEL)
                    .append("=enabled");
        }
        recurring
                .ignoredAnnotations()
                .forEach(key -> reason.append("; its claim has the annotation ")
                        .append(key)
                        .append(", which means nothing to Longhorn"));
        return reason.toString();
    }
}
