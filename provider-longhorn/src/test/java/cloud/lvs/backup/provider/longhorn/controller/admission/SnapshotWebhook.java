package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** The webhooks for Snapshots. */
final class SnapshotWebhook implements Webhook {
    private final Lookup lookup;

    SnapshotWebhook(Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public Set<Operation> mutates() {
        return lookup.release().since("1.6") ? Set.of(Operation.CREATE, Operation.UPDATE) : Set.of(Operation.CREATE);
    }

    @Override
    public Set<Operation> validates() {
        return lookup.release().since("1.12")
                ? Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE)
                : Set.of(Operation.CREATE, Operation.UPDATE);
    }

    @Override
    public void mutate(Review review) {
        if (review.operation() == Operation.UPDATE) {
            Mutations.finalizer(review);
            return;
        }
        String name = review.spec().path("volume").asText();
        ObjectNode volume = lookup.find(ResourceType.VOLUMES, name)
                .orElseThrow(() -> Denial.invalid(
                        "failed to get volume " + name + ": " + Lookup.notFound(ResourceType.VOLUMES, name),
                        "spec.Volume"));
        review.setLabel("longhornvolume", name);
        ObjectNode metadata = (ObjectNode) review.object().get("metadata");
        if (metadata.path("ownerReferences").isEmpty()) {
            metadata.putArray("ownerReferences")
                    .addObject()
                    .put("apiVersion", "longhorn.io/v1beta2")
                    .put("kind", "Volume")
                    .put("name", name)
                    .set("uid", volume.path("metadata").path("uid"));
        }
        Mutations.finalizer(review);
    }

    @Override
    public void validate(Review review) {
        switch (review.operation()) {
            case CREATE -> {
                if (review.spec().path("volume").asText().isEmpty()) {
                    throw Denial.invalid("spec.volume is required", "spec.volume");
                }
            }
            case UPDATE -> unchanged(review, review.before().orElseThrow());
            case DELETE -> deletable(review.key().name());
        }
    }

    private static void unchanged(Review review, ObjectNode before) {
        JsonNode metadata = review.object().path("metadata");
        if (!review.spec().path("volume").equals(before.path("spec").path("volume"))) {
            throw Denial.invalid("spec.volume field is immutable", "spec.volume");
        }
        if (!metadata.hasNonNull("deletionTimestamp")
                && !metadata.path("ownerReferences")
                        .equals(before.path("metadata").path("ownerReferences"))) {
            throw Denial.invalid("snapshot OwnerReferences field is immutable", "metadata.ownerReferences");
        }
        if (!review.label("longhornvolume")
                .equals(before.path("metadata")
                        .path("labels")
                        .path("longhornvolume")
                        .asText())) {
            throw Denial.invalid("label longhornvolume is immutable", "metadata.labels");
        }
    }

    private static void deletable(String name) {
        if (name.length() > 63) {
            throw Denial.internal("failed to check if snapshot " + name + " is a linked-clone entrypoint:"
                    + " values[0][longhorn.io/linked-clone-source-snapshot]: Invalid value: \"" + name
                    + "\": must be no more than 63 bytes");
        }
    }
}
