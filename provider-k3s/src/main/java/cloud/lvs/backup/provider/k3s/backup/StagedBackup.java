package cloud.lvs.backup.provider.k3s.backup;

import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Unreadable;
import cloud.lvs.backup.provider.k3s.files.Renames;
import cloud.lvs.backup.provider.k3s.secrets.SecretsProof;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
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
        FetchedBackup fetched = FetchedBackup.fetch(backup, directory, context, run);
        Path file = fetched.database();
        ServerToken token = fetched.token();
        List<Check> checks = new ArrayList<>(fetched.checks());
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
        return FetchedBackup.database(backup).plainBytes();
    }

    public static boolean hasToken(BackupReader backup) {
        return FetchedBackup.artifact(backup, BackupLayout.TOKEN_ROLE).isPresent();
    }
}
