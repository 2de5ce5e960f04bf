package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.StoredObject;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** An object being written: a part, renamed when it is whole. */
final class FlatObject implements ObjectWriter {
    // The longest key, as ObjectKey has it.
    private static final int MAX_KEY_BYTES = 1024;

    private final ObjectKey key;
    private final Path directory;
    private final Path part;
    private final Path target;
    private final FileOutputStream file;
    private final OutputStream body;
    private boolean over;

    FlatObject(ObjectKey key, Path directory, Path part, Path target) throws IOException {
        this.key = key;
        this.directory = directory;
        this.part = part;
        this.target = target;
        this.file = new FileOutputStream(part.toFile());
        this.body = new FilterOutputStream(file) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    throw failed("write", e);
                }
            }

            @Override
            public void close() {}
        };
        body.write(headerOf(key.value()));
    }

    static byte[] headerOf(String key) {
        return (key + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The key in a file's first line; what follows are the object's bytes. */
    static String readHeader(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 || line.size() == MAX_KEY_BYTES) {
                throw new IOException("a file there does not begin with a key");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public OutputStream body() {
        return body;
    }

    /** The part with all its bytes on the disk. */
    Path finishedPart() throws IOException {
        file.getFD().sync();
        file.close();
        return part;
    }

    @Override
    public StoredObject commit() throws IOException {
        if (over) {
            throw new IllegalStateException("object " + key + " is committed or aborted");
        }
        try {
            Path whole = finishedPart();
            long size = Files.size(whole) - headerOf(key.value()).length;
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
            over = true;
            return new StoredObject(
                    key.value(), size, Files.getLastModifiedTime(target).toInstant());
        } catch (NoSuchFileException e) {
            throw new BackupException(
                    Kind.SINK,
                    "object " + key,
                    "its unfinished write was discarded",
                    "find out who deleted the key",
                    e);
        } catch (IOException e) {
            throw failed("commit", e);
        }
    }

    private BackupException failed(String doing, IOException e) {
        return FlatSink.failed(directory, doing + " object " + key, e);
    }

    @Override
    public void close() throws IOException {
        if (!over) {
            over = true;
            file.close();
            Files.deleteIfExists(part);
        }
    }
}
