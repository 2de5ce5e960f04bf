package cloud.lvs.backup.toolkit;

import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.UnaryOperator;

/**
 * A file that gets its name when it is whole: written under another name in the same file system, synced, then moved or linked.
 * Of mode 0600: who else may read it is for its owner to say.
 * {@link #close} without {@link #moveTo} leaves nothing. For one thread; works on an interrupted one, since no channel is used.
 */
public final class StagedFile implements AutoCloseable {
    private final Path path;
    private final FileOutputStream file;
    private final OutputStream body;
    private boolean over;

    /**
     * A new file.
     *
     * @param path where it lies until it is whole; what is there is replaced
     * @param explain makes what {@link #body} throws of a failure to write, e.g. since the disk is full
     */
    public StagedFile(Path path, UnaryOperator<IOException> explain) throws IOException {
        this.path = path;
        Files.deleteIfExists(path);
        this.file = OwnerOnly.createFile(path);
        this.body = new FilterOutputStream(file) {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    throw explain.apply(e);
                }
            }

            /** The file ends with {@link StagedFile#moveTo}. */
            @Override
            public void close() {}
        };
    }

    /** Takes the bytes; closing it does nothing. */
    public OutputStream body() {
        return body;
    }

    private void sync() throws IOException {
        if (over) {
            throw new IllegalStateException("the file is whole already, or was given up: " + path);
        }
        file.getFD().sync();
        file.close();
    }

    /**
     * Writes the whole file to the disk and gives it its name, in place of what has it.
     *
     * @throws IllegalStateException if it has a name already, or is closed
     * @throws java.nio.file.NoSuchFileException if somebody removed it meanwhile
     */
    public void moveTo(Path target) throws IOException {
        sync();
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        over = true;
    }

    /**
     * Writes the whole file to the disk and gives it its name if nobody has it; atomic, also against other processes.
     *
     * @throws IllegalStateException if it has a name already, or is closed
     * @throws java.nio.file.FileAlreadyExistsException if the name is taken
     * @throws UnsupportedOperationException if the file system has no hard links
     */
    public void linkTo(Path target) throws IOException {
        sync();
        Files.createLink(target, path);
        over = true;
    }

    @Override
    public void close() throws IOException {
        over = true;
        file.close();
        Files.deleteIfExists(path);
    }
}
