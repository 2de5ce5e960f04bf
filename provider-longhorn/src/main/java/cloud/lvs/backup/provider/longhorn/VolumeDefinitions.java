package cloud.lvs.backup.provider.longhorn;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster knew of a volume when it was backed up, and Longhorn does not keep in its target: enough to give a restored
 * volume back to its claim when the cluster is gone.
 *
 * @param item the item of the catalog
 * @param url of the backup, as it was; a target may have moved since
 * @param target the name of the backup target
 * @param targetUrl where it was
 * @param volumeUid of the volume: one made again under its name has another
 * @param volume its settings ({@code spec} and labels), without what belongs to the moment
 * @param claim the PersistentVolumeClaim, without what belongs to the moment; null if none was bound or it may not be read
 * @param persistentVolume the PersistentVolume, likewise
 * @param storageClass the StorageClass, likewise
 * @param workloads who used it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VolumeDefinitions(
        String item,
        String url,
        String target,
        String targetUrl,
        String volumeUid,
        @Nullable JsonNode volume,
        @Nullable JsonNode claim,
        @Nullable JsonNode persistentVolume,
        @Nullable JsonNode storageClass,
        List<Workload> workloads) {
    /**
     * What used a volume.
     *
     * @param kind {@code StatefulSet}, {@code Deployment}, or the kind of the pod's owner where that is neither
     * @param name in the claim's namespace
     * @param replicas how many pods it had, or null if that is not known
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Workload(
            String kind, String name, @Nullable Integer replicas) {}

    public VolumeDefinitions {
        workloads = List.copyOf(workloads);
    }
}
