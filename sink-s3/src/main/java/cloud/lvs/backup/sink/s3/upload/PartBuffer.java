package cloud.lvs.backup.sink.s3.upload;

import cloud.lvs.backup.sink.s3.client.Md5;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The bytes of one part, in one block or, when parts have grown, several. Filled by one thread, then read by another. */
public final class PartBuffer {
    private final PartBuffers pool;
    private final List<byte[]> blocks = new ArrayList<>();
    private final MessageDigest md5 = Md5.digest();
    private byte[] digest = {};
    private int length;
    private volatile boolean cancelled;

    public PartBuffer(PartBuffers pool, byte[] firstBlock) {
        this.pool = pool;
        blocks.add(firstBlock);
    }

    int length() {
        return length;
    }

    int blockCount() {
        return blocks.size();
    }

    public boolean isFull() {
        return length == capacity();
    }

    private int capacity() {
        return blocks.size() * pool.blockBytes();
    }

    void extend(byte[] block) {
        blocks.add(block);
    }

    /** Takes as many bytes as fit; returns how many. */
    public int append(byte[] bytes, int offset, int count) {
        int inBlock = length % pool.blockBytes();
        int n = Math.min(count, Math.min(capacity() - length, pool.blockBytes() - inBlock));
        if (n > 0) {
            System.arraycopy(bytes, offset, blocks.get(length / pool.blockBytes()), inBlock, n);
            md5.update(bytes, offset, n);
            length += n;
        }
        return n;
    }

    /** Ends the filling. */
    public void seal() {
        digest = md5.digest();
    }

    /** The MD5 of a sealed part. */
    byte[] digest() {
        return digest.clone();
    }

    /** The MD5 of a sealed part as {@code Content-MD5} wants it. */
    String contentMd5() {
        return Base64.getEncoder().encodeToString(digest);
    }

    /** Makes streams of {@link #open} fail, so that a request that is on its way ends soon. */
    void cancel() {
        cancelled = true;
    }

    /** The bytes of a sealed part, from the beginning; may be opened again for each attempt. */
    InputStream open() {
        return new BlockStream();
    }

    /** Gives the memory back; nothing may read it any more. */
    void release() {
        blocks.forEach(pool::giveBack);
        blocks.clear();
        length = 0;
    }

    private final class BlockStream extends InputStream {
        private int position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            if (cancelled) {
                throw new IOException("the upload was given up");
            }
            if (position == length) {
                return count == 0 ? 0 : -1;
            }
            int inBlock = position % pool.blockBytes();
            int n = Math.min(count, Math.min(length - position, pool.blockBytes() - inBlock));
            System.arraycopy(blocks.get(position / pool.blockBytes()), inBlock, target, offset, n);
            position += n;
            return n;
        }

        @Override
        public int available() {
            return length - position;
        }
    }
}
