package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** The webhooks for SystemBackups. */
final class SystemBackupWebhook implements Webhook {
    private final Lookup lookup;

    SystemBackupWebhook(Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public Set<Operation> mutates() {
        return Set.of(Operation.CREATE);
    }

    @Override
    public Set<Operation> validates() {
        return lookup.release().since("1.9") ? Set.of(Operation.CREATE) : Set.of();
    }

    @Override
    public void mutate(Review review) {
        if (Mutations.blank(review.spec().path("volumeBackupPolicy"))) {
            review.replace("volumeBackupPolicy", "if-not-present");
        }
        if (lookup.release().since("1.8")) {
            lookup.find(ResourceType.BACKUP_TARGETS, "default")
                    .ifPresent(target -> review.object()
                            .withObjectProperty("metadata")
                            .putArray("ownerReferences")
                            .addObject()
                            .put("apiVersion", "longhorn.io/v1beta2")
                            .put("kind", "BackupTarget")
                            .put("name", "default")
                            .set("uid", target.path("metadata").path("uid")));
        }
        Mutations.finalizer(review);
    }

    @Override
    public void validate(Review review) {
        ObjectNode target = lookup.target("default", "");
        if (!target.path("status").path("available").asBoolean()) {
            throw Denial.invalid("backup target default is not available", "");
        }
        String url = target.path("spec").path("backupTargetURL").asText();
        if (url.startsWith("s3://")
                && target.path("spec").path("credentialSecret").asText().isEmpty()) {
            throw Denial.badRequest("cannot access s3 without credential secret");
        }
    }
}
