package cloud.lvs.backup.provider.postgres.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the programs of one PostgreSQL version are.
 *
 * @param directory holds at least {@code initdb} and {@code postgres}
 */
public record PostgresBinaries(Path directory) {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    /**
     * What Debian's package {@code postgresql} has installed; the newest if there are several.
     *
     * @throws IllegalStateException if it is not installed
     */
    public static PostgresBinaries installed() {
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.comparingInt(PostgresBinaries::major))
                    .map(PostgresBinaries::new)
                    .orElseThrow(PostgresBinaries::notInstalled);
        } catch (IOException e) {
            throw new IllegalStateException(notInstalled().getMessage(), e);
        }
    }

    /** A server of version 18, newer than any Debian 12 has: only the server's own programs, no {@code pg_dump}. */
    public static PostgresBinaries newer() {
        return new PostgresBinaries(Unpacked.DIRECTORY.resolve("bin"));
    }

    /** The path of a program. */
    public Path program(String name) {
        return directory.resolve(name);
    }

    private static int major(Path bin) {
        return Integer.parseInt(bin.getName(bin.getNameCount() - 2).toString());
    }

    private static IllegalStateException notInstalled() {
        return new IllegalStateException(
                "no PostgreSQL server below " + DEBIAN + "; run: apt-get install postgresql xz-utils");
    }

    /** Unpacks the bundled server once a JVM, when first asked for; removed when the JVM ends. */
    private static final class Unpacked {
        private static final String BUNDLE = "/postgres-linux-x86_64.txz";
        static final Path DIRECTORY = unpack();

        private static Path unpack() {
            try (InputStream bundle = PostgresBinaries.class.getResourceAsStream(BUNDLE)) {
                if (bundle == null) {
                    throw new IllegalStateException(BUNDLE + " is not on the class path");
                }
                Path directory = Files.createTempDirectory("lvs-postgres-");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> ServerUser.deleteTree(directory)));
                Process tar = new ProcessBuilder(List.of("tar", "-xJf", "-", "-C", directory.toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                try (var in = tar.getOutputStream()) {
                    bundle.transferTo(in);
                }
                if (tar.waitFor() != 0) {
                    throw new IllegalStateException("tar cannot unpack " + BUNDLE + "; is xz-utils installed?");
                }
                ServerUser.giveReadAccess(directory);
                return directory;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
