package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The webhooks for Backups. They are not asked about deletions. */
final class BackupWebhook implements Webhook {
    private static final Pattern NAME = Pattern.compile("^[a-z0-9][a-z0-9_.-]+$");

    private final Lookup lookup;

    BackupWebhook(Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public Set<Operation> mutates() {
        return Set.of(Operation.CREATE, Operation.UPDATE);
    }

    @Override
    public Set<Operation> validates() {
        return lookup.release().since("1.7") ? Set.of(Operation.CREATE, Operation.UPDATE) : Set.of();
    }

    @Override
    public void mutate(Review review) {
        if (review.operation() == Operation.UPDATE) {
            if (review.spec().path("labels").isMissingNode()
                    || review.spec().path("labels").isNull()) {
                review.replace("labels", review.object().objectNode());
            }
            if (lookup.release().since("1.6")) {
                Mutations.finalizer(review);
            }
            return;
        }
        Release release = lookup.release();
        String snapshotName = review.spec().path("snapshotName").asText();
        String volumeName = volumeName(review, snapshotName);
        Optional<ObjectNode> volume = lookup.find(ResourceType.VOLUMES, volumeName);
        labels(review, volume);
        if (release.since("1.7") && review.spec().path("backupMode").asText("").isEmpty()
                || review.spec().path("backupMode").isNull()) {
            review.replace("backupMode", "incremental");
        }
        if (release.since("1.10") && !snapshotName.isEmpty()) {
            ObjectNode found = volume.orElseThrow(() -> Denial.invalid(
                    "failed to get backup block size from the volume " + volumeName + " of backup "
                            + review.key().name() + ": " + Lookup.notFound(ResourceType.VOLUMES, volumeName),
                    ""));
            review.replace(
                    "backupBlockSize",
                    found.path("spec").path("backupBlockSize").asText("2097152"));
        }
        if (release.since("1.10")) {
            review.setLabel("backup-volume", volumeName);
        }
        if (release.since("1.8")
                && !review.object().path("metadata").path("labels").has("backup-target")) {
            ObjectNode found = volume.orElseThrow(() -> Denial.invalid(
                    "failed to get the volume " + volumeName + " of backup "
                            + review.key().name() + ": " + Lookup.notFound(ResourceType.VOLUMES, volumeName),
                    ""));
            review.setLabel(
                    "backup-target", found.path("spec").path("backupTargetName").asText());
        }
        Mutations.finalizer(review);
    }

    private String volumeName(Review review, String snapshotName) {
        if (review.object().path("metadata").path("labels").has("backup-volume")) {
            return review.label("backup-volume");
        }
        if (lookup.release().before("1.10") || snapshotName.isEmpty()) {
            throw new Panic("label backup-volume is read from a nil volume");
        }
        return lookup.find(ResourceType.SNAPSHOTS, snapshotName)
                .orElseThrow(() -> Denial.internal("failed to get the snapshot " + snapshotName + ": "
                        + Lookup.notFound(ResourceType.SNAPSHOTS, snapshotName)))
                .path("spec")
                .path("volume")
                .asText();
    }

    private static void labels(Review review, Optional<ObjectNode> volume) {
        ObjectNode labels = review.spec().path("labels") instanceof ObjectNode sent
                ? sent
                : review.object().objectNode();
        if (!labels.has("longhorn.io/volume-access-mode")) {
            String mode = volume.map(
                            found -> found.path("spec").path("accessMode").asText())
                    .filter(text -> !text.isEmpty())
                    .orElse("rwo");
            labels.put("longhorn.io/volume-access-mode", mode);
        }
        review.replace("labels", labels);
    }

    @Override
    public void validate(Review review) {
        if (review.operation() == Operation.UPDATE) {
            String before = review.before()
                    .orElseThrow()
                    .path("spec")
                    .path("backupBlockSize")
                    .asText();
            String now = review.spec().path("backupBlockSize").asText();
            if (lookup.release().since("1.10") && !before.equals(now) && !before.equals("-1")) {
                throw Denial.invalid(
                        "changing backup block size for backup " + review.key().name()
                                + " is not supported; only changing invalid backup block size is supported",
                        "");
            }
            return;
        }
        if (lookup.release().since("1.8") && !NAME.matcher(review.key().name()).matches()) {
            throw Denial.invalid("invalid name " + review.key().name(), "");
        }
        if (lookup.release().since("1.9.2")) {
            target(review.label("backup-target"));
        }
        if (lookup.release().since("1.10")) {
            origin(review);
            String size = review.spec().path("backupBlockSize").asText("0");
            if (!Set.of("-1", "2097152", "16777216").contains(size)) {
                throw Denial.invalid("unsupported BackupBlockSize: " + size, "");
            }
        }
    }

    private void target(String name) {
        if (name.isEmpty()) {
            throw Denial.invalid("missing backup target label on backup object", "");
        }
        ObjectNode target = lookup.target(name, "");
        boolean usable = target.path("status").path("available").asBoolean()
                && (lookup.release().before("1.12")
                        || !target.path("spec").path("backupTargetURL").asText().isEmpty());
        if (!usable) {
            throw Denial.invalid("backup target " + name + " is not available", "");
        }
    }

    private void origin(Review review) {
        String snapshotName = review.spec().path("snapshotName").asText();
        if (snapshotName.isEmpty()) {
            return;
        }
        ObjectNode snapshot = lookup.find(ResourceType.SNAPSHOTS, snapshotName)
                .orElseThrow(() -> Denial.invalid("snapshot <nil> is invalid", ""));
        String volumeName = snapshot.path("spec").path("volume").asText();
        if (!volumeName.equals(review.label("backup-volume"))) {
            throw Denial.invalid(
                    "snapshot volume name " + volumeName + " and label volume name " + review.label("backup-volume")
                            + " does not match",
                    "");
        }
        String target = lookup.find(ResourceType.VOLUMES, volumeName)
                .map(volume -> volume.path("spec").path("backupTargetName").asText())
                .orElse("");
        if (!target.equals(review.label("backup-target"))) {
            throw Denial.invalid(
                    "volume backup target " + target + " and label backup target " + review.label("backup-target")
                            + " does not match",
                    "");
        }
    }
}
