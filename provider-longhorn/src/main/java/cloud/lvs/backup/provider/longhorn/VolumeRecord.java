package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.provider.longhorn.bucket.BackupConfiguration;
import cloud.lvs.backup.provider.longhorn.bucket.VolumeConfiguration;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.toolkit.KeyStem;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a volume's backup in a catalog: where Longhorn keeps it, and what it was. The blocks stay in Longhorn's target.
 *
 * @param formatVersion of this document; 1 had no {@code definitions}
 * @param volume the volume's name
 * @param backup the name of the backup
 * @param snapshot the snapshot that was backed up
 * @param snapshotCreatedAt the moment that the backup shows, ISO 8601
 * @param completedAt when Longhorn had finished it, ISO 8601
 * @param volumeSizeBytes the size of the volume
 * @param sizeBytes what the blocks of the backup hold
 * @param mode {@code full} or {@code incremental}
 * @param compression of the blocks
 * @param storageClass of the claim; may be empty
 * @param labels of the backup; {@code KubernetesStatus} tells the claim and its workload
 * @param definitions what the cluster knew of the volume; null if it was not asked
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VolumeRecord(
        int formatVersion,
        String volume,
        String backup,
        String snapshot,
        String snapshotCreatedAt,
        String completedAt,
        long volumeSizeBytes,
        long sizeBytes,
        String mode,
        String compression,
        String storageClass,
        Map<String, String> labels,
        @Nullable VolumeDefinitions definitions) {
    /** Names of {@link #facts}. */
    public static final String VOLUME = "volume";

    public static final String BACKUP = "longhornBackup";

    public static final String ROLE = "longhorn-volume";

    /** The label that tells whose volume it was: what Longhorn calls the volume's status in Kubernetes, as JSON. */
    public static final String KUBERNETES_STATUS = "KubernetesStatus";

    /** The version that is written. */
    public static final int FORMAT_VERSION = 2;

    private static final int MAX_BYTES = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public VolumeRecord {
        labels = Map.copyOf(labels);
    }

    public static VolumeRecord of(VolumeConfiguration volume, BackupConfiguration backup) {
        return new VolumeRecord(
                FORMAT_VERSION,
                volume.name(),
                backup.name(),
                backup.snapshotName(),
                text(backup.snapshotCreatedAt()),
                text(backup.createdTime()),
                volume.sizeBytes(),
                backup.sizeBytes(),
                backup.mode(),
                backup.compression().text(),
                volume.storageClassName(),
                backup.labels(),
                null);
    }

    private static String text(@Nullable Instant instant) {
        return instant == null ? "" : instant.toString();
    }

    /** Reads the record of a backup that holds but one, or the first. */
    public static VolumeRecord in(BackupReader backup) throws IOException, InterruptedException {
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            if (artifact.role().equals(ROLE)) {
                return read(backup, artifact);
            }
        }
        throw new BackupException(
                Kind.VERIFICATION,
                "backup " + backup.manifest().id(),
                "holds no record of a volume",
                "use a backup that adopt made of a Longhorn backup");
    }

    /** Reads the record of one volume. */
    public static VolumeRecord read(BackupReader backup, StoredArtifact artifact)
            throws IOException, InterruptedException {
        try (InputStream in = backup.open(artifact)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (in.read() >= 0) {
                throw unreadable(artifact, null);
            }
            return JSON.readValue(content, VolumeRecord.class);
        } catch (JsonProcessingException e) {
            throw unreadable(artifact, e);
        }
    }

    private static BackupException unreadable(StoredArtifact artifact, @Nullable Exception cause) {
        return new BackupException(
                Kind.VERIFICATION,
                "object " + artifact.key(),
                "is no record of a volume",
                "prune this backup and adopt again: the record is made from the backup target",
                cause);
    }

    public byte[] bytes() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Artifact artifact() {
        return Artifact.of(item(), ROLE)
                .withStem(KeyStem.of("longhorn-" + volume))
                .withExtension(".json")
                .withRestoreTail("> volume.json");
    }

    /** {@code namespace/claim} where the backup tells it, else the volume's name. */
    public String item() {
        if (definitions != null) {
            return definitions.item();
        }
        Map<String, String> status = kubernetesStatus();
        String namespace = status.getOrDefault("namespace", "");
        String claim = status.getOrDefault("pvcName", "");
        return namespace.isBlank() || claim.isBlank() ? volume : namespace + "/" + claim;
    }

    /** What there is to know of it in a list. */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(VOLUME, volume);
        facts.put(BACKUP, backup);
        facts.put("snapshotCreatedAt", snapshotCreatedAt);
        facts.put("volumeSizeBytes", Long.toString(volumeSizeBytes));
        facts.put("sizeBytes", Long.toString(sizeBytes));
        facts.put("mode", mode);
        facts.put("compression", compression);
        return facts;
    }

    private Map<String, String> kubernetesStatus() {
        Map<String, String> status = new LinkedHashMap<>();
        try {
            JSON.readTree(labels.getOrDefault(KUBERNETES_STATUS, "{}"))
                    .properties()
                    .forEach(
                            entry -> status.put(entry.getKey(), entry.getValue().asText("")));
        } catch (JsonProcessingException e) {
            // A label is any text; without the claim in it the volume's own name has to do.
            return Map.of();
        }
        return status;
    }
}
