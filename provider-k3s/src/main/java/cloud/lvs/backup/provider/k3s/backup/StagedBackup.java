package cloud.lvs.backup.provider.k3s.backup;

import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Unreadable;
import cloud.lvs.backup.provider.k3s.files.DiskSpace;
import cloud.lvs.backup.provider.k3s.files.Renames;
import cloud.lvs.backup.provider.k3s.secrets.SecretsProof;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A backup read to its last byte and checked, but not yet where it belongs.
 *
 * @param database the datastore, in a private directory
 * @param token its token, or null if the backup has none
 * @param kine what was found in the datastore
 * @param secrets whether what is encrypted in it can be read
 * @param checks everything that was checked
 */
public record StagedBackup(
        Path database, @Nullable ServerToken token, KineChecks kine, SecretsProof secrets, List<Check> checks) {
    /**
     * Reads a backup.
     *
     * @param directory private and with room for the datastore
     * @throws BackupException of kind {@code VERIFICATION} if the bytes are not those that were stored
     */
    public static StagedBackup fetch(
            BackupReader backup, Path directory, K3sConfig config, ProviderContext context, RunContext run)
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
        run.phase("check");
        KineChecks kine = KineChecks.of(file, config.check(), token);
        checks.addAll(kine.checks());
        BackupLayout.number(BackupLayout.factsOf(backup.manifest()), "maxId")
                .ifPresent(noted -> checks.add(
                        noted == kine.maxId()
                                ? Check.passed("noted_revision", "is the one the manifest notes")
                                : Check.failed(
                                        "noted_revision", "is " + kine.maxId() + " but the manifest notes " + noted)));
        SecretsProof secrets = kine.failure().isEmpty()
                ? SecretsProof.of(file, kine.pairing())
                : new SecretsProof(List.of(), Map.of());
        checks.addAll(secrets.checks());
        return new StagedBackup(file, token, kine, secrets, List.copyOf(checks));
    }

    /**
     * The same backup; what is unreadable and accepted, it warns of.
     *
     * @throws BackupException if a check failed
     */
    public StagedBackup requireSound(BackupReader backup, Unreadable unreadable) throws BackupException {
        secrets.requireReadable(backup.manifest().id(), unreadable);
        Optional<String> failure = failure(checks.stream()
                .filter(check -> !secrets.checks().contains(check))
                .toList());
        if (failure.isPresent()) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "backup " + backup.manifest().id(),
                    "is not fit to be restored: " + failure.get(),
                    "restore another backup; nothing was touched");
        }
        return new StagedBackup(
                database,
                token,
                kine,
                secrets,
                checks.stream().map(StagedBackup::accepted).toList());
    }

    private static Check accepted(Check check) {
        return check.status() == Check.Status.FAILED ? Check.warned(check.name(), check.detail()) : check;
    }

    /** Puts the token, if there is one, into a directory, gives both files the modes of k3s, and makes them durable. */
    public void prepare(Path directory) throws IOException {
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));
        Renames.sync(database);
        if (token != null) {
            Path file = Files.createFile(
                    directory.resolve("token"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, token.bytes());
            Renames.sync(file);
        }
    }

    /** The checks that failed, if any did. */
    public Optional<String> failure() {
        return failure(checks);
    }

    private static Optional<String> failure(List<Check> checks) {
        String failed = checks.stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .map(check -> check.name() + ": " + check.detail())
                .collect(Collectors.joining("; "));
        return failed.isEmpty() ? Optional.empty() : Optional.of(failed);
    }

    /** How large the datastore of a backup is. */
    public static long sizeOf(BackupReader backup) throws BackupException {
        return database(backup).plainBytes();
    }

    public static boolean hasToken(BackupReader backup) {
        return artifact(backup, BackupLayout.TOKEN_ROLE).isPresent();
    }

    private static StoredArtifact database(BackupReader backup) throws BackupException {
        return artifact(backup, BackupLayout.DATABASE_ROLE)
                .orElseThrow(() -> new BackupException(
                        Kind.VERIFICATION,
                        "backup " + backup.manifest().id(),
                        "holds no artifact " + BackupLayout.DATABASE_ROLE,
                        "use another backup"));
    }

    private static Optional<StoredArtifact> artifact(BackupReader backup, String role) {
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
