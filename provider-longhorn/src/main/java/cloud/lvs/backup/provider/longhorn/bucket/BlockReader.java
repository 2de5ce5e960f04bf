package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.xxhash.XXHashFactory;

/**
 * Reads blocks and proves them: present, decodable, of the right length, and with the checksum that they are named by.
 * Thread-safe.
 *
 * <p>A block that is compressed otherwise than its backup says is read all the same, as Longhorn does; gzip and LZ4 frames
 * tell themselves apart.
 */
final class BlockReader {
    private static final int GZIP_MAGIC = 0x1f8b0000;
    private static final int LZ4_MAGIC = 0x04224d18;

    private final Store store;
    // In plain Java: the library's native code would have to be unpacked to a temporary file first.
    private final LZ4Factory lz4 = LZ4Factory.safeInstance();
    private final XXHashFactory xxhash = XXHashFactory.safeInstance();

    BlockReader(Store store) {
        this.store = store;
    }

    /** The plain bytes of a block, as many as {@code backup} says a block has. */
    byte[] read(String volume, String checksum, BackupConfiguration backup)
            throws IOException, InterruptedException, DamagedBlockException {
        byte[] stored = stored(volume, checksum, backup.blockSizeBytes());
        byte[] plain;
        try (InputStream decoded = decoder(stored, checksum, backup.compression())) {
            plain = decoded.readNBytes(backup.blockSizeBytes() + 1);
        } catch (IOException | LZ4Exception e) {
            throw new DamagedBlockException(checksum, "cannot be decompressed: it is cut or altered");
        }
        if (plain.length != backup.blockSizeBytes()) {
            throw new DamagedBlockException(
                    checksum,
                    plain.length < backup.blockSizeBytes()
                            ? "holds " + plain.length + " bytes instead of " + backup.blockSizeBytes()
                            : "holds more than " + backup.blockSizeBytes() + " bytes");
        }
        String actual = TargetKeys.checksum(plain);
        if (!actual.equals(checksum)) {
            throw new DamagedBlockException(
                    checksum, "holds other bytes: their checksum is " + actual.substring(0, 16) + "…");
        }
        return plain;
    }

    private byte[] stored(String volume, String checksum, int blockSize)
            throws IOException, InterruptedException, DamagedBlockException {
        int limit = blockSize + blockSize / 8 + (64 << 10);
        try (InputStream in = store.open(TargetKeys.block(volume, checksum))) {
            byte[] stored = in.readNBytes(limit + 1);
            if (stored.length == 0) {
                throw new DamagedBlockException(checksum, "is empty");
            }
            if (stored.length > limit) {
                throw new DamagedBlockException(checksum, "is larger than any block of " + blockSize + " bytes can be");
            }
            return stored;
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                throw new DamagedBlockException(checksum, "is missing");
            }
            throw e;
        }
    }

    private InputStream decoder(byte[] stored, String checksum, CompressionMethod method)
            throws IOException, DamagedBlockException {
        InputStream in = new ByteArrayInputStream(stored);
        if (method == CompressionMethod.NONE) {
            return in;
        }
        int magic = 0;
        for (int i = 0; i < Math.min(4, stored.length); i++) {
            magic |= (stored[i] & 0xff) << (8 * (3 - i));
        }
        if ((magic & 0xffff0000) == GZIP_MAGIC) {
            return new GZIPInputStream(in);
        }
        if (magic == LZ4_MAGIC) {
            return new LZ4FrameInputStream(in, lz4.safeDecompressor(), xxhash.hash32());
        }
        throw new DamagedBlockException(checksum, "cannot be decompressed: it is neither gzip nor LZ4");
    }
}
