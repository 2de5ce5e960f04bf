package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a child logs in with, in a directory of its own: the password, and a copy of the client's key. libpq refuses files
 * that others can read, which mounted Secrets are. Born with mode 0600; removed by {@link #close()}, also on an interrupted
 * thread.
 */
public final class PassFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PassFile.class);

    private final Path directory;
    private final Path passwords;
    private final @Nullable Path key;

    private PassFile(Path directory, Path passwords, @Nullable Path key) {
        this.directory = directory;
        this.passwords = passwords;
        this.key = key;
    }

    /**
     * Writes the files.
     *
     * @param scratch an existing directory
     */
    public static PassFile in(Path scratch, Optional<Secret> password, @Nullable Path sslKey) throws BackupException {
        Path directory = null;
        try {
            directory = Files.createTempDirectory(
                    scratch,
                    "postgres-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            String line = password.map(secret -> "*:*:*:*:" + escaped(secret.reveal()) + "\n")
                    .orElse("");
            PassFile file = new PassFile(
                    directory, directory.resolve("pgpass"), sslKey == null ? null : directory.resolve("client.key"));
            write(file.passwords, line.getBytes(StandardCharsets.UTF_8));
            if (sslKey != null && file.key != null) {
                write(file.key, Files.readAllBytes(sslKey));
            }
            return file;
        } catch (IOException e) {
            if (directory != null) {
                delete(directory);
            }
            throw new BackupException(
                    Kind.FAILED,
                    "directory " + scratch,
                    "cannot hold the files that pg_dump logs in with: " + e,
                    "use a scratch directory that can be written, and let the user of this process read sslKey",
                    e);
        }
    }

    private static String escaped(String password) {
        return password.replace("\\", "\\\\").replace(":", "\\:");
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (SeekableByteChannel out = Files.newByteChannel(
                file,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }
    }

    /** The variables that make a child use these files and none of the user's own. */
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("HOME", directory.toString());
        environment.put("PGPASSFILE", passwords.toString());
        if (key != null) {
            environment.put("PGSSLKEY", key.toString());
        }
        return environment;
    }

    @Override
    public void close() {
        delete(directory);
    }

    private static void delete(Path directory) {
        try {
            Files.deleteIfExists(directory.resolve("pgpass"));
            Files.deleteIfExists(directory.resolve("client.key"));
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            LOG.warn("Directory {} with a password in it could not be removed: {}", directory, e.toString());
        }
    }
}
