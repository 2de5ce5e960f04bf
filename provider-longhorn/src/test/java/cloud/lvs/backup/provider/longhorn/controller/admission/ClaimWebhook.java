package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/** The webhook for claims: it looks at the expansion of those of Longhorn only. */
final class ClaimWebhook implements Webhook {
    private final Lookup lookup;

    ClaimWebhook(Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public Set<Operation> mutates() {
        return Set.of();
    }

    @Override
    public Set<Operation> validates() {
        return lookup.release().since("1.6") ? Set.of(Operation.UPDATE) : Set.of();
    }

    @Override
    public void validate(Review review) {
        ObjectNode before = review.before().orElseThrow();
        String size = "/resources/requests/storage";
        if (review.spec().at(size).equals(before.path("spec").at(size))) {
            return;
        }
        Optional<ObjectNode> pv = lookup.cluster()
                .find(new ObjectKey(
                        ResourceType.PERSISTENT_VOLUMES,
                        "",
                        review.spec().path("volumeName").asText()));
        String handle =
                pv.map(object -> object.at("/spec/csi/volumeHandle").asText()).orElse("");
        boolean ours = pv.filter(
                        object -> object.at("/spec/csi/driver").asText().equals("driver.longhorn.io"))
                .isPresent();
        if (ours && lookup.find(ResourceType.VOLUMES, handle).isEmpty()) {
            throw Denial.internal(Lookup.notFound(ResourceType.VOLUMES, handle));
        }
    }
}
