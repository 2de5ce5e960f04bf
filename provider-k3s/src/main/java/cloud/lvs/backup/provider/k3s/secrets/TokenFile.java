package cloud.lvs.backup.provider.k3s.secrets;

import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Where a server keeps its token, or the configuration says that it does. */
public final class TokenFile {
    private final Path path;
    private final boolean expected;

    public TokenFile(K3sConfig config) {
        Path configured = config.tokenFile();
        this.path = configured == null ? new DataDir(config.dataDir()).token() : configured;
        this.expected = config.expectToken();
    }

    /**
     * Reads it.
     *
     * @return empty if there is none, and none is expected
     * @throws BackupException if it cannot be read, or is not a token
     */
    public Optional<ServerToken> read() throws BackupException {
        try {
            return Optional.of(ServerToken.read(path));
        } catch (IllegalArgumentException e) {
            throw refusal(
                    e.getMessage() == null ? "is not a server token" : e.getMessage(),
                    "set tokenFile to the file with the server token",
                    e);
        } catch (NoSuchFileException e) {
            if (expected) {
                throw refusal(absence(), "set tokenFile, or expectToken: false if the token is kept elsewhere", e);
            }
            return Optional.empty();
        } catch (BackupException e) {
            throw refusal(e.problem(), "run as root or with CAP_DAC_READ_SEARCH", e);
        } catch (IOException e) {
            throw refusal("cannot be read: " + IoErrorMessages.of(e), "run as root or with CAP_DAC_READ_SEARCH", e);
        }
    }

    private String absence() {
        try {
            return Files.isSymbolicLink(path)
                    ? "is a symbolic link to " + Files.readSymbolicLink(path) + ", which does not exist"
                    : "does not exist";
        } catch (IOException e) {
            return "does not exist";
        }
    }

    private BackupException refusal(String problem, String remedy, Exception cause) {
        return new BackupException(Kind.SOURCE, target(), problem, remedy, cause);
    }

    /** What messages call it. */
    public String target() {
        return "k3s server token " + path;
    }
}
