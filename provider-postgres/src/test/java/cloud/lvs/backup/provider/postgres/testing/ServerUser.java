package cloud.lvs.backup.provider.postgres.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Who a server of the tests runs as: PostgreSQL refuses to run as root. */
final class ServerUser {
    private static final String NAME = "postgres";

    private ServerUser() {}

    private static boolean weAreRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** The command as it has to be started for that user to run it. */
    static List<String> command(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (weAreRoot()) {
            whole.addAll(List.of("setpriv", "--reuid=" + NAME, "--regid=" + NAME, "--clear-groups", "--"));
        }
        whole.addAll(command);
        return whole;
    }

    /** A new directory below the system's temporary one, owned by that user; short enough to hold a socket. */
    static Path newDirectory() throws IOException {
        Path directory = Files.createTempDirectory("lvs-pg-");
        own(directory);
        return directory;
    }

    /** Makes that user the owner of a file. */
    static void own(Path file) throws IOException {
        if (weAreRoot()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NAME));
        }
    }

    static void giveReadAccess(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Deletes a directory that a server may still be busy leaving. */
    static void deleteTree(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (NoSuchFileException gone) {
            // By somebody else: what we wanted.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
