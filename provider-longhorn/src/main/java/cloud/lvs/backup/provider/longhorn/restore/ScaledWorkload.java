package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What uses a claim and can be scaled down, in the claim's namespace.
 *
 * @param kind {@code Deployment} or {@code StatefulSet}
 * @param name of it
 * @param replicas how many pods it is to have
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ScaledWorkload(String kind, String name, int replicas) {
    ResourceType<ObjectNode> type() {
        return kind.equals("StatefulSet") ? ResourceType.STATEFUL_SET : ResourceType.DEPLOYMENT;
    }

    @Override
    public String toString() {
        return kind + " " + name;
    }
}
