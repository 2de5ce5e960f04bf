package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.Quantities;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Binds claims and persistent volumes to each other, as the controller manager does without a scheduler. */
public final class Binder {
    private static final String BOUND = "pv.kubernetes.io/bind-completed";

    private final Cluster cluster;

    /** Binds the objects of a cluster. */
    public Binder(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Binds a claim if its volume is there and fits; whether it is bound. */
    public boolean bind(ObjectKey claimKey) {
        Optional<ObjectNode> found = cluster.find(claimKey);
        if (found.isEmpty() || Cluster.marked(found.get())) {
            return false;
        }
        ObjectNode claim = found.get();
        if (claim.at("/status/phase").asText().equals("Bound")) {
            return true;
        }
        Optional<ObjectNode> volume = volume(claim);
        if (volume.isEmpty() || !fits(claim, volume.get())) {
            cluster.updateStatus(claimKey, status -> status.put("phase", "Pending"));
            return false;
        }
        bind(claimKey, claim, volume.get());
        return true;
    }

    private Optional<ObjectNode> volume(ObjectNode claim) {
        String named = claim.at("/spec/volumeName").asText();
        if (!named.isEmpty()) {
            return cluster.find(ResourceType.PERSISTENT_VOLUMES, named);
        }
        return cluster.list(ResourceType.PERSISTENT_VOLUMES).stream()
                .filter(volume -> refersTo(volume.at("/spec/claimRef"), claim))
                .findFirst();
    }

    private static boolean refersTo(JsonNode reference, ObjectNode claim) {
        JsonNode metadata = claim.path("metadata");
        String uid = reference.path("uid").asText();
        return reference
                        .path("namespace")
                        .asText()
                        .equals(metadata.path("namespace").asText())
                && reference.path("name").asText().equals(metadata.path("name").asText())
                && (uid.isEmpty() || uid.equals(metadata.path("uid").asText()));
    }

    private static boolean fits(ObjectNode claim, ObjectNode volume) {
        JsonNode reference = volume.at("/spec/claimRef");
        boolean free = reference.isMissingNode() || refersTo(reference, claim);
        boolean sameClass = volume.at("/spec/storageClassName")
                .asText()
                .equals(claim.at("/spec/storageClassName").asText());
        boolean large = Quantities.bytes(volume.at("/spec/capacity/storage"))
                >= Quantities.bytes(claim.at("/spec/resources/requests/storage"));
        boolean modes = true;
        for (JsonNode mode : claim.at("/spec/accessModes")) {
            modes &= contains(volume.at("/spec/accessModes"), mode);
        }
        return free && sameClass && large && modes && !Cluster.marked(volume);
    }

    private static boolean contains(JsonNode list, JsonNode item) {
        for (JsonNode one : list) {
            if (one.equals(item)) {
                return true;
            }
        }
        return false;
    }

    private void bind(ObjectKey claimKey, ObjectNode claim, ObjectNode volume) {
        ObjectKey volumeKey = Cluster.key(ResourceType.PERSISTENT_VOLUMES, Cluster.name(volume));
        cluster.update(
                volumeKey,
                object -> object.withObjectProperty("spec")
                        .withObjectProperty("claimRef")
                        .put("apiVersion", "v1")
                        .put("kind", "PersistentVolumeClaim")
                        .put("namespace", claimKey.namespace())
                        .put("name", claimKey.name())
                        .put("uid", claim.at("/metadata/uid").asText())
                        .put(
                                "resourceVersion",
                                claim.at("/metadata/resourceVersion").asText()));
        cluster.updateStatus(volumeKey, status -> status.put("phase", "Bound"));
        cluster.update(claimKey, object -> {
            object.withObjectProperty("spec").put("volumeName", volumeKey.name());
            object.withObjectProperty("metadata")
                    .withObjectProperty("annotations")
                    .put(BOUND, "yes");
        });
        cluster.updateStatus(claimKey, status -> {
            status.put("phase", "Bound");
            ArrayNode modes = status.putArray("accessModes");
            volume.at("/spec/accessModes").forEach(modes::add);
            status.putObject("capacity")
                    .put("storage", volume.at("/spec/capacity/storage").asText());
        });
    }
}
