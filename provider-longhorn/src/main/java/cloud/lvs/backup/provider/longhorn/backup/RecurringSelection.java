package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ObjectMetadata;
import cloud.lvs.backup.provider.longhorn.cluster.RecurringJob;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which volumes Longhorn would take for a group or a recurring job: labels with the value {@code enabled}, those of the claim
 * instead where the claim is their source, and the group {@code default} for volumes without any such label.
 *
 * @param wanted the labels of which a volume needs one; empty if any volume will do
 * @param claims what is known of claims, by {@code namespace/name}
 */
record RecurringSelection(List<String> wanted, Map<String, ObjectMetadata> claims) {
    private static final String ENABLED = "enabled";
    private static final String DEFAULT_GROUP = RecurringJob.GROUP_LABEL + "default";

    static RecurringSelection of(LonghornConfig config, Cluster cluster) throws BackupException, InterruptedException {
        List<String> wanted = new ArrayList<>();
        if (config.group() != null) {
            wanted.add(RecurringJob.GROUP_LABEL + config.group());
        }
        if (config.recurringJob() != null) {
            wanted.add(RecurringJob.JOB_LABEL + config.recurringJob());
            RecurringJob job = cluster.find(ResourceType.RECURRING_JOB, config.recurringJob())
                    .orElseThrow(() -> new BackupException(
                            Kind.CONFIG,
                            "recurringJob " + config.recurringJob(),
                            "does not exist in Longhorn",
                            "name one of: kubectl get recurringjobs.longhorn.io -A"));
            job.groups().forEach(group -> wanted.add(RecurringJob.GROUP_LABEL + group));
        }
        return new RecurringSelection(List.copyOf(wanted), wanted.isEmpty() ? Map.of() : claims(cluster));
    }

    private static Map<String, ObjectMetadata> claims(Cluster cluster) throws BackupException, InterruptedException {
        Map<String, ObjectMetadata> claims = new HashMap<>();
        try {
            cluster.list(ResourceType.CLAIM, "", Map.of()).stream()
                    .map(ObjectMetadata::of)
                    .forEach(claim -> claims.put(claim.namespace() + "/" + claim.name(), claim));
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            // Longhorn copies the labels of a claim to its volume: without the claims only the latest ones are missed.
        }
        return claims;
    }

    /** Why a volume is none of those; empty if it is one. */
    Optional<String> mismatch(Volume volume) {
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        ObjectMetadata claim =
                volume.kubernetes().isBound() ? claims.get(volume.kubernetes().claim()) : null;
        boolean byClaim = false;
        Map<String, String> labels = recurring(volume.metadata().labels());
        if (claim != null && ENABLED.equals(claim.labels().get(RecurringJob.SOURCE_LABEL))) {
            byClaim = true;
            labels = recurring(claim.labels());
        }
        if (hasOneOf(labels)) {
            return Optional.empty();
        }
        if (labels.isEmpty() && wanted.contains(DEFAULT_GROUP)) {
            return Optional.empty();
        }
        return Optional.of(reason(labels, claim, byClaim));
    }

    private boolean hasOneOf(Map<String, String> labels) {
        return wanted.stream().anyMatch(label -> ENABLED.equals(labels.get(label)));
    }

    private String reason(Map<String, String> labels, @Nullable ObjectMetadata claim, boolean byClaim) {
        StringBuilder reason = new StringBuilder();
        String has = labels.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(", "));
        reason.append("has no label ").append(String.join("=enabled, ", wanted)).append("=enabled");
        if (!has.isEmpty()) {
            reason.append(byClaim ? "; its claim has " : "; it has ").append(has);
            if (wanted.contains(DEFAULT_GROUP)) {
                reason.append(", and any such label takes it out of group default");
            }
        }
        if (claim != null && !byClaim) {
            Set<String> ignored = recurring(claim.labels()).keySet();
            if (!ignored.isEmpty()) {
                reason.append("; its claim has ")
                        .append(String.join(", ", ignored))
                        .append(", which Longhorn reads only beside ")
                        .append(RecurringJob.SOURCE_LABEL)
                        .append("=enabled");
            }
            claim.annotations().keySet().stream()
                    .filter(key -> key.contains("recurring"))
                    .sorted()
                    .forEach(key -> reason.append("; its claim has the annotation ")
                            .append(key)
                            .append(", which means nothing to Longhorn"));
        }
        return reason.toString();
    }

    private static Map<String, String> recurring(Map<String, String> labels) {
        Map<String, String> recurring = new LinkedHashMap<>();
        labels.entrySet().stream()
                .filter(label -> !label.getKey().equals(RecurringJob.SOURCE_LABEL))
                .filter(label -> label.getKey().startsWith(RecurringJob.JOB_LABEL)
                        || label.getKey().startsWith(RecurringJob.GROUP_LABEL))
                .sorted(Map.Entry.comparingByKey())
                .forEach(label -> recurring.put(label.getKey(), label.getValue()));
        return recurring;
    }
}
