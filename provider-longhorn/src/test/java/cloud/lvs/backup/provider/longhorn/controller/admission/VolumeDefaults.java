package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook.Denial;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.StringJoiner;

/** What the mutating webhook fills into a Volume. */
final class VolumeDefaults {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long UNIT = 2_097_152;

    private final Lookup lookup;
    private final RestoreSource restores;

    VolumeDefaults(Lookup lookup) {
        this.lookup = lookup;
        restores = new RestoreSource(lookup);
    }

    void onCreate(Review review) {
        Release release = lookup.release();
        name(review);
        if (release.since("1.6")) {
            replicas(review);
        }
        fill(review, "replicaAutoBalance", "ignored");
        replicas(review);
        fill(review, "replicaSoftAntiAffinity", "ignored");
        fill(review, "replicaZoneSoftAntiAffinity", "ignored");
        if (release.since("1.6")) {
            fill(review, "replicaDiskSoftAntiAffinity", "ignored");
        }
        fill(review, "dataLocality", "disabled");
        if (review.spec().path("dataLocality").asText().equals("strict-local")) {
            review.replace("revisionCounterDisabled", review.object().booleanNode(true));
        }
        ObjectNode source = restores.apply(review);
        fill(review, "accessMode", source.path("accessMode").asText("rwo"));
        size(review);
        if (release.since("1.8")) {
            String target = source.path("target").asText("");
            if (!target.isEmpty()) {
                review.replace("backupTargetName", target);
            } else {
                fill(review, "backupTargetName", "default");
            }
            review.setLabel(
                    "backup-target", review.spec().path("backupTargetName").asText());
        }
        fill(review, "snapshotDataIntegrity", "ignored");
        fill(review, "restoreVolumeRecurringJob", "ignored");
        fill(review, "unmapMarkSnapChainRemoved", "ignored");
        fill(review, "backupCompressionMethod", lookup.cluster().setting("backup-compression-method", "lz4"));
        String image = lookup.cluster().setting("default-engine-image", "longhornio/longhorn-engine:v" + release);
        if (release.since("1.6")) {
            fill(review, "dataEngine", "v1");
            fill(review, "image", image);
            if (review.spec().path("snapshotMaxCount").asInt() == 0) {
                review.replace(
                        "snapshotMaxCount",
                        review.object()
                                .numberNode(Integer.parseInt(lookup.cluster().setting("snapshot-max-count", "250"))));
            }
        } else {
            fill(review, "backendStoreDriver", "v1");
            fill(review, "engineImage", image);
        }
        if (release.since("1.7")) {
            fill(review, "freezeFilesystemForSnapshot", "ignored");
        }
        if (release.since("1.9")) {
            fill(review, "offlineRebuilding", "ignored");
        } else if (release.before("1.7")) {
            fill(review, "offlineReplicaRebuilding", "disabled");
        }
        for (String list : new String[] {"diskSelector", "nodeSelector"}) {
            if (!review.spec().path(list).isArray()) {
                review.replace(list, review.object().arrayNode());
            }
        }
        if (release.since("1.10")) {
            blockSize(review);
        }
        review.setLabel(
                "longhornvolume", review.object().path("metadata").path("name").asText());
        Mutations.finalizer(review);
    }

    void onUpdate(Review review) {
        if (review.object().path("metadata").hasNonNull("deletionTimestamp")) {
            return;
        }
        Release release = lookup.release();
        ObjectNode before = review.before().orElseThrow();
        boolean becomesStandby = review.spec().path("Standby").asBoolean()
                && !before.path("spec").path("Standby").asBoolean();
        String url = review.spec().path("fromBackup").asText();
        if (release.since("1.10")
                && becomesStandby
                && BackupUrls.query(url).getOrDefault("volume", "").isEmpty()) {
            throw Denial.invalid(
                    "failed to get backup name from backup URL " + url + ": invalid volume name parsed, got ",
                    "spec.fromBackup");
        }
        if (release.since("1.8")
                && !review.spec()
                        .path("backupTargetName")
                        .equals(before.path("spec").path("backupTargetName"))) {
            review.setLabel(
                    "backup-target", review.spec().path("backupTargetName").asText());
        }
        for (String setting : new String[] {
            "remove-snapshots-during-filesystem-trim", "replica-auto-balance", "snapshot-data-integrity"
        }) {
            review.setLabel("setting.longhorn.io/" + setting, "ignored");
        }
        review.setLabel("longhornvolume", review.key().name());
        if (release.since("1.6")) {
            Mutations.finalizer(review);
        }
    }

    private static void fill(Review review, String field, String value) {
        if (Mutations.blank(review.spec().path(field))) {
            review.replace(field, value);
        }
    }

    private static void name(Review review) {
        ObjectNode metadata = (ObjectNode) review.object().get("metadata");
        String name = metadata.path("name").asText();
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.length() > 40) {
            lower = lower.substring(0, 31) + "-" + hash(name).substring(0, 8);
        }
        metadata.put("name", lower);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-512").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void replicas(Review review) {
        if (review.spec().path("numberOfReplicas").asInt() != 0) {
            return;
        }
        String byDefault = lookup.release().since("1.10") ? "{\"v1\":\"3\",\"v2\":\"3\"}" : "3";
        String setting = lookup.cluster().setting("default-replica-count", byDefault);
        if (lookup.release().before("1.10")) {
            review.replace("numberOfReplicas", review.object().numberNode(Integer.parseInt(setting)));
            return;
        }
        JsonNode byEngine = read(setting);
        String engine = review.spec().path("dataEngine").asText();
        if (!byEngine.has(engine)) {
            StringJoiner all = new StringJoiner(" ", "map[", "]");
            byEngine.properties()
                    .forEach(one -> all.add(one.getKey() + ":" + one.getValue().asText()));
            throw Denial.invalid(
                    "failed to get valid number for setting default replica count: the default-replica-count setting"
                            + " value for data engine " + engine + " is not defined, value is " + all,
                    "");
        }
        review.replace(
                "numberOfReplicas",
                review.object().numberNode(byEngine.path(engine).asInt()));
    }

    private static JsonNode read(String setting) {
        try {
            JsonNode value = JSON.readTree(setting);
            if (value.isObject()) {
                return value;
            }
            return JSON.createObjectNode().put("v1", setting).put("v2", setting);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("setting default-replica-count is " + setting, e);
        }
    }

    private static void size(Review review) {
        long size = Long.parseLong(review.spec().path("size").asText("0"));
        long rounded = Math.max(UNIT, (size + UNIT - 1) / UNIT * UNIT);
        review.replace("size", Long.toString(rounded));
    }

    private void blockSize(Review review) {
        if (Mutations.blank(review.spec().path("backupBlockSize"))
                || review.spec().path("backupBlockSize").asText().equals("0")) {
            long mebibytes = Long.parseLong(lookup.cluster().setting("default-backup-block-size", "2"));
            review.replace("backupBlockSize", Long.toString(mebibytes << 20));
        }
    }
}
