package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whether a k3s server has its datastore open. SQLite in WAL mode keeps a lock on {@code state.db} for as long as a
 * connection lives, and one on {@code state.db-shm} ({@code os_unix.c}); both are seen across containers of one host.
 */
enum RunningK3s {
    RUNNING,
    STOPPED,
    /** The files cannot be opened for writing, as a lock demands: a read-only mount, or another user's. */
    UNKNOWN;

    private static final long SHARED_FIRST = 0x40000002L;
    private static final long SHARED_SIZE = 510;
    private static final long DEAD_MAN_SWITCH = 128;

    /**
     * Asks. Must not be called while this process has the database open through SQLite: closing the file here would drop
     * SQLite's locks.
     */
    static RunningK3s probe(DataDir dir) {
        RunningK3s database = probe(dir.database(), SHARED_FIRST, SHARED_SIZE);
        return database == STOPPED ? probe(dir.shm(), DEAD_MAN_SWITCH, 1) : database;
    }

    /** @throws BackupException if k3s has its datastore open, or that cannot be told */
    static void requireStopped(DataDir dir) throws BackupException {
        switch (probe(dir)) {
            case STOPPED -> {}
            case RUNNING ->
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

    private static RunningK3s probe(Path file, long position, long size) {
        if (!Files.exists(file)) {
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
