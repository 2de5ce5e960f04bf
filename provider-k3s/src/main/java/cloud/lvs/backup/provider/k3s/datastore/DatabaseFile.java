package cloud.lvs.backup.provider.k3s.datastore;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a database is and what belongs to it. SQLite resolves a symbolic link before it opens a database, and keeps the log
 * beside the file that it leads to, under that file's name ({@code os_unix.c}, {@code unixFullPathname}).
 *
 * @param name where k3s opens it
 * @param file the file itself, which need not exist; {@code name} unless that is a link
 */
public record DatabaseFile(Path name, Path file) {
    private static final int MOST_LINKS = 40;

    /**
     * Follows links.
     *
     * @throws BackupException if they lead nowhere
     */
    public static DatabaseFile at(Path name) throws BackupException {
        Path file = name;
        for (int links = 0; Files.isSymbolicLink(file); links++) {
            if (links == MOST_LINKS) {
                throw refusal(name, "is a loop of symbolic links", "make it the database, or a link to it");
            }
            file = target(name, file);
        }
        return new DatabaseFile(name, file);
    }

    private static Path target(Path name, Path link) throws BackupException {
        try {
            Path target = link.resolveSibling(Files.readSymbolicLink(link)).toAbsolutePath();
            Path directory = target.getParent();
            if (directory == null) {
                throw refusal(name, "is a symbolic link to " + target, "make it a link to the database");
            }
            try {
                return directory.toRealPath().resolve(target.getFileName());
            } catch (NoSuchFileException e) {
                throw refusal(
                        name,
                        "is a symbolic link to " + target + ", whose directory does not exist",
                        "mount the file system that holds the database, or remove the link");
            }
        } catch (BackupException e) {
            throw e;
        } catch (IOException e) {
            throw refusal(
                    name, "cannot be followed: " + IoErrorMessages.of(e), "check the symbolic link and where it leads");
        }
    }

    private static BackupException refusal(Path name, String problem, String remedy) {
        return new BackupException(Kind.SOURCE, "k3s datastore " + name, problem, remedy);
    }

    /** Whether k3s reaches it by a link. */
    public boolean isLinked() {
        return !file.equals(name);
    }

    /** Where it lies, and its log with it. */
    public Path directory() {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    public Path wal() {
        return beside("-wal");
    }

    public Path shm() {
        return beside("-shm");
    }

    /** Only there after a crash in SQLite's rollback mode, which kine leaves as soon as it opens the database. */
    public Path journal() {
        return beside("-journal");
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
