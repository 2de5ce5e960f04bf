package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.toolkit.CompleteInputStream;
import cloud.lvs.backup.toolkit.KeyStem;
import cloud.lvs.backup.toolkit.ShellWord;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One directory, one file per object: named {@code <SHA-256 of the key>.object}, its first line the key, the rest the bytes.
 * So any two keys fit side by side, which a tree of directories cannot offer ({@code a} beside {@code a/b}).
 *
 * <p>An unfinished write is a file {@code <SHA-256 of the key>.<unique>.part}; it becomes the object by a rename. A listing
 * reads the first line of every file: this is for hundreds of objects, not for millions. Thread-safe.
 */
final class FlatSink implements Sink {
    private static final String OBJECT = ".object";
    private static final String PART = ".part";
    private static final int MAX_KEY_BYTES = 1024;

    private final Path directory;

    FlatSink(Path directory) {
        this.directory = directory;
    }

    // tag::write[]
    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws BackupException {
        try {
            return new FlatObject(key, directory, newPart(key), pathOf(key));
        } catch (IOException e) {
            throw failed(directory, "write object " + key, e);
        }
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws BackupException {
        try (FlatObject object = new FlatObject(key, directory, newPart(key), pathOf(key))) {
            object.body().write(content);
            object.commitIfAbsent();
            return Creation.CREATED;
        } catch (FileAlreadyExistsException e) {
            return Creation.EXISTS;
        } catch (UnsupportedOperationException e) {
            return Creation.UNSUPPORTED;
        } catch (IOException e) {
            throw failed(directory, "create object " + key, e);
        }
    }
    // end::write[]

    private Path newPart(ObjectKey key) {
        return directory.resolve(KeyStem.sha256(key.value()) + "." + UUID.randomUUID() + PART);
    }

    private Path pathOf(ObjectKey key) {
        return directory.resolve(KeyStem.sha256(key.value()) + OBJECT);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws BackupException {
        try {
            return find(pathOf(key));
        } catch (IOException e) {
            throw failed(directory, "look for object " + key, e);
        }
    }

    /** What a file says it is, unless it has gone meanwhile. */
    private static Optional<StoredObject> find(Path path) throws IOException {
        try {
            return Optional.of(describe(path));
        } catch (FileNotFoundException | NoSuchFileException e) {
            if (Files.exists(path)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    static StoredObject describe(Path path) throws IOException {
        try (InputStream in = new BufferedInputStream(new FileInputStream(path.toFile()), 1024)) {
            String key = readKey(in);
            return new StoredObject(
                    key,
                    Files.size(path) - header(key).length,
                    Files.getLastModifiedTime(path).toInstant());
        }
    }

    static byte[] header(String key) {
        return (key + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The key in a file's first line; what follows are the object's bytes. */
    private static String readKey(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 || line.size() == MAX_KEY_BYTES) {
                throw new IOException("a file there does not begin with a key");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    // tag::read[]
    @Override
    public InputStream open(ObjectKey key) throws BackupException {
        Path path = pathOf(key);
        try {
            InputStream object = CompleteInputStream.of(
                    path, failed(directory, "read object " + key, new EOFException("it was cut")));
            object.skipNBytes(header(key.value()).length);
            return object;
        } catch (FileNotFoundException e) {
            if (Files.exists(path)) {
                throw failed(directory, "read object " + key, e);
            }
            throw new BackupException(
                    Kind.NOT_FOUND,
                    "object " + key,
                    "is not in " + directory,
                    "list what there is, or look elsewhere",
                    e);
        } catch (IOException e) {
            throw failed(directory, "read object " + key, e);
        }
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws BackupException {
        List<StoredObject> objects = new ArrayList<>();
        try {
            for (File file : files("", OBJECT)) {
                find(file.toPath())
                        .filter(object -> object.key().startsWith(prefix))
                        .ifPresent(objects::add);
            }
        } catch (IOException e) {
            throw failed(directory, "list", e);
        }
        return objects.stream().sorted(Comparator.comparing(StoredObject::key));
    }
    // end::read[]

    // tag::delete[]
    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) {
        Map<ObjectKey, String> refused = new HashMap<>();
        for (ObjectKey key : keys) {
            try {
                // The object and what was being written under its key.
                for (File file : files(KeyStem.sha256(key.value()), "")) {
                    Files.deleteIfExists(file.toPath());
                }
            } catch (IOException e) {
                refused.put(key, String.valueOf(e.getMessage()));
            }
        }
        return new DeleteReport(refused);
    }
    // end::delete[]

    private File[] files(String prefix, String suffix) throws IOException {
        File[] files = directory.toFile().listFiles((at, name) -> name.startsWith(prefix) && name.endsWith(suffix));
        if (files == null) {
            throw new IOException("it cannot be read");
        }
        return files;
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        return "tail -n +2 " + ShellWord.quote(pathOf(key).toString());
    }

    // tag::failed[]
    static BackupException failed(Path directory, String doing, IOException e) {
        if (e instanceof BackupException explained) {
            return explained;
        }
        return new BackupException(
                Kind.SINK,
                "directory " + directory,
                "cannot " + doing + ": " + e.getMessage(),
                "see that it is there, writable and not full",
                e);
    }
    // end::failed[]

    /** Holds nothing open. */
    @Override
    public void close() {}
}
