package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import java.util.Set;

/** The webhooks for Volumes. */
final class VolumeWebhook implements Webhook {
    private final VolumeDefaults defaults;
    private final VolumeRules rules;

    VolumeWebhook(Lookup lookup) {
        defaults = new VolumeDefaults(lookup);
        rules = new VolumeRules(lookup);
    }

    @Override
    public Set<Operation> mutates() {
        return Set.of(Operation.CREATE, Operation.UPDATE);
    }

    @Override
    public Set<Operation> validates() {
        return Set.of(Operation.CREATE, Operation.UPDATE);
    }

    @Override
    public void mutate(Review review) {
        if (review.operation() == Operation.CREATE) {
            defaults.onCreate(review);
        } else {
            defaults.onUpdate(review);
        }
    }

    @Override
    public void validate(Review review) {
        if (review.operation() == Operation.CREATE) {
            rules.onCreate(review);
        } else {
            rules.onUpdate(review, review.before().orElseThrow());
        }
    }
}
