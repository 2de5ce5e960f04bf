package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** An object being written to the staging directory. */
final class StagedObject implements ObjectWriter {
    private enum State {
        OPEN,
        COMMITTED,
        ABORTED
    }

    private final ObjectKey key;
    private final Path target;
    private final DirectoryTree tree;
    private final PartFile staged;
    private final Body body = new Body();
    private State state = State.OPEN;
    private long written;
    private @Nullable IOException broken;

    StagedObject(ObjectKey key, Path target, DirectoryTree tree, PartFile staged) {
        this.key = key;
        this.target = target;
        this.tree = tree;
        this.staged = staged;
    }

    @Override
    public OutputStream body() {
        return body;
    }

    @Override
    public StoredObject commit() throws BackupException {
        requireOpen();
        if (broken != null) {
            throw tree.explain("write object " + key, broken);
        }
        try {
            staged.sync();
            BasicFileAttributes file = attributes();
            if (file.size() != written) {
                throw new BackupException(
                        Kind.SINK,
                        "directory " + tree.root(),
                        "kept " + file.size() + " of " + written + " bytes of object " + key,
                        "check the disk or the mount");
            }
            tree.publish(staged.path(), target, (name, from) -> Files.move(from, name, StandardCopyOption.ATOMIC_MOVE));
            state = State.COMMITTED;
            return new StoredObject(
                    key.value(), written, file.lastModifiedTime().toInstant());
        } catch (IOException e) {
            throw tree.explain("commit object " + key, e);
        }
    }

    private BasicFileAttributes attributes() throws IOException {
        try {
            return Files.readAttributes(staged.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw tree.discarded(target, e);
        }
    }

    @Override
    public void close() throws BackupException {
        if (state != State.OPEN) {
            return;
        }
        state = State.ABORTED;
        try {
            staged.close();
        } catch (IOException e) {
            throw tree.explain("abort object " + key, e);
        }
    }

    private void requireOpen() {
        if (state != State.OPEN) {
            throw new IllegalStateException(
                    "object " + key + " is " + (state == State.COMMITTED ? "committed" : "aborted"));
        }
    }

    private final class Body extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            requireOpen();
            try {
                staged.write(bytes, offset, length);
                written += length;
            } catch (IOException e) {
                broken = e;
                throw tree.explain("write object " + key, e);
            }
        }
    }
}
