package cloud.lvs.backup.examples.flat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
            // Unlike a rename, a link fails when the name is taken.
            Files.createLink(pathOf(key), object.finishedPart());
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
        return directory.resolve(nameOf(key) + "." + UUID.randomUUID() + PART);
    }

    private Path pathOf(ObjectKey key) {
        return directory.resolve(nameOf(key) + OBJECT);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws BackupException {
        try {
            return Optional.ofNullable(describe(pathOf(key)));
        } catch (IOException e) {
            throw failed(directory, "look for object " + key, e);
        }
    }

    /** What a file says it is; null if it has gone meanwhile. */
    private static @Nullable StoredObject describe(Path path) throws IOException {
        try (InputStream in = new BufferedInputStream(new FileInputStream(path.toFile()), 1024)) {
            String key = FlatObject.readHeader(in);
            long size = Files.size(path) - FlatObject.headerOf(key).length;
            return new StoredObject(key, size, Files.getLastModifiedTime(path).toInstant());
        } catch (FileNotFoundException | NoSuchFileException e) {
            if (Files.exists(path)) {
                throw e;
            }
            return null;
        }
    }

    // tag::read[]
    @Override
    public InputStream open(ObjectKey key) throws BackupException {
        Path path = pathOf(key);
        try {
            return new FlatStream(key, path);
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
            for (Path file : files("*" + OBJECT)) {
                StoredObject object = describe(file);
                if (object != null && object.key().startsWith(prefix)) {
                    objects.add(object);
                }
            }
        } catch (IOException e) {
            throw failed(directory, "list", e);
        }
        return objects.stream().sorted(Comparator.comparing(StoredObject::key));
    }
    // end::read[]

    // tag::delete[]
    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws BackupException {
        Map<ObjectKey, String> refused = new HashMap<>();
        List<Path> parts;
        try {
            parts = files("*" + PART);
        } catch (IOException e) {
            throw failed(directory, "delete objects", e);
        }
        for (ObjectKey key : keys) {
            try {
                Files.deleteIfExists(pathOf(key));
                String name = nameOf(key);
                for (Path part : parts) {
                    if (part.getFileName().toString().startsWith(name)) {
                        Files.deleteIfExists(part);
                    }
                }
            } catch (IOException e) {
                refused.put(key, String.valueOf(e.getMessage()));
            }
        }
        return new DeleteReport(refused);
    }
    // end::delete[]

    private List<Path> files(String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            files.forEach(found::add);
            return found;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        return "tail -n +2 '" + pathOf(key).toString().replace("'", "'\\''") + "'";
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

    private static String nameOf(ObjectKey key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(key.value().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Holds nothing open. */
    @Override
    public void close() {}
}
