package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps objects as plain files: the object {@code 2026/11/x.db.zst} is the file of that path below the root.
 *
 * <p>An object is a regular file whose path from the root leads through real directories. Symbolic links below the root
 * are neither listed nor followed (the root itself may be one); nor is {@code lost+found}. Objects are written to {@code .lvs-staging}
 * below the root, synced, and renamed into place; files have mode 0600 and directories 0700. A write that a crash
 * left there is named by the SHA-256 of its key and goes when that key is deleted. Directories that a deletion empties are
 * removed. A missing root reads as empty and is made by the first write if the directory above it exists.
 *
 * <p>Unlike an object store, a directory cannot hold both {@code a} and {@code a/b}; the second one fails. Where the file
 * system has no hard links, {@link #createIfAbsent} is {@link Creation#UNSUPPORTED}. Metadata is not stored.
 *
 * <p>Thread-safe, also against other processes on the same machine.
 */
public final class DirectorySink implements Sink {
    private static final int CONDITIONAL_LIMIT = 64 * 1024;

    private final Path root;
    private final DirectoryTree tree;
    private final Staging staging;

    /** A sink over {@code root}; a relative path counts from the working directory. No I/O yet. */
    public DirectorySink(Path root) {
        this.root = root.toAbsolutePath().normalize();
        this.tree = new DirectoryTree(this.root);
        this.staging = new Staging(tree);
    }

    @Override
    public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws BackupException {
        Path target = targetOf(key);
        try {
            tree.requireRoomFor(target);
            return new StagedObject(key, target, tree, staging.open(key));
        } catch (IOException e) {
            throw tree.explain("write object " + key, e);
        }
    }

    @Override
    public Creation createIfAbsent(ObjectKey key, byte[] content) throws BackupException {
        if (content.length > CONDITIONAL_LIMIT) {
            throw new IllegalArgumentException(
                    "at most 64 KiB can be created conditionally, " + key + " has " + content.length + " bytes");
        }
        Path target = targetOf(key);
        try {
            tree.requireRoomFor(target);
            try (PartFile staged = staging.open(key)) {
                staged.write(content, 0, content.length);
                staged.sync();
                return link(staged, target);
            }
        } catch (IOException e) {
            throw tree.explain("create object " + key, e);
        }
    }

    // A hard link appears at once with its whole content and fails if the name is taken, which no rename does.
    private Creation link(PartFile staged, Path target) throws IOException {
        try {
            tree.publish(staged.path(), target, Files::createLink);
            return Creation.CREATED;
        } catch (FileAlreadyExistsException e) {
            return Creation.EXISTS;
        } catch (UnsupportedOperationException e) {
            return Creation.UNSUPPORTED;
        } catch (FileSystemException e) {
            if (DirectoryFailures.isUnsupported(e)) {
                return Creation.UNSUPPORTED;
            }
            throw e;
        }
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws BackupException {
        try {
            return Optional.ofNullable(objectAt(locate(key)))
                    .map(file -> new StoredObject(
                            key.value(), file.size(), file.lastModifiedTime().toInstant()));
        } catch (IOException e) {
            throw tree.explain("look for object " + key, e);
        }
    }

    @Override
    public InputStream open(ObjectKey key) throws BackupException {
        Path path = locate(key);
        try {
            if (path != null && objectAt(path) != null) {
                return new WholeFileStream(key, path, tree);
            }
        } catch (NoSuchFileException e) {
            throw missing(key, e);
        } catch (IOException e) {
            throw tree.explain("read object " + key, e);
        }
        throw missing(key, null);
    }

    private BackupException missing(ObjectKey key, @Nullable IOException cause) {
        return new BackupException(
                Kind.NOT_FOUND,
                "object " + key,
                "does not exist in directory " + root,
                "list the backups that are there, or check the sink's path",
                cause);
    }

    @Override
    public Stream<StoredObject> list(String prefix) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        new KeyOrderedWalk(tree, prefix), Spliterator.ORDERED | Spliterator.NONNULL),
                false);
    }

    @Override
    public DeleteReport delete(Collection<ObjectKey> keys) throws BackupException {
        Map<ObjectKey, String> refused = new HashMap<>();
        Set<Path> emptied = new LinkedHashSet<>();
        for (ObjectKey key : new HashSet<>(keys)) {
            Path path = locate(key);
            try {
                if (objectAt(path) != null) {
                    Files.deleteIfExists(path);
                }
                if (path != null) {
                    emptied.add(DirectoryTree.above(path));
                }
            } catch (IOException e) {
                refused.put(key, DirectoryFailures.inWords(e));
            }
        }
        try {
            refused.putAll(staging.discard(keys));
            tree.prune(emptied);
        } catch (IOException e) {
            throw tree.explain("delete objects", e);
        }
        return new DeleteReport(refused);
    }

    @Override
    public String fetchCommand(ObjectKey key) {
        return "cat '" + (root + "/" + key).replace("'", "'\\''") + "'";
    }

    /** Nothing is held open between requests. */
    @Override
    public void close() {}

    /** Where an object of this key lies, or null if none can: the name is ours, the file system's, or not expressible. */
    private @Nullable Path locate(ObjectKey key) {
        if (DirectoryTree.isReserved(key.value())) {
            return null;
        }
        try {
            return root.resolve(key.value());
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private Path targetOf(ObjectKey key) throws BackupException {
        Path path = locate(key);
        if (path == null) {
            throw new BackupException(
                    Kind.SINK,
                    "object " + key,
                    DirectoryTree.isReserved(key.value())
                            ? "its name is reserved in directory " + root
                            : "its name cannot be a file name with the character set of this process",
                    "use another key, or run with LC_ALL=C.UTF-8 if it is not plain ASCII");
        }
        return path;
    }

    private @Nullable BasicFileAttributes objectAt(@Nullable Path path) throws IOException {
        if (path == null || !tree.reachable(DirectoryTree.above(path))) {
            return null;
        }
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return file.isRegularFile() ? file : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
