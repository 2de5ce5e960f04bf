package cloud.lvs.backup.provider.longhorn.controller.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;

/** Writes a stored volume as Longhorn's block store does: volume.cfg, a cfg for each backup, and blocks by checksum. */
public final class BucketLayout {
    private static final ObjectMapper JSON = new ObjectMapper();

    private BucketLayout() {}

    /** Writes the volume below {@code root}, which stands for the path of the target's URL. */
    public static void write(Path root, StoredVolume volume) throws IOException {
        String hash = hash(volume.name().getBytes(StandardCharsets.UTF_8));
        Path folder = root.resolve("backupstore/volumes")
                .resolve(hash.substring(0, 2))
                .resolve(hash.substring(2, 4))
                .resolve(volume.name());
        Files.createDirectories(folder.resolve("backups"));
        for (StoredBackup backup : volume.backups().values()) {
            Files.writeString(
                    folder.resolve("backups/backup_" + backup.name() + ".cfg"),
                    configuration(folder, volume, backup).toString());
        }
        Files.writeString(folder.resolve("volume.cfg"), configuration(volume).toString());
    }

    private static ObjectNode configuration(StoredVolume volume) {
        StoredBackup last = volume.backups().get(volume.lastBackup());
        ObjectNode cfg = JSON.createObjectNode();
        cfg.put("Name", volume.name()).put("Size", Long.toString(volume.sizeBytes()));
        cfg.set("Labels", labels(volume.labels()));
        return cfg.put("CreatedTime", time(volume.created()))
                .put("LastBackupName", volume.lastBackup())
                .put("LastBackupAt", last == null ? "" : last.snapshotCreatedAt())
                .put("BlockCount", Long.toString(volume.storedBytes() / StoredBackup.BLOCK_BYTES))
                .put("BackingImageName", "\"\"")
                .put("BackingImageChecksum", "\"\"")
                .put("CompressionMethod", "\"none\"")
                .put("StorageClassName", "\"" + volume.storageClass() + "\"")
                .put("DataEngine", "\"v1\"");
    }

    private static ObjectNode configuration(Path folder, StoredVolume volume, StoredBackup backup) throws IOException {
        boolean whole = backup.created().isPresent();
        ObjectNode cfg = JSON.createObjectNode();
        cfg.put("Name", backup.name())
                .put("VolumeName", volume.name())
                .put("SnapshotName", backup.snapshotName())
                .put("SnapshotCreatedAt", backup.snapshotCreatedAt())
                .put("CreatedTime", backup.created().map(BucketLayout::time).orElse(""))
                .put("Size", Long.toString(whole ? backup.sizeBytes() : 0))
                .put("IsIncremental", backup.mode().equals("incremental"))
                .put("CompressionMethod", "none")
                .put("NewlyUploadedDataSize", Long.toString(backup.sizeBytes()))
                .put("ReUploadedDataSize", "0")
                .putNull("ProcessingBlocks");
        if (whole) {
            cfg.set("Labels", labels(backup.labels()));
            cfg.putObject("Parameters")
                    .put("backup-mode", backup.mode())
                    .put("backup-block-size", Long.toString(StoredBackup.BLOCK_BYTES));
            ArrayNode blocks = cfg.putArray("Blocks");
            for (int i = 0; i < backup.blocks(); i++) {
                blocks.addObject()
                        .put("Offset", i * StoredBackup.BLOCK_BYTES)
                        .put("BlockChecksum", block(folder, volume.name(), i));
            }
        } else {
            cfg.putNull("Labels").putNull("Parameters");
        }
        cfg.putObject("SingleFile").put("FilePath", "");
        return cfg;
    }

    private static String block(Path folder, String volume, int number) throws IOException {
        byte[] content = new byte[(int) StoredBackup.BLOCK_BYTES];
        new Random(volume.hashCode() * 31L + number).nextBytes(content);
        String checksum = hash(content).substring(0, 64);
        Path file = folder.resolve("blocks")
                .resolve(checksum.substring(0, 2))
                .resolve(checksum.substring(2, 4))
                .resolve(checksum + ".blk");
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        }
        return checksum;
    }

    private static ObjectNode labels(Map<String, String> labels) {
        ObjectNode node = JSON.createObjectNode();
        labels.forEach(node::put);
        return node;
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
