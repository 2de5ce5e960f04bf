package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * Reads an object and throws where it ends before the size it had when opened. A {@link RandomAccessFile} tells the size of
 * the very file it has open, and does not mind an interrupted thread.
 */
final class FlatStream extends InputStream {
    private final ObjectKey key;
    private final RandomAccessFile file;
    private long left;

    FlatStream(ObjectKey key, Path path) throws IOException {
        this.key = key;
        this.file = new RandomAccessFile(path.toFile(), "r");
        try {
            left = file.length();
            FlatObject.readHeader(this);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = file.read(bytes, offset, length);
        if (read < 0 && left > 0) {
            throw new BackupException(
                    Kind.SINK, "object " + key, "was cut while it was read", "find out what writes to its file");
        }
        left -= Math.max(0, read);
        return read;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
