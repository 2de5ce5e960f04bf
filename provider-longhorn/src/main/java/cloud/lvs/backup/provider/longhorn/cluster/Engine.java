package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * The engine of a volume.
 *
 * @param metadata with the volume's name as a label
 * @param volume the volume's name
 * @param restores how far each replica is restored
 */
public record Engine(ObjectMetadata metadata, String volume, List<Restore> restores) {
    /**
     * A replica that is being, or was, restored.
     *
     * @param running whether it is at it
     * @param backupUrl what it is restored from
     * @param progress in per cent
     * @param error why it failed; may be empty
     */
    public record Restore(boolean running, String backupUrl, long progress, String error) {}

    public Engine {
        restores = List.copyOf(restores);
    }

    static Engine of(JsonNode object) {
        ObjectMetadata metadata = ObjectMetadata.of(object);
        JsonFields spec = new JsonFields(object.path("spec"));
        List<Restore> restores = object.path("status").path("restoreStatus").properties().stream()
                .map(field -> new JsonFields(field.getValue()))
                .map(each -> new Restore(
                        each.flag("isRestoring"), each.text("backupURL"), each.number("progress"), each.text("error")))
                .toList();
        String volume = spec.text("volumeName");
        return new Engine(
                metadata, volume.isEmpty() ? metadata.labels().getOrDefault("longhornvolume", "") : volume, restores);
    }
}
