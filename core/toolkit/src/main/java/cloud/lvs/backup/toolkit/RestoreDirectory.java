package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * A directory that a restore fills: nothing of it is there under its final name before everything is. Files are written to a
 * hidden directory in the target and moved by {@link #publish}; {@link #close} without it leaves the target as it was. The files
 * have the mode 0600, and the target 0700 if it is made here. For one thread; {@code close} works on an interrupted one.
 */
public final class RestoreDirectory implements AutoCloseable {
    private static final String STAGING = ".restoring-";

    private final Path target;
    private final boolean existed;
    private final Path staging;
    private final Set<String> names = new TreeSet<>();

    private RestoreDirectory(Path target, boolean existed, Path staging) {
        this.target = target;
        this.existed = existed;
        this.staging = staging;
    }

    /**
     * Where a request goes, for a source that restores to empty directories alone. Makes nothing.
     *
     * @return a directory that is empty or does not exist
     * @throws BackupException of kind {@code CONFIG} if the target is another, is not empty, or is no directory
     */
    public static Path of(RestoreTarget target) throws IOException {
        if (target instanceof RestoreTarget.Scratch scratch) {
            return requireEmpty(scratch.directory());
        }
        if (!(target instanceof RestoreTarget.Place place)) {
            throw new BackupException(
                    Kind.CONFIG, "this source", "restores to an empty directory only", "name one with --to");
        }
        try {
            return requireEmpty(Path.of(place.location()).toAbsolutePath());
        } catch (InvalidPathException e) {
            throw new BackupException(
                    Kind.CONFIG, place.location(), "is not a path: " + e.getReason(), "name a directory", e);
        }
    }

    private static Path requireEmpty(Path target) throws IOException {
        if (Files.isSymbolicLink(target)) {
            throw refused(target, "is a symbolic link");
        }
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return target;
        }
        if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw refused(target, "is no directory");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
            if (entries.iterator().hasNext()) {
                throw refused(target, "is not empty");
            }
        }
        return target;
    }

    private static BackupException refused(Path target, String problem) {
        return new BackupException(
                Kind.CONFIG, "directory " + target, problem, "name an empty directory, or one that does not exist");
    }

    /**
     * Begins to fill a directory.
     *
     * @param target empty, or made here, of mode 0700
     */
    public static RestoreDirectory in(Path target) throws IOException {
        requireEmpty(target);
        boolean existed = Files.exists(target);
        if (!existed) {
            OwnerOnly.createDirectories(target);
        }
        return new RestoreDirectory(target, existed, OwnerOnly.createTempDirectory(target, STAGING));
    }

    /**
     * A new file of mode 0600, which the caller closes.
     *
     * @param name of the file in the target; whoever can write to a sink can write a manifest, so it may be hostile
     * @throws BackupException of kind {@code VERIFICATION} if it is more than a name, or is written twice
     */
    public OutputStream create(String name) throws IOException {
        Path file = staging.resolve(requireName(name));
        if (!names.add(name)) {
            throw hostile(name, "is there twice");
        }
        return OwnerOnly.createFile(file);
    }

    private static String requireName(String name) throws BackupException {
        if (name.isEmpty()
                || name.equals(".")
                || name.equals("..")
                || name.startsWith(STAGING)
                || name.indexOf('/') >= 0
                || name.indexOf('\\') >= 0
                || name.indexOf('\0') >= 0) {
            throw hostile(name, "is not the name of a file");
        }
        return name;
    }

    private static BackupException hostile(String name, String problem) {
        return new BackupException(Kind.VERIFICATION, "file '" + name + "'", problem, "find out who wrote this backup");
    }

    /** Gives every file its name; to be called when all were written to their end. */
    public void publish() throws IOException {
        for (String name : names) {
            Path published = target.resolve(name);
            if (Files.exists(published, LinkOption.NOFOLLOW_LINKS)) {
                throw new BackupException(
                        Kind.FAILED, published.toString(), "came into being meanwhile", "restore to another directory");
            }
        }
        for (String name : names) {
            Files.move(staging.resolve(name), target.resolve(name));
        }
        names.clear();
        Files.delete(staging);
    }

    /** Removes what was not published, and the target if it was made here and is empty. */
    @Override
    public void close() throws IOException {
        if (!Files.exists(staging, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(staging)) {
            for (Path each : left) {
                Files.delete(each);
            }
        }
        Files.delete(staging);
        if (!existed) {
            Files.delete(target);
        }
    }
}
