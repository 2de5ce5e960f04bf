package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** The webhooks for BackupVolumes. */
final class BackupVolumeWebhook implements Webhook {
    private static final String OBJECT_ONLY = "longhorn.io/delete-custom-resource-only";

    private final Lookup lookup;

    BackupVolumeWebhook(Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public Set<Operation> mutates() {
        return Set.of(Operation.CREATE, Operation.UPDATE);
    }

    @Override
    public Set<Operation> validates() {
        return lookup.release().since("1.9") ? Set.of(Operation.CREATE, Operation.UPDATE) : Set.of();
    }

    @Override
    public void mutate(Review review) {
        if (review.operation() == Operation.UPDATE
                && review.object().path("metadata").path("labels").has(OBJECT_ONLY)) {
            labelBackups(review);
        }
        Mutations.finalizer(review);
    }

    /** A side effect that a dry run has too. */
    private void labelBackups(Review review) {
        String volume = review.label("backup-volume");
        String target = review.label("backup-target");
        for (ObjectNode backup : lookup.cluster().labelled(ResourceType.BACKUPS, "backup-volume", volume)) {
            if (Cluster.label(backup, "backup-target").equals(target)) {
                lookup.cluster().update(Cluster.key(ResourceType.BACKUPS, Cluster.name(backup)), object -> {
                    object.withObjectProperty("metadata")
                            .withObjectProperty("labels")
                            .put(OBJECT_ONLY, "true");
                    ObjectNode spec = object.withObjectProperty("spec");
                    if (!spec.has("snapshotName")) {
                        spec.put("snapshotName", "");
                    }
                    if (!spec.has("syncRequestedAt")) {
                        spec.putNull("syncRequestedAt");
                    }
                });
            }
        }
    }

    @Override
    public void validate(Review review) {
        if (review.spec().path("backupTargetName").asText().isEmpty()) {
            throw Denial.invalid("backup target name cannot be empty", "");
        }
        if (review.spec().path("volumeName").asText().isEmpty()) {
            throw Denial.invalid("volume name cannot be empty", "");
        }
    }
}
