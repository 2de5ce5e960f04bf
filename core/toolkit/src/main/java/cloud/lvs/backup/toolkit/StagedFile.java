package cloud.lvs.backup.toolkit;

import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file that gets its name when it is whole: written under another name in the same file system, synced, then moved or linked.
 * {@link #close} without {@link #moveTo} leaves nothing. For one thread; works on an interrupted one, since no channel is used.
 */
public final class StagedFile implements AutoCloseable {
    private final Path path;
    private final FileOutputStream file;
    private final OutputStream body;

    /**
     * A new file.
     *
     * @param path where it lies until it is whole; what is there is replaced
     */
    public StagedFile(Path path) throws IOException {
        this.path = path;
        this.file = new FileOutputStream(path.toFile());
        this.body = new FilterOutputStream(file) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            /** The file ends with {@link StagedFile#sync}. */
            @Override
            public void close() {}
        };
    }

    /** Takes the bytes; closing it does nothing. */
    public OutputStream body() {
        return body;
    }

    /**
     * Writes what was written to the disk, and ends the file.
     *
     * @return where it lies
     */
    public Path sync() throws IOException {
        file.getFD().sync();
        file.close();
        return path;
    }

    /**
     * Gives the whole file its name, in place of what has it.
     *
     * @throws java.nio.file.NoSuchFileException if somebody removed it meanwhile
     */
    public void moveTo(Path target) throws IOException {
        Files.move(sync(), target, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Gives the whole file its name if nobody has it; atomic, also against other processes.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the name is taken
     * @throws UnsupportedOperationException if the file system has no hard links
     */
    public void linkTo(Path target) throws IOException {
        Files.createLink(target, sync());
    }

    @Override
    public void close() throws IOException {
        file.close();
        Files.deleteIfExists(path);
    }
}
