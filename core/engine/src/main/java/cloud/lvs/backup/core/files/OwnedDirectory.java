package cloud.lvs.backup.core.files;

import cloud.lvs.backup.core.catalog.HostProcess;
import cloud.lvs.backup.core.job.Mode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The temporary files of one process, in a directory of its own below a scratch directory that many may share. A file in it
 * stays locked while the process lives, and the kernel unlocks it however the process ends. So what a killed process left,
 * passwords and copies of databases among it, can be told from what a living one uses, and {@link #sweep} removes it.
 *
 * <p>The lock holds across containers that share a directory, where process ids mean nothing, and however often they are
 * given out again. Close it to remove the directory.
 */
public final class OwnedDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedDirectory.class);

    private static final String PREFIX = "lvs-scratch-";
    private static final String OWNER_PREFIX = "owner-";
    /** The server of a rehearsal, which root has to run as another user, passes through; nobody lists it. */
    private static final Set<PosixFilePermission> ENTERED_BY_ALL = PosixFilePermissions.fromString("rwx--x--x");

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");
    /** What versions without owners named their temporary files. */
    private static final Pattern UNOWNED =
            Pattern.compile("(postgres|k3s|lvs-drill)-\\d+(\\.dump)?|lvs-backup-drill-[a-z0-9]+");

    private static final Duration SURELY_LEFT = Duration.ofDays(1);
    /** File systems of this machine alone, where a lock that nobody holds is the whole truth. */
    private static final Set<String> LOCAL =
            Set.of("btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "ramfs", "tmpfs", "xfs", "zfs");
    /** What a server that shares its files without sharing their locks is given to say that it lives. */
    private static final Duration ELSEWHERE = Duration.ofDays(7);

    private static final int MAX_ATTEMPTS = 10;

    private final Path path;
    private final FileChannel lock;

    private OwnedDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * What a process left that is gone.
     *
     * @param path where
     * @param owner who it was, e.g. {@code process 4711 on node-1 since 2026-11-30T03:00:00Z}
     * @param problem why it could not be removed; empty if nothing was in the way
     */
    public record Leftover(Path path, String owner, String problem) {}

    /**
     * Makes a directory.
     *
     * @param scratch an existing directory
     */
    public static OwnedDirectory below(Path scratch) throws IOException {
        var random = new SecureRandom();
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            Path path = scratch.resolve(PREFIX + String.format("%08x", random.nextInt()));
            try {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(ENTERED_BY_ALL));
                Files.setPosixFilePermissions(path, ENTERED_BY_ALL);
                Path owner = path.resolve(OWNER_PREFIX + HostProcess.current().name());
                // Written and closed before it is locked: closing a file gives up every lock that the process has on
                // it.
                Files.createFile(owner, PosixFilePermissions.asFileAttribute(PRIVATE));
                Files.writeString(owner, HostProcess.current().describe(Instant.now()));
                FileChannel channel = FileChannel.open(owner, StandardOpenOption.WRITE);
                if (isLocked(channel) && Files.exists(owner)) {
                    return new OwnedDirectory(path, channel);
                }
                channel.close();
            } catch (FileAlreadyExistsException | NoSuchFileException e) {
                // The name is taken; or another process swept what had no locked file yet.
                LOG.debug("Another try to make a directory below {}: {}", scratch, e.toString());
            }
        }
        throw new IOException("no directory of its own could be made below " + scratch);
    }

    /** True as well where files cannot be locked: then nobody takes the owner for dead. */
    private static boolean isLocked(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException e) {
            LOG.debug("Files below the scratch directory cannot be locked: {}", e.toString());
            return true;
        }
    }

    /** Where to put files; what is found here when it is closed is removed. */
    public Path path() {
        return path;
    }

    /**
     * Removes what dead processes of this user left beside this directory.
     *
     * @param mode a dry run only looks
     */
    public List<Leftover> sweep(Mode mode) {
        List<Leftover> found = new ArrayList<>();
        for (Path candidate : siblings(path -> path.getFileName().toString().startsWith(PREFIX))) {
            try {
                sweep(candidate, mode).ifPresent(found::add);
            } catch (NoSuchFileException e) {
                LOG.debug("{} is gone: its owner, or another process, removed it", candidate);
            } catch (IOException e) {
                found.add(new Leftover(candidate, "a process that is gone", e.toString()));
            }
        }
        return found;
    }

    /** What looks like the temporary files that a killed process of a version without owners left: untouched for a day. */
    public List<Path> unowned() {
        return siblings(
                path -> UNOWNED.matcher(path.getFileName().toString()).matches() && isOlderThan(SURELY_LEFT, path));
    }

    @FunctionalInterface
    private interface Test {
        boolean holds(Path path) throws IOException;
    }

    /** Those of this user alone: what another one may change under our hands is left to that one. */
    private List<Path> siblings(Test test) {
        List<Path> siblings = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path.resolveSibling(""))) {
            UserPrincipal user = Files.getOwner(path);
            for (Path entry : entries) {
                Path sibling = path.resolveSibling(entry.getFileName());
                if (!sibling.equals(path) && isOf(user, sibling) && test.holds(sibling)) {
                    siblings.add(sibling);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("What lies beside {} cannot be listed: {}", path, e.toString());
        }
        siblings.sort(null);
        return siblings;
    }

    private static boolean isOf(UserPrincipal user, Path path) {
        try {
            return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(user);
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<Leftover> sweep(Path directory, Mode mode) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Optional<Path> owner = ownerIn(directory);
        if (owner.isEmpty()) {
            // Its maker is about to say who it is, or died before that: nothing is in it yet.
            if (isOlderThan(SURELY_LEFT, directory)) {
                Files.delete(directory);
            }
            return Optional.empty();
        }
        if (owner.get()
                .getFileName()
                .toString()
                .equals(OWNER_PREFIX + HostProcess.current().name())) {
            // Opening the file to look and closing it again would give up the lock.
            return Optional.empty();
        }
        String description =
                Files.readString(owner.get(), StandardCharsets.UTF_8).strip();
        try (FileChannel channel = FileChannel.open(owner.get(), StandardOpenOption.WRITE)) {
            if (!isFree(channel) || !isTrusted(owner.get(), description)) {
                return Optional.empty();
            }
            String who = description.lines().findFirst().orElse("an unknown process");
            if (mode == Mode.EXECUTE) {
                RecursiveDeletion.empty(directory, owner.get().getFileName().toString());
                Files.deleteIfExists(owner.get());
                Files.deleteIfExists(directory);
            }
            return Optional.of(new Leftover(directory, who, ""));
        }
    }

    private static Optional<Path> ownerIn(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(OWNER_PREFIX))
                    .findFirst();
        }
    }

    private static boolean isFree(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    /** Whether a lock that is free proves that the owner is gone. */
    private static boolean isTrusted(Path owner, String description) throws IOException {
        if (HostProcess.current().isOfThisBoot(description)
                || LOCAL.contains(Files.getFileStore(owner).type())) {
            return true;
        }
        return isOlderThan(ELSEWHERE, owner);
    }

    private static boolean isOlderThan(Duration age, Path path) throws IOException {
        Instant changed =
                Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant();
        return changed.isBefore(Instant.now().minus(age));
    }

    /** Removes the directory and everything in it. */
    @Override
    public void close() {
        try (lock) {
            RecursiveDeletion.delete(path);
        } catch (IOException e) {
            LOG.warn("Temporary directory {} could not be removed: {}", path, e.toString());
        }
    }
}
