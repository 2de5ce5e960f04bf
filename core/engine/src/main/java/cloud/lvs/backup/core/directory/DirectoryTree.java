package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The directories below a root: made when needed, removed when empty, synced, never left through a symbolic link. */
final class DirectoryTree {
    /** Where unfinished writes lie. */
    static final String STAGING = ".lvs-staging";

    // At the top of an ext file system there is one that only its superuser may read.
    private static final String LOST_AND_FOUND = "lost+found";

    // Each attempt loses only to a deletion that empties the directory between two system calls.
    private static final int ATTEMPTS = 1_000;

    private final Path root;
    private final boolean posix;

    DirectoryTree(Path root) {
        this.root = root;
        this.posix = root.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    Path root() {
        return root;
    }

    /** Whether a key, or a name directly below the root, is not for objects. */
    static boolean isReserved(String key) {
        int end = key.indexOf('/');
        String top = end < 0 ? key : key.substring(0, end);
        return top.equals(STAGING) || top.equals(LOST_AND_FOUND);
    }

    BackupException explain(String doing, IOException failure) {
        return DirectoryFailures.explain(root, doing, failure);
    }

    /** The directory that holds {@code path}; for the file system's own root that is itself. */
    static Path above(Path path) {
        return Objects.requireNonNullElse(path.getParent(), path);
    }

    /** Makes a new file of mode 0600. */
    void makeFile(Path file) throws IOException {
        Files.createFile(file, mode("rw-------"));
    }

    private FileAttribute<?>[] mode(String permissions) {
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Whether {@code directory} exists and is reached from the root through real directories only. */
    boolean reachable(Path directory) throws IOException {
        BasicFileAttributes top = attributes(root, Link.FOLLOW);
        if (top == null) {
            return false;
        }
        if (!top.isDirectory()) {
            throw new NotDirectoryException(root.toString());
        }
        for (Path each : below(directory)) {
            BasicFileAttributes attributes = attributes(each, Link.NO_FOLLOW);
            if (attributes == null || !attributes.isDirectory()) {
                return false;
            }
        }
        return true;
    }

    /** Fails if something in the way makes it impossible to publish a file at {@code target}. Makes nothing. */
    void requireRoomFor(Path target) throws IOException {
        for (Path each : below(above(target))) {
            BasicFileAttributes attributes = attributes(each, Link.NO_FOLLOW);
            if (attributes == null) {
                break;
            }
            requireDirectory(each, attributes);
        }
        BasicFileAttributes there = attributes(target, Link.NO_FOLLOW);
        if (there != null && there.isDirectory()) {
            throw new BackupException(
                    Kind.SINK,
                    "directory " + root,
                    "cannot write the file " + root.relativize(target) + ": it is a directory",
                    "use another key; a directory cannot hold both 'a' and 'a/b'");
        }
    }

    /** How a written file gets its name. */
    interface Naming {
        void name(Path target, Path staged) throws IOException;
    }

    /** Gives a staged file its name, durably; makes the directories above it, also against those who remove them. */
    void publish(Path staged, Path target, Naming naming) throws IOException {
        Path parent = above(target);
        for (int attempt = 1; ; attempt++) {
            try {
                makeDirectory(parent);
                naming.name(target, staged);
                break;
            } catch (NoSuchFileException e) {
                if (!Files.exists(staged, LinkOption.NOFOLLOW_LINKS)) {
                    throw discarded(target, e);
                }
                if (attempt == ATTEMPTS) {
                    throw new FileSystemException(parent.toString(), null, "removed as often as it is made");
                }
            }
        }
        syncIfThere(parent);
    }

    /** For a write whose file was taken away before it got its name. */
    BackupException discarded(Path target, IOException cause) {
        return new BackupException(
                Kind.SINK,
                "directory " + root,
                "the unfinished write of " + root.relativize(target) + " was discarded",
                "find out who deleted that key meanwhile",
                cause);
    }

    /** Makes a directory and those above it down from the root; the one above the root must exist. */
    void makeDirectory(Path directory) throws IOException {
        Link link = directory.equals(root) ? Link.FOLLOW : Link.NO_FOLLOW;
        BasicFileAttributes attributes = attributes(directory, link);
        if (attributes != null) {
            requireDirectory(directory, attributes);
            return;
        }
        Path parent = above(directory);
        if (!directory.equals(root)) {
            makeDirectory(parent);
        } else if (!Files.isDirectory(parent)) {
            throw new BackupException(
                    Kind.SINK,
                    "directory " + root,
                    "does not exist, nor does " + parent,
                    "mount or make " + parent + ", or correct the sink's path");
        }
        try {
            Files.createDirectory(directory, mode("rwx------"));
        } catch (FileAlreadyExistsException e) {
            return;
        }
        syncIfThere(parent);
    }

    private void requireDirectory(Path path, BasicFileAttributes attributes) throws IOException {
        if (attributes.isDirectory()) {
            return;
        }
        if (attributes.isSymbolicLink()) {
            throw new BackupException(
                    Kind.SINK,
                    "directory " + root,
                    path + " is a symbolic link, which is not followed",
                    "replace the link by a directory or a mount; the sink's path itself may be a link");
        }
        throw new NotDirectoryException(path.toString());
    }

    /** Removes these directories and those above them as far as they are empty, and makes deletions in them durable. */
    void prune(Collection<Path> directories) throws IOException {
        Set<Path> changed = new LinkedHashSet<>();
        for (Path directory : directories) {
            Path left = root;
            List<Path> real = new ArrayList<>();
            for (Path each : below(directory)) {
                BasicFileAttributes attributes = attributes(each, Link.NO_FOLLOW);
                if (attributes == null || !attributes.isDirectory()) {
                    break;
                }
                real.add(each);
            }
            for (int i = real.size() - 1; i >= 0; i--) {
                if (!remove(real.get(i))) {
                    left = real.get(i);
                    break;
                }
            }
            changed.add(left);
        }
        for (Path directory : changed) {
            syncIfThere(directory);
        }
    }

    private void syncIfThere(Path directory) throws IOException {
        try {
            sync(directory);
        } catch (NoSuchFileException e) {
            // Emptied and removed since: whoever did so syncs the directory above it.
            return;
        }
    }

    private static boolean remove(Path directory) {
        try {
            Files.delete(directory);
            return true;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            // Not empty; or it is a mount point, say, and an empty directory that stays harms nobody.
            return false;
        }
    }

    /**
     * Makes the names in a directory durable. Works on an interrupted thread, which a {@link FileChannel} does not: the
     * interrupt is put aside meanwhile.
     */
    void sync(Path directory) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                } catch (IOException e) {
                    if (DirectoryFailures.isUnsupported(e)) {
                        return;
                    }
                    throw e;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private enum Link {
        FOLLOW,
        NO_FOLLOW
    }

    private static @Nullable BasicFileAttributes attributes(Path path, Link link) throws IOException {
        try {
            return link == Link.FOLLOW
                    ? Files.readAttributes(path, BasicFileAttributes.class)
                    : Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** The directories between the root and {@code directory}, outermost first, the latter included. */
    private List<Path> below(Path directory) {
        List<Path> chain = new ArrayList<>();
        if (!directory.equals(root)) {
            Path each = root;
            for (Path name : root.relativize(directory)) {
                each = each.resolve(name);
                chain.add(each);
            }
        }
        return chain;
    }
}
