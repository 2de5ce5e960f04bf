package cloud.lvs.backup.provider.k3s.files;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/** Moves files by renaming them, and back again if one of the renames fails. Replaces nothing. */
public final class Renames {
    private record Rename(Path from, Path to) {}

    private final Deque<Rename> done = new ArrayDeque<>();

    /** @throws BackupException if the two places are not on one file system */
    public void move(Path from, Path to) throws IOException {
        if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    from.toString(),
                    "cannot be renamed to " + to + ": they are on different file systems",
                    "restore to a new directory instead and move the files by hand",
                    e);
        }
        done.push(new Rename(from, to));
    }

    /** Takes everything back, newest first; what cannot be taken back is added to {@code cause}. */
    public void takeBack(Throwable cause) {
        while (!done.isEmpty()) {
            Rename rename = done.pop();
            try {
                Files.move(rename.to(), rename.from(), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /**
     * Takes everything back after a failure.
     *
     * @param target what was to be changed
     * @return the failure, with what became of the renames before it
     */
    public BackupException takeBackAfter(IOException failure, String target) {
        boolean moved = !done.isEmpty();
        takeBack(failure);
        String problem =
                failure instanceof BackupException told ? told.getMessage() : "failed: " + IoErrorMessages.of(failure);
        if (failure.getSuppressed().length > 0) {
            return new BackupException(
                    Kind.FAILED,
                    target,
                    problem + "; not everything could be moved back: "
                            + (failure.getSuppressed()[0] instanceof IOException e ? IoErrorMessages.of(e) : ""),
                    "mend that and run an undo, which puts the rest back",
                    failure);
        }
        return new BackupException(
                failure instanceof BackupException told ? told.kind() : Kind.FAILED,
                target,
                problem + (moved ? "; what was moved has been moved back" : "; nothing was moved"),
                failure instanceof BackupException told ? told.remedy() : "mend that and try again",
                failure);
    }

    /** Makes what was renamed in a directory, or written to a file, outlive a power failure. */
    public static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
