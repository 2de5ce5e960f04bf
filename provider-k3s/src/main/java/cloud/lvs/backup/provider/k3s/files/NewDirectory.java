package cloud.lvs.backup.provider.k3s.files;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * A directory for what is restored: nothing is in it, or it does not exist yet.
 *
 * @param path absolute
 * @param exists whether it is there; it may be a mount point or have an owner on purpose, so it stays and is filled
 */
public record NewDirectory(Path path, boolean exists) {
    /**
     * The one that an operator names.
     *
     * @throws BackupException of kind {@code CONFIG} if it is not empty, no directory, or has no parent
     */
    public static NewDirectory of(RestoreTarget.Place place) throws IOException {
        String target = "directory " + place.location();
        Path path;
        try {
            path = Path.of(place.location()).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    target,
                    "is not a path: " + e.getReason(),
                    "name a directory that is empty or does not exist",
                    e);
        }
        boolean exists = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (exists) {
            requireEmpty(path, target);
        }
        Path parent = path.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new BackupException(
                    Kind.CONFIG, target, "has no parent directory", "make " + parent + " first, or restore elsewhere");
        }
        return new NewDirectory(path, exists);
    }

    private static void requireEmpty(Path directory, String target) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw occupied(target, "is not a directory");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw occupied(target, "is not empty");
            }
        }
    }

    private static BackupException occupied(String target, String problem) {
        return new BackupException(
                Kind.CONFIG, target, problem, "name a directory that is empty or does not exist; nothing was touched");
    }

    /** Where to put what will be moved in: on the same file system. */
    public Path staging() {
        Path parent = path.getParent();
        return exists || parent == null ? path : parent;
    }

    /** Moves files and directories in, under their names; all of them, or none. */
    public void fill(List<Path> entries) throws IOException {
        Renames renames = new Renames();
        boolean made = false;
        try {
            if (!exists) {
                Directories.createPrivate(path);
                made = true;
            }
            for (Path entry : entries) {
                renames.move(entry, path.resolve(entry.getFileName()));
            }
            Renames.sync(path);
        } catch (IOException e) {
            BackupException failure = renames.takeBackAfter(e, "directory " + path);
            if (made) {
                Directories.deleteQuietly(path, failure);
            }
            throw failure;
        } catch (RuntimeException e) {
            renames.takeBack(e);
            if (made) {
                Directories.deleteQuietly(path, e);
            }
            throw e;
        }
    }
}
