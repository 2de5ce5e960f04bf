package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes the image of a volume as one of its backups shows it: a raw, sparse file of the size that the volume has now. */
public final class VolumeImage {
    private final BackupTarget target;

    public VolumeImage(BackupTarget target) {
        this.target = target;
    }

    /**
     * Writes the image. Under its name it stands whole or not at all.
     *
     * @param file must not exist; its directory must
     * @return the bytes that blocks filled
     * @throws BackupException of kind {@code VERIFICATION} if the backup or one of its blocks is damaged
     */
    public long write(String volume, String backup, Path file, RunContext run)
            throws IOException, InterruptedException {
        String subject = "backup " + backup + " of volume " + volume;
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new BackupException(Kind.CONFIG, file.toString(), "exists", "name a directory that does not hold it");
        }
        long size = target.volume(volume).sizeBytes();
        MappedBlocks blocks = new MappedBlocks();
        BackupConfiguration configuration = target.backup(volume, backup, blocks::add);
        refuse(subject, volume, backup, configuration, blocks, size);
        long mapped = (long) blocks.size() * configuration.blockSizeBytes();
        long free = Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
        if (free < mapped) {
            throw new BackupException(
                    Kind.FAILED,
                    file.toString(),
                    "needs " + new ByteSize(mapped) + ", and " + new ByteSize(free) + " are free there",
                    "name a directory with more room");
        }
        Path staged = Files.createTempFile(file.toAbsolutePath().getParent(), ".lvs-backup-", ".img");
        try {
            try (RandomAccessFile image = new RandomAccessFile(staged.toFile(), "rw")) {
                image.setLength(size);
                fill(subject, volume, configuration, blocks, image.getChannel(), run);
                image.getChannel().force(true);
            }
            Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(staged);
        }
        return mapped;
    }

    private static void refuse(
            String subject,
            String volume,
            String backup,
            BackupConfiguration configuration,
            MappedBlocks blocks,
            long size)
            throws BackupException {
        if (!configuration.isComplete()) {
            throw damaged(subject, "Longhorn has not finished it");
        }
        for (String contradiction : configuration.contradictions(volume, backup)) {
            throw damaged(subject, contradiction);
        }
        if (blocks.size() > 0 && blocks.offset(blocks.size() - 1) + configuration.blockSizeBytes() > size) {
            throw damaged(subject, "it maps a block behind the volume's end at " + size);
        }
    }

    private static BackupException damaged(String subject, String problem) {
        return new BackupException(Kind.VERIFICATION, subject, problem, "restore another backup of this volume");
    }

    private void fill(
            String subject,
            String volume,
            BackupConfiguration configuration,
            MappedBlocks blocks,
            FileChannel image,
            RunContext run)
            throws IOException, InterruptedException {
        BlockReader reader = target.blockReader();
        long total = (long) blocks.size() * configuration.blockSizeBytes();
        int[] order = blocks.byChecksum();
        try (BlockWorkers workers = new BlockWorkers(run)) {
            for (int from = 0; from < order.length; ) {
                String checksum = blocks.checksum(order[from]);
                int to = from + 1;
                while (to < order.length && blocks.checksum(order[to]).equals(checksum)) {
                    to++;
                }
                int first = from;
                int end = to;
                workers.submit(() -> {
                    byte[] block;
                    try {
                        block = reader.read(volume, checksum, configuration);
                    } catch (DamagedBlockException e) {
                        throw damaged(subject, String.valueOf(e.getMessage()));
                    }
                    for (int i = first; i < end; i++) {
                        write(image, block, blocks.offset(order[i]));
                    }
                    return null;
                });
                from = to;
                run.progress(volume, (long) to * configuration.blockSizeBytes(), total);
            }
            workers.finish();
        }
    }

    private static void write(FileChannel image, byte[] block, long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(block);
        while (bytes.hasRemaining()) {
            image.write(bytes, offset + bytes.position());
        }
    }
}
