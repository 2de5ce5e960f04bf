package cloud.lvs.backup.provider.k3s.restore;

import cloud.lvs.backup.provider.k3s.files.MountTable;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Finds what would stop a restore half way, while nothing is touched yet: also in a dry run. */
final class RestorePreconditions {
    private final MountTable mounts;

    RestorePreconditions(MountTable mounts) {
        this.mounts = mounts;
    }

    /** @throws BackupException if a piece of the server is mounted where it is, so that it cannot be renamed */
    void requireMovable(RollbackEntry entry, Path home) throws IOException {
        if (Files.exists(home, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(home) && mounts.isMountPoint(home)) {
            throw refusal(
                    home,
                    "is mounted on its own and cannot be moved away",
                    entry == RollbackEntry.TLS || entry == RollbackEntry.CRED
                            ? "unmount it, or leave server/tls and server/cred as they are (--set serverFiles=keep)"
                            : "unmount it and mount its directory instead, or restore to a new directory (--to) and write"
                                    + " the files to where they are mounted from");
        }
    }

    /** @throws BackupException if a piece cannot be renamed from the one directory to the other */
    void requireTogether(Path directory, Path other) throws IOException {
        if (Files.isDirectory(directory) && Files.isDirectory(other) && !mounts.areTogether(directory, other)) {
            throw refusal(
                    directory,
                    "is not on the file system of " + other + ": nothing can be renamed from the one to the other",
                    "mount them as they were at the restore, or move the files by hand");
        }
    }

    private static BackupException refusal(Path path, String problem, String remedy) {
        return new BackupException(Kind.CONFIG, path.toString(), problem, remedy + "; nothing was touched");
    }
}
