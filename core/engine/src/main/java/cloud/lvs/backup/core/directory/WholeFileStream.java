package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Reads a file and throws where it ends before the size it had when opened.
 *
 * <p>A {@link RandomAccessFile} tells the size of the very file it has open and, unlike a channel, reads on an
 * interrupted thread.
 */
final class WholeFileStream extends InputStream {
    private final ObjectKey key;
    private final DirectoryTree tree;
    private final RandomAccessFile file;
    private final long size;
    private long position;

    WholeFileStream(ObjectKey key, Path path, DirectoryTree tree) throws IOException {
        this.key = key;
        this.tree = tree;
        this.file = open(path);
        try {
            this.size = file.length();
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static RandomAccessFile open(Path path) throws IOException {
        try {
            return new RandomAccessFile(path.toFile(), "r");
        } catch (FileNotFoundException e) {
            // Also thrown for want of permission.
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            NoSuchFileException gone = new NoSuchFileException(path.toString());
            gone.initCause(e);
            throw gone;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        int read;
        try {
            read = file.read(buffer, offset, (int) Math.min(length, Math.max(1, size - position)));
        } catch (IOException e) {
            throw tree.explain("read object " + key, e);
        }
        if (read < 0 && position < size) {
            throw new BackupException(
                    Kind.SINK,
                    "directory " + tree.root(),
                    "object " + key + " was cut to " + position + " of " + size + " bytes while it was read",
                    "find out what writes to that file");
        }
        position += Math.max(0, read);
        return read;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
