package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.LonghornRestoreOptions;
import cloud.lvs.backup.provider.longhorn.VolumeDefinitions;
import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * What stands against a relink, or should be known, before anything is touched.
 *
 * @param cluster where it is to be done
 * @param run told of what should be known
 */
record RelinkPreflight(
        Cluster cluster, LonghornRestoreOptions options, RunContext run, VolumeRecord record, ClaimName claim) {
    void check(Backup backup, List<ScaledWorkload> users) throws BackupException, InterruptedException {
        requireNamespace();
        for (String hand : new OtherHands(cluster).of(claim, users)) {
            run.warn("before the relink of " + claim + ": " + hand);
        }
        Optional<Volume> current = currentVolume();
        if (current.isPresent()) {
            Volume volume = current.get();
            VolumeDefinitions definitions = record.definitions();
            boolean another = !volume.name().equals(record.volume())
                    || (definitions != null
                            && !definitions.volumeUid().isEmpty()
                            && !definitions.volumeUid().equals(volume.metadata().uid()));
            if (another) {
                run.warn("claim " + claim + " has volume " + volume.name() + " of "
                        + volume.metadata().createdAt() + " now, not the one that the backup is of");
            }
            if (volume.sizeBytes() != backup.volumeSizeBytes()) {
                run.warn("volume " + volume.name() + " has " + volume.sizeBytes() + " bytes now, and had "
                        + backup.volumeSizeBytes() + " in the backup; that is what is restored"
                        + (isEncrypted() ? ", 16 MiB of them for its encryption" : ""));
            }
        }
        if (isEncrypted()) {
            requireSecrets();
        }
    }

    private void requireNamespace() throws BackupException, InterruptedException {
        if (options.createNamespace()) {
            return;
        }
        try {
            if (cluster.find(ResourceType.NAMESPACE, claim.namespace()).isEmpty()) {
                throw new BackupException(
                        Kind.CONFIG,
                        "claim " + claim,
                        "its namespace is not in the cluster",
                        "make it, or let it be made: --set createNamespace=true");
            }
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            // Without the right to look, the claim itself will tell.
        }
    }

    private Optional<Volume> currentVolume() throws BackupException, InterruptedException {
        Optional<ObjectNode> object = cluster.find(ResourceType.CLAIM, claim.namespace(), claim.name());
        String bound = object.map(found -> found.path("spec").path("volumeName").asText(""))
                .orElse("");
        if (bound.isEmpty()) {
            return Optional.empty();
        }
        String handle = cluster.find(ResourceType.PERSISTENT_VOLUME, bound)
                .map(volume -> volume.at("/spec/csi/volumeHandle").asText(""))
                .orElse("");
        return handle.isEmpty() ? Optional.empty() : cluster.find(ResourceType.VOLUME, handle);
    }

    private boolean isEncrypted() {
        JsonNode settings = VolumeManifest.settings(record);
        return settings != null && settings.path("encrypted").asBoolean(false);
    }

    /** Without its key an encrypted volume is restored, and cannot be mounted. */
    private void requireSecrets() throws BackupException, InterruptedException {
        VolumeDefinitions definitions = record.definitions();
        JsonNode volume = definitions == null ? null : definitions.persistentVolume();
        if (volume == null) {
            return;
        }
        for (String reference : List.of("nodeStageSecretRef", "nodePublishSecretRef")) {
            JsonNode secret = volume.path("spec").path("csi").path(reference);
            if (secret.has("name") && isMissing(secret)) {
                throw new BackupException(
                        Kind.CONFIG,
                        "volume " + record.volume(),
                        "is encrypted, and its key, secret "
                                + secret.path("namespace").asText() + "/"
                                + secret.path("name").asText() + ", is not in the cluster",
                        "make that secret first, with the key that it had");
            }
        }
    }

    private boolean isMissing(JsonNode secret) throws BackupException, InterruptedException {
        try {
            return cluster.find(
                            ResourceType.SECRET,
                            secret.path("namespace").asText(),
                            secret.path("name").asText())
                    .isEmpty();
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            return false;
        }
    }
}
