package cloud.lvs.backup.provider.postgres.server;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the password that a configuration names. */
public final class PasswordReader {
    private static final int MOST_BYTES = 1 << 16;

    private PasswordReader() {}

    /** The password, told to the host so that it is masked; empty if none is configured. */
    public static Optional<Secret> read(PostgresConfig config, ProviderContext context) throws BackupException {
        Path file = config.passwordFile();
        Secret literal = config.password();
        if (file != null) {
            return Optional.of(read(file, context));
        }
        return literal == null
                ? Optional.empty()
                : Optional.of(checked(literal.reveal(), "password of role " + config.user(), context));
    }

    /** The password that a file holds, told to the host so that it is masked. */
    public static Secret read(Path file, ProviderContext context) throws BackupException {
        return checked(text(file), "password file " + file, context);
    }

    private static Secret checked(String text, String target, ProviderContext context) throws BackupException {
        if (text.isEmpty()) {
            throw new BackupException(Kind.CREDENTIALS, target, "is empty", "write the password there");
        }
        if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0 || text.indexOf('\0') >= 0) {
            throw new BackupException(
                    Kind.CREDENTIALS,
                    target,
                    "holds more than one line; a password with a line break cannot be given to pg_dump",
                    "write the password alone there, or give the role one without a line break");
        }
        context.redact(text);
        return new Secret(text);
    }

    private static String text(Path file) throws BackupException {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            return text.endsWith("\r\n")
                    ? text.substring(0, text.length() - 2)
                    : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CREDENTIALS,
                    "password file " + file,
                    "cannot be read: " + e.getClass().getSimpleName(),
                    "mount it, and let the user of this process read it",
                    e);
        }
    }
}
