package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.toolkit.StagedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** An object being written: a part, renamed when it is whole. */
final class FlatObject implements ObjectWriter {
    private final ObjectKey key;
    private final Path directory;
    private final Path target;
    private final StagedFile part;

    FlatObject(ObjectKey key, Path directory, Path part, Path target) throws IOException {
        this.key = key;
        this.directory = directory;
        this.target = target;
        this.part = new StagedFile(part, e -> FlatSink.failed(directory, "write object " + key, e));
        this.part.body().write(FlatSink.header(key.value()));
    }

    @Override
    public OutputStream body() {
        return part.body();
    }

    /** Gives the object its name if nobody has it: unlike a rename, a link fails when the name is taken. */
    void commitIfAbsent() throws IOException {
        part.linkTo(target);
    }

    @Override
    public StoredObject commit() throws IOException {
        try {
            part.moveTo(target);
            return FlatSink.describe(target);
        } catch (NoSuchFileException e) {
            throw new BackupException(
                    Kind.SINK,
                    "object " + key,
                    "its unfinished write was discarded",
                    "find out who deleted the key",
                    e);
        } catch (IOException e) {
            throw FlatSink.failed(directory, "commit object " + key, e);
        }
    }

    @Override
    public void close() throws IOException {
        part.close();
    }
}
