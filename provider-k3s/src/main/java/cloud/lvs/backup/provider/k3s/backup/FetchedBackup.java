package cloud.lvs.backup.provider.k3s.backup;

import cloud.lvs.backup.provider.k3s.files.DiskSpace;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.toolkit.StreamCopy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A backup read to its last byte: the bytes are those that were stored, and nothing else is checked yet.
 *
 * @param database the datastore, in a private directory
 * @param token its token, or null if the backup has none that is one
 * @param checks what was noticed on the way
 */
public record FetchedBackup(Path database, @Nullable ServerToken token, List<Check> checks) {
    /**
     * Reads a backup.
     *
     * @param directory private and with room for the datastore
     * @throws BackupException of kind {@code VERIFICATION} if the bytes are not those that were stored
     */
    public static FetchedBackup fetch(BackupReader backup, Path directory, ProviderContext context, RunContext run)
            throws IOException, InterruptedException {
        StoredArtifact database = database(backup);
        DiskSpace.require(directory, database.plainBytes(), "the datastore");
        Path file = directory.resolve("state.db");
        run.phase("fetch");
        copy(backup, database, file, run);

        List<Check> checks = new ArrayList<>();
        Optional<StoredArtifact> stored = artifact(backup, BackupLayout.TOKEN_ROLE);
        ServerToken token = null;
        if (stored.isPresent()) {
            try {
                token = ServerToken.parse(small(backup, stored.get())).redactedBy(context);
            } catch (IllegalArgumentException e) {
                checks.add(Check.failed("token_form", "the stored token " + e.getMessage()));
            }
        }
        return new FetchedBackup(file, token, List.copyOf(checks));
    }

    static StoredArtifact database(BackupReader backup) throws BackupException {
        return artifact(backup, BackupLayout.DATABASE_ROLE)
                .orElseThrow(() -> new BackupException(
                        Kind.VERIFICATION,
                        "backup " + backup.manifest().id(),
                        "holds no artifact " + BackupLayout.DATABASE_ROLE,
                        "use another backup"));
    }

    static Optional<StoredArtifact> artifact(BackupReader backup, String role) {
        return backup.manifest().artifacts().stream()
                .filter(artifact -> artifact.role().equals(role))
                .findFirst();
    }

    private static void copy(BackupReader backup, StoredArtifact artifact, Path file, RunContext run)
            throws IOException, InterruptedException {
        long copied;
        try (InputStream in = backup.open(artifact);
                OutputStream out = Files.newOutputStream(file)) {
            copied = StreamCopy.copyExpected(in, out, BackupLayout.ITEM, artifact.plainBytes(), run);
        } catch (IOException e) {
            throw DiskSpace.isExhausted(e)
                    ? DiskSpace.exhausted(file.resolve("../..").normalize(), artifact.plainBytes(), "the datastore", e)
                    : e;
        }
        if (copied != artifact.plainBytes()) {
            throw notAsStored(
                    artifact,
                    copied < artifact.plainBytes()
                            ? "is shorter than the manifest says"
                            : "is longer than the manifest says");
        }
    }

    private static byte[] small(BackupReader backup, StoredArtifact artifact) throws IOException, InterruptedException {
        try (InputStream in = backup.open(artifact)) {
            // One byte more than allowed, so that the stream is read to its end, where it is found to be whole.
            byte[] bytes = in.readNBytes(ServerToken.MAX_BYTES + 1);
            if (bytes.length != artifact.plainBytes()) {
                throw notAsStored(artifact, "has not the size the manifest says");
            }
            return bytes;
        }
    }

    private static BackupException notAsStored(StoredArtifact artifact, String problem) {
        return new BackupException(
                Kind.VERIFICATION, "object " + artifact.key(), problem, "restore another backup; nothing was touched");
    }
}
