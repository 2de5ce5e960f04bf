package cloud.lvs.backup.provider.longhorn.cluster;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The persistent volume claims of a cluster.
 *
 * @param byName the metadata of each, by {@code namespace/name}
 */
public record Claims(Map<String, ObjectMetadata> byName) {
    /** None. */
    public static final Claims NONE = new Claims(Map.of());

    public Claims {
        byName = Map.copyOf(byName);
    }

    /** Those of all namespaces; none where they may not be listed: Longhorn copies their labels to the volumes, a little later. */
    public static Claims of(Cluster cluster) throws BackupException, InterruptedException {
        Map<String, ObjectMetadata> claims = new HashMap<>();
        try {
            for (ObjectNode object : cluster.list(ResourceType.CLAIM, "", Map.of())) {
                ObjectMetadata claim = ObjectMetadata.of(object);
                claims.put(claim.namespace() + "/" + claim.name(), claim);
            }
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            return NONE;
        }
        return new Claims(claims);
    }

    /** The labels of jobs and groups that count for a volume. */
    public RecurringLabels recurringLabels(Volume volume) {
        return RecurringLabels.of(volume, boundTo(volume));
    }

    private @Nullable ObjectMetadata boundTo(Volume volume) {
        return volume.kubernetes().isBound() ? byName.get(volume.kubernetes().claim()) : null;
    }
}
