package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook.Denial;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.regex.Pattern;

/** What the validating webhook refuses of a Volume. */
final class VolumeRules {
    private static final Pattern NAME = Pattern.compile("^[a-zA-Z0-9][a-zA-Z0-9_.-]+$");
    private static final long LUKS_HEADER = 16_777_216;

    private final Lookup lookup;

    VolumeRules(Lookup lookup) {
        this.lookup = lookup;
    }

    void onCreate(Review review) {
        String name = review.object().path("metadata").path("name").asText();
        if (!NAME.matcher(name).matches()) {
            throw Denial.invalid("invalid name " + name, "");
        }
        if (name.contains(".")) {
            throw Denial.invalid("invalid volume name: [must not contain dots]", "");
        }
        JsonNode spec = review.spec();
        replicas(spec);
        frontend(spec);
        long size = spec.path("size").asLong();
        if (spec.path("migratable").asBoolean()
                && !spec.path("accessMode").asText().equals("rwx")) {
            throw Denial.invalid("migratable volumes are only supported in ReadWriteMany (rwx) access mode", "");
        }
        backingImage(spec);
        if (lookup.release().since("1.10")) {
            blockSize(spec, size);
        }
        engine(spec);
        if (lookup.release().since("1.6") && spec.path("encrypted").asBoolean() && size <= LUKS_HEADER) {
            throw Denial.invalid(
                    "invalid volume size " + size
                            + ", need to be bigger than 16MiB, default LUKS2 header size for encryption",
                    "");
        }
        snapshotCount(spec);
        if (lookup.release().since("1.8")) {
            lookup.target(spec.path("backupTargetName").asText(), "spec.backupTargetName");
        }
    }

    private void replicas(JsonNode spec) {
        int count = spec.path("numberOfReplicas").asInt();
        if (count < 1 || count > 20) {
            throw lookup.release().since("1.7")
                    ? Denial.invalid("replica count value " + count + " must between 1 to 20", "spec.numberOfReplicas")
                    : Denial.invalid("replica count value must between 1 to 20", "");
        }
        if (spec.path("dataLocality").asText().equals("strict-local") && count != 1) {
            throw Denial.invalid(
                    "number of replica count should be 1 when data locality is strict-local", "spec.numberOfReplicas");
        }
    }

    private void frontend(JsonNode spec) {
        if (spec.path("Standby").asBoolean()) {
            return;
        }
        String frontend = spec.path("frontend").asText();
        Release release = lookup.release();
        if (release.since("1.9")) {
            String engine = spec.path("dataEngine").asText();
            Set<String> known = engine.equals("v1") ? Set.of("blockdev", "iscsi") : Set.of("blockdev", "nvmf", "ublk");
            if (!known.contains(frontend)) {
                throw Denial.invalid(
                        "invalid volume frontend specified: " + frontend + " for data engine " + engine + " ", "");
            }
        } else if (!Set.of("blockdev", "iscsi", "nvmf").contains(frontend)) {
            throw Denial.invalid("invalid volume frontend specified: " + frontend, "");
        }
    }

    private void backingImage(JsonNode spec) {
        String image = spec.path("backingImage").asText();
        if (!image.isEmpty() && lookup.find(ResourceType.BACKING_IMAGES, image).isEmpty()) {
            throw Denial.invalid(Lookup.notFound(ResourceType.BACKING_IMAGES, image), "");
        }
    }

    private static void blockSize(JsonNode spec, long size) {
        long block = spec.path("backupBlockSize").asLong();
        if (block > 0 && size % block != 0) {
            throw Denial.invalid(
                    "volume size " + size + " must be an integer multiple of the backup block size " + block,
                    "spec.backupBlockSize");
        }
    }

    private void engine(JsonNode spec) {
        boolean second = spec.path("dataEngine").asText().equals("v2");
        if (second && !lookup.cluster().setting("v2-data-engine", "false").equals("true")) {
            throw Denial.forbidden("v2-data-engine data engine is not enabled");
        }
    }

    private void snapshotCount(JsonNode spec) {
        int count = spec.path("snapshotMaxCount").asInt();
        if (lookup.release().since("1.6") && (count < 2 || count > 250)) {
            throw Denial.invalid("snapshot max count should be between 2 to 250", "spec.snapshotMaxCount");
        }
    }

    void onUpdate(Review review, ObjectNode old) {
        JsonNode before = old.path("spec");
        JsonNode spec = review.spec();
        String name = review.key().name();
        replicas(spec);
        size(review, before);
        if (spec.path("size").asLong() > before.path("size").asLong()) {
            expansion(name, old.path("status"));
        }
        if (lookup.release().since("1.6")) {
            fixed(before, spec, "dataEngine", "changing data engine for volume " + name + " is not supported", "");
        }
        fixed(
                before,
                spec,
                "backupCompressionMethod",
                "changing backup compression method for volume " + name + " is not supported",
                "spec.backupCompressionMethod");
        if (lookup.release().since("1.10")) {
            fixed(
                    before,
                    spec,
                    "backupBlockSize",
                    "changing backup block size for volume " + name + " is not supported",
                    "spec.backupBlockSize");
        }
        snapshotCount(spec);
        if (lookup.release().since("1.8") && !spec.path("backupTargetName").equals(before.path("backupTargetName"))) {
            String target = spec.path("backupTargetName").asText();
            if (target.isEmpty()) {
                throw Denial.invalid(
                        "backup target name cannot be empty when creating a volume or updating from an existing"
                                + " backup target",
                        "spec.backupTargetName");
            }
            lookup.target(target, "spec.backupTargetName");
        }
    }

    private static void fixed(JsonNode before, JsonNode now, String field, String message, String blamed) {
        if (!before.path(field).asText().equals(now.path(field).asText())) {
            throw Denial.invalid(message, blamed);
        }
    }

    private void expansion(String name, JsonNode status) {
        if (lookup.release().since("1.9")) {
            boolean scheduled = false;
            for (JsonNode condition : status.path("conditions")) {
                scheduled |= condition.path("type").asText().equals("Scheduled")
                        && condition.path("status").asText().equals("True");
            }
            String state = status.path("state").asText();
            if (!state.equals("attached") && !scheduled) {
                throw Denial.invalid(
                        "volume " + name + " is not ready: volume is currently in " + state
                                + " state with some un-schedulable replicas",
                        "spec.size");
            }
            return;
        }
        JsonNode user = status.path("kubernetesStatus");
        String claim = user.path("pvcName").asText();
        ObjectKey key =
                new ObjectKey(ResourceType.CLAIMS, user.path("namespace").asText(), claim);
        if (!claim.isEmpty() && lookup.cluster().find(key).isEmpty()) {
            throw Denial.invalid("persistentvolumeclaim \"" + claim + "\" not found", "");
        }
    }

    private static void size(Review review, JsonNode before) {
        long was = before.path("size").asLong();
        long now = review.spec().path("size").asLong();
        if (now < was) {
            throw Denial.invalid(
                    "shrinking volume " + review.key().name() + " size from " + was + " to " + now
                            + " is not supported",
                    "spec.size");
        }
    }
}
