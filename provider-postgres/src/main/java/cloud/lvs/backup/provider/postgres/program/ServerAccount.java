package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a server of ours runs as. PostgreSQL refuses to run as root, so that root has to become somebody else: {@code postgres}
 * if there is such a user, else {@code nobody}.
 */
final class ServerAccount {
    private static final List<String> CANDIDATES = List.of("postgres", "nobody");
    private static final List<Path> SETPRIV = List.of(Path.of("/usr/bin/setpriv"), Path.of("/bin/setpriv"));

    private record Account(String name, int uid, int gid) {}

    private final @Nullable Account account;

    private ServerAccount(@Nullable Account account) {
        this.account = account;
    }

    /** @throws BackupException of kind {@code CONFIG} if we are root and there is nobody to become */
    static ServerAccount choose() throws BackupException {
        try {
            if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
                return new ServerAccount(null);
            }
            List<String> accounts = Files.readAllLines(Path.of("/etc/passwd"));
            for (String candidate : CANDIDATES) {
                for (String line : accounts) {
                    String[] fields = line.split(":", -1);
                    if (fields.length > 3 && fields[0].equals(candidate)) {
                        return new ServerAccount(
                                new Account(candidate, Integer.parseInt(fields[2]), Integer.parseInt(fields[3])));
                    }
                }
            }
        } catch (IOException | UnsupportedOperationException | NumberFormatException e) {
            throw nobody(e);
        }
        throw nobody(null);
    }

    private static BackupException nobody(@Nullable Throwable cause) {
        return new BackupException(
                Kind.CONFIG,
                "the drill",
                "needs an ordinary user to run a PostgreSQL server as, and finds none",
                "run it as an ordinary user, or make a user postgres, or name a server with --set server=URL",
                cause);
    }

    /** A command as it has to be started for this user to run it. */
    Command command(Path program, List<String> arguments, Map<String, String> environment) throws BackupException {
        if (account == null) {
            return new Command(program, arguments, environment);
        }
        Path setpriv = SETPRIV.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        Kind.CONFIG,
                        "setpriv",
                        "is missing, which starts a server as another user than root",
                        "install util-linux, or run as an ordinary user"));
        List<String> all = new ArrayList<>(List.of(
                "--reuid=" + account.uid(), "--regid=" + account.gid(), "--clear-groups", "--", program.toString()));
        all.addAll(arguments);
        return new Command(setpriv, all, environment);
    }

    /**
     * A new directory that this user alone may enter: below {@code wanted}, or as near to it as this user may come.
     *
     * @param scratch lies above it, and is ours as well
     * @param temporary where to else
     * @throws BackupException of kind {@code CONFIG} if there is no such place
     */
    Path newDirectory(Path wanted, Path scratch, Path temporary) throws BackupException {
        try {
            Path parent = wanted;
            if (account != null) {
                parent = placeFor(wanted.toRealPath(), scratch.toRealPath(), temporary.toRealPath());
            }
            Path directory = Files.createTempDirectory(
                    parent,
                    "lvs-drill-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (account != null) {
                Files.setAttribute(directory, "unix:uid", account.uid());
                Files.setAttribute(directory, "unix:gid", account.gid());
            }
            return directory;
        } catch (IOException | UnsupportedOperationException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "directory " + wanted,
                    "cannot hold a PostgreSQL server: " + e,
                    "name a scratch directory that can be written, on a file system of its own if need be",
                    e);
        }
    }

    private static Path placeFor(Path wanted, Path scratch, Path temporary) throws IOException, BackupException {
        Path place = null;
        Path at = wanted.getRoot();
        for (Path name : wanted) {
            at = at.resolve(name);
            if (!others(at).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                break;
            }
            if (at.equals(wanted) || at.equals(scratch) || others(at).contains(PosixFilePermission.OTHERS_WRITE)) {
                place = at;
            }
        }
        if (place != null) {
            return place;
        }
        if (others(temporary).contains(PosixFilePermission.OTHERS_EXECUTE)) {
            return temporary;
        }
        throw new BackupException(
                Kind.CONFIG,
                "directory " + wanted,
                "cannot be entered by the user a PostgreSQL server has to run as",
                "name a scratch directory below one that everybody may enter and write, such as /tmp");
    }

    private static Set<PosixFilePermission> others(Path directory) throws IOException {
        return Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
    }
}
