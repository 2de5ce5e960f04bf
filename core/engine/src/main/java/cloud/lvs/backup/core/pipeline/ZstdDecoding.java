package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Reads zstd frames up to the end of the stream; windows up to 128 MiB, as {@code zstd -d} does.
 *
 * <p>Over the library's context rather than its input stream (1.5.7), which takes an empty stream for a whole one, and also
 * a second frame that is cut if it began in the same buffer in which the first one ended.
 */
final class ZstdDecoding extends DecodingStream {
    private static final int BUFFER_BYTES = 128 << 10;

    private final ZstdDecompressCtx context;
    private final ByteBuffer compressed =
            ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private final ByteBuffer plain = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private final byte[] chunk = new byte[BUFFER_BYTES];
    private boolean betweenFrames;
    private boolean morePending;

    ZstdDecoding(InputStream stored, String target) throws BackupException {
        super(stored, target);
        context = ZstdLibrary.decompressor();
    }

    @Override
    int decode(byte[] bytes, int offset, int length) throws IOException {
        while (!plain.hasRemaining()) {
            if (!compressed.hasRemaining() && !morePending && !fill()) {
                return -1;
            }
            plain.clear();
            try {
                betweenFrames = context.decompressDirectByteBufferStream(plain, compressed);
            } catch (ZstdException e) {
                plain.flip();
                throw damaged("is not valid zstd: " + e.getMessage(), e);
            }
            morePending = !betweenFrames && !plain.hasRemaining();
            plain.flip();
        }
        int count = Math.min(length, plain.remaining());
        plain.get(bytes, offset, count);
        return count;
    }

    private boolean fill() throws IOException {
        int count = stored.read(chunk, 0, chunk.length);
        if (count < 0) {
            if (!betweenFrames) {
                throw damaged("ends inside a zstd frame", null);
            }
            return false;
        }
        compressed.clear();
        compressed.put(chunk, 0, count).flip();
        return true;
    }

    @Override
    void release() {
        context.close();
    }
}
