package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

/**
 * Room in the scratch directory for dumps that lie there at the same time. Who finds it taken by others waits until they
 * have left. Thread-safe.
 */
final class ScratchSpace {
    private final Path directory;
    /** What each file may grow to. */
    private final Map<Path, Long> taken = new HashMap<>();

    ScratchSpace(Path directory) {
        this.directory = directory;
    }

    /** An empty file that nobody else may read; goes away when closed. */
    record Reservation(ScratchSpace space, Path file) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            space.release(file);
        }
    }

    /**
     * Takes space for a file.
     *
     * @param bytes how large it gets
     * @param item what it is the dump of
     * @throws BackupException of kind {@code CONFIG} if there is too little, whoever leaves
     */
    synchronized Reservation reserve(long bytes, String item) throws IOException, InterruptedException {
        for (long free = free(); free < bytes; free = free()) {
            if (taken.isEmpty()) {
                throw new BackupException(
                        Kind.CONFIG,
                        "scratch directory " + directory,
                        "has " + free + " bytes free, but the dump of '" + item + "' has " + bytes,
                        "free some space there, or restore with --set jobs=1, which needs none");
            }
            wait();
        }
        Path file = Files.createTempFile(
                directory,
                "postgres-",
                ".dump",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        taken.put(file, bytes);
        return new Reservation(this, file);
    }

    /** What is free, less what those who are here have yet to write. */
    private long free() throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        for (Map.Entry<Path, Long> each : taken.entrySet()) {
            free -= Math.max(0, each.getValue() - Files.size(each.getKey()));
        }
        return free;
    }

    private synchronized void release(Path file) throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            taken.remove(file);
            notifyAll();
        }
    }
}
