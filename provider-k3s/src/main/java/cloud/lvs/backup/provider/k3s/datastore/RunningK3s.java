package cloud.lvs.backup.provider.k3s.datastore;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Whether a k3s server has its datastore open. SQLite in WAL mode keeps a lock on {@code state.db} for as long as a
 * connection lives, and one on {@code state.db-shm} ({@code os_unix.c}); both are seen across containers of one host.
 */
public enum RunningK3s {
    RUNNING,
    STOPPED,
    /** A server has the index of the log open, but another file as database: {@code state.db} was replaced under it. */
    PARTED,
    /** The files cannot be opened for writing, as a lock demands: a read-only mount, or another user's. */
    UNKNOWN;

    private static final Path OWN_DESCRIPTORS = Path.of("/proc/self/fd");
    private static final long SHARED_FIRST = 0x40000002L;
    private static final long SHARED_SIZE = 510;
    private static final long DEAD_MAN_SWITCH = 128;

    /** Asks. Harmless while this process has the database open: it then runs here. */
    public static RunningK3s probe(DatabaseFile database) {
        if (isOpenHere(database.file())) {
            // Closing the file after the probe would drop SQLite's own locks, which are those of the process.
            return RUNNING;
        }
        RunningK3s server = probe(database.file(), SHARED_FIRST, SHARED_SIZE);
        // SQLite holds the lock on the database for longer than that on the index.
        RunningK3s index = server == STOPPED ? probe(database.shm(), DEAD_MAN_SWITCH, 1) : server;
        return server == STOPPED && index == RUNNING ? PARTED : index;
    }

    /** @throws BackupException if k3s has its datastore open, or that cannot be told */
    public static void requireStopped(DataDir dir) throws BackupException {
        switch (probe(dir.databaseFile())) {
            case STOPPED -> {}
            case RUNNING, PARTED ->
                throw new BackupException(
                        Kind.CONFIG,
                        "k3s datastore " + dir.database(),
                        "is open in a running process",
                        "stop k3s first: systemctl stop k3s (or k3s-killall.sh, which stops the containers too);"
                                + " nothing was touched");
            case UNKNOWN ->
                throw new BackupException(
                        Kind.CONFIG,
                        "k3s datastore " + dir.database(),
                        "cannot be opened for writing, so that it cannot be told whether k3s runs",
                        "run as root, with the data directory mounted writable");
        }
    }

    private static boolean isOpenHere(Path file) {
        try {
            Object identity =
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(OWN_DESCRIPTORS)) {
                for (Path descriptor : descriptors) {
                    if (identity != null && identity.equals(identityOf(descriptor))) {
                        return true;
                    }
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException e) {
            // No such file, or no /proc here.
            return false;
        }
    }

    private static @Nullable Object identityOf(Path descriptor) {
        try {
            return Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            // Closed meanwhile.
            return null;
        }
    }

    private static RunningK3s probe(Path file, long position, long size) {
        if (!Files.isRegularFile(file)) {
            return STOPPED;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock(position, size, false)) {
            return lock == null ? RUNNING : STOPPED;
        } catch (OverlappingFileLockException e) {
            return RUNNING;
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}
