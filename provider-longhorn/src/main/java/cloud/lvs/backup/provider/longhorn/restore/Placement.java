package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a cluster cannot place of a volume, as far as its nodes tell: Longhorn itself says so only once the volume is there, in its
 * condition {@code Scheduled}.
 *
 * @param cluster whose nodes are looked at
 */
record Placement(Cluster cluster) {
    private static final long USUAL_PERCENT = 100;

    /** What stands against the replicas of a volume; empty if nothing does. */
    Optional<String> problem(ObjectNode manifest, long sizeBytes) throws BackupException, InterruptedException {
        JsonNode spec = manifest.path("spec");
        int replicas = spec.path("numberOfReplicas").asInt(1);
        boolean soft = spec.path("replicaSoftAntiAffinity").asText("").equals("enabled")
                || cluster.find(ResourceType.SETTING, "replica-soft-anti-affinity")
                        .filter(setting -> setting.path("value").asText("").equals("true"))
                        .isPresent();
        long percent = cluster.find(ResourceType.SETTING, "storage-over-provisioning-percentage")
                .map(setting -> setting.path("value").asLong(USUAL_PERCENT))
                .orElse(USUAL_PERCENT);
        List<String> reasons = new ArrayList<>();
        int fit = 0;
        for (ObjectNode node : cluster.list(ResourceType.NODE)) {
            Optional<String> reason = obstacle(node, spec, sizeBytes, percent);
            if (reason.isEmpty()) {
                fit++;
            } else {
                reasons.add("node " + node.path("metadata").path("name").asText() + " " + reason.get());
            }
        }
        if (fit >= replicas || (soft && fit > 0)) {
            return Optional.empty();
        }
        return Optional.of("the cluster can place " + fit + " of its " + replicas + " replicas"
                + (reasons.isEmpty() ? ": there are no more nodes" : ": " + String.join("; ", reasons))
                + " (--set replicas=" + Math.max(1, fit) + (fit == 0 ? ", --set tags=ignore, or make room" : "")
                + ")");
    }

    private static Optional<String> obstacle(ObjectNode node, JsonNode spec, long sizeBytes, long percent) {
        if (!node.path("spec").path("allowScheduling").asBoolean(true)) {
            return Optional.of("takes no replicas");
        }
        for (JsonNode condition : node.path("status").path("conditions")) {
            String type = condition.path("type").asText("");
            if ((type.equals("Ready") || type.equals("Schedulable"))
                    && condition.path("status").asText("").equals("False")) {
                return Optional.of("is not " + type.toLowerCase(java.util.Locale.ROOT));
            }
        }
        Set<String> missing =
                missing(spec.path("nodeSelector"), node.path("spec").path("tags"));
        if (!missing.isEmpty()) {
            return Optional.of("lacks the tags " + missing);
        }
        String reason = "has no disk";
        for (Map.Entry<String, JsonNode> disk :
                node.path("status").path("diskStatus").properties()) {
            JsonNode wanted = node.path("spec").path("disks").path(disk.getKey());
            Set<String> tags = missing(spec.path("diskSelector"), wanted.path("tags"));
            long usable = disk.getValue().path("storageMaximum").asLong(0)
                    - wanted.path("storageReserved").asLong(0);
            long room = usable / 100 * percent
                    - disk.getValue().path("storageScheduled").asLong(0);
            if (!wanted.path("allowScheduling").asBoolean(true)) {
                reason = "has no disk that takes replicas";
            } else if (!tags.isEmpty()) {
                reason = "has no disk with the tags " + tags;
            } else if (room < sizeBytes) {
                reason = "has room for " + room + " bytes, not for " + sizeBytes;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(reason);
    }

    private static Set<String> missing(JsonNode wanted, JsonNode present) {
        Set<String> missing = new HashSet<>();
        wanted.forEach(tag -> missing.add(tag.asText()));
        present.forEach(tag -> missing.remove(tag.asText()));
        return missing;
    }
}
