package cloud.lvs.backup.core.directory;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file in the staging directory; closing it removes it unless it was renamed away.
 *
 * <p>Writes through a {@link FileOutputStream}, since a file channel breaks when its thread is interrupted.
 */
final class PartFile implements AutoCloseable {
    private final Path path;
    private final FileOutputStream out;

    PartFile(Path path) throws IOException {
        this.path = path;
        try {
            this.out = new FileOutputStream(path.toFile());
        } catch (IOException e) {
            Files.deleteIfExists(path);
            throw e;
        }
    }

    Path path() {
        return path;
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    /** Makes the content durable; nothing can be written afterwards. */
    void sync() throws IOException {
        out.getFD().sync();
        out.close();
    }

    @Override
    public void close() throws IOException {
        try {
            out.close();
        } finally {
            Files.deleteIfExists(path);
        }
    }
}
