package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.ServerFiles;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts a backup where it is wanted. Whatever the target, the backup is read to its end and checked beside it first, on the
 * same file system, and then moved in by renaming.
 */
final class DatastoreRestore {
    private static final String OWNER_ONLY_DIRECTORY = "rwx------";

    private final K3sConfig config;
    private final ProviderContext context;
    private final DataDir dir;
    private final BackupReader backup;
    private final RestoreRequest request;
    private final K3sRestoreOptions options;
    private final RunContext run;
    private final List<String> steps = new ArrayList<>();
    private final List<String> nextSteps = new ArrayList<>();

    DatastoreRestore(
            K3sConfig config, ProviderContext context, BackupReader backup, RestoreRequest request, RunContext run) {
        this.config = config;
        this.context = context;
        this.dir = new DataDir(config.dataDir());
        this.backup = backup;
        this.request = request;
        this.options = request.options() instanceof K3sRestoreOptions given ? given : K3sRestoreOptions.DEFAULTS;
        this.run = run;
    }

    RestoreReport execute() throws IOException, InterruptedException {
        for (String item : request.items()) {
            if (!item.equals(K3sSource.ITEM)) {
                throw new BackupException(
                        Kind.CONFIG,
                        "item " + item,
                        "is not in a k3s backup",
                        "the only item is " + K3sSource.ITEM + "; leave the item out");
            }
        }
        try {
            return toTarget();
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("asked to stop").initCause(e);
        } catch (BackupException | InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            boolean takenBack = e.getSuppressed().length == 0;
            throw new BackupException(
                    Kind.FAILED,
                    "the restore of " + K3sSource.ITEM,
                    "failed: " + e + (takenBack ? "; what was moved has been moved back" : ""),
                    takenBack
                            ? "mend that and restore again"
                            : "not everything could be moved back: mend that and run an undo, which puts the rest back",
                    e);
        }
    }

    private RestoreReport toTarget() throws IOException, InterruptedException {
        if (request.target() instanceof RestoreTarget.Place place) {
            return toDirectory(directory(place), "directory " + place.location());
        }
        if (request.target() instanceof RestoreTarget.Scratch scratch) {
            return rehearse(scratch.directory());
        }
        if (request.target() instanceof RestoreTarget.Undo) {
            return undo();
        }
        return inPlace();
    }

    // A rehearsal

    /** Whoever rehearses wants to know every check, also those behind one that failed. */
    private RestoreReport rehearse(Path directory) throws IOException, InterruptedException {
        steps.add("Read the backup into " + directory + ".");
        steps.add("Check the datastore, and prove by decrypting its bootstrap data that the token fits.");
        steps.add("Place state.db and token as a restore to a directory does.");
        if (isDryRun()) {
            return report();
        }
        try (ScratchDirectory staging = ScratchDirectory.in(directory, ".lvs-backup-restore-")) {
            StagedBackup staged = StagedBackup.fetch(backup, staging.path(), config, context, run);
            Optional<String> failure = staged.failure();
            if (failure.isPresent()) {
                ItemResult failed = ItemResult.failed(K3sSource.ITEM, "is not fit to be restored: " + failure.get());
                return new RestoreReport(List.of(failed), steps, staged.checks(), List.of());
            }
            run.phase("place");
            prepare(staged, staging);
            publish(staged, staging, directory, true);
            return report(staged);
        }
    }

    // A new place

    private static Path directory(RestoreTarget.Place place) throws BackupException {
        try {
            return Path.of(place.location()).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    "directory " + place.location(),
                    "is not a path: " + e.getReason(),
                    "name a directory that is empty or does not exist",
                    e);
        }
    }

    private RestoreReport toDirectory(Path directory, String target) throws IOException, InterruptedException {
        boolean exists = Files.exists(directory, LinkOption.NOFOLLOW_LINKS);
        requireVacant(directory, exists, target);
        Path parent = directory.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new BackupException(
                    Kind.CONFIG, target, "has no parent directory", "make " + parent + " first, or restore elsewhere");
        }
        steps.add("Read the backup into a private directory beside " + directory + " and check it there.");
        steps.add("Place state.db and token in " + directory + ".");
        nextSteps.add("To run k3s on it: stop k3s; move server/db/state.db, -wal and -shm, server/token and, on another"
                + " or a rebuilt host, server/tls and server/cred out of the data directory; copy state.db to server/db/"
                + " and token to server/; start k3s. A restore in place does the same and can be undone.");
        if (isDryRun()) {
            return report();
        }
        // An existing directory may be a mount point or have an owner on purpose: it stays and is filled from inside.
        try (ScratchDirectory staging = ScratchDirectory.in(exists ? directory : parent, ".lvs-backup-restore-")) {
            StagedBackup staged = StagedBackup.fetch(backup, staging.path(), config, context, run)
                    .requireSound(backup);
            run.phase("place");
            prepare(staged, staging);
            run.checkpoint();
            publish(staged, staging, directory, exists);
            return report(staged);
        }
    }

    private static void requireVacant(Path directory, boolean exists, String target) throws IOException {
        if (!exists) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            throw occupied(target, "is not a directory");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw occupied(target, "is not empty");
            }
        }
    }

    private static BackupException occupied(String target, String problem) {
        return new BackupException(
                Kind.CONFIG, target, problem, "name a directory that is empty or does not exist; nothing was touched");
    }

    private static void publish(StagedBackup staged, ScratchDirectory staging, Path directory, boolean exists)
            throws IOException {
        Renames renames = new Renames();
        boolean made = false;
        try {
            if (!exists) {
                makeDirectory(directory);
                made = true;
            }
            renames.move(staged.database(), directory.resolve("state.db"));
            if (staged.token() != null) {
                renames.move(staging.resolve("token"), directory.resolve("token"));
            }
            Renames.sync(directory);
        } catch (IOException | RuntimeException e) {
            renames.takeBack(e);
            if (made) {
                deleteQuietly(directory, e);
            }
            throw e;
        }
    }

    /** Gives the staged files the modes k3s gives them, and makes them durable. */
    private static void prepare(StagedBackup staged, ScratchDirectory staging) throws IOException {
        Files.setPosixFilePermissions(staged.database(), PosixFilePermissions.fromString("rw-r--r--"));
        Renames.sync(staged.database());
        ServerToken token = staged.token();
        if (token != null) {
            Path file = Files.createFile(
                    staging.resolve("token"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, token.bytes());
            Renames.sync(file);
        }
    }

    // In place

    private RestoreReport inPlace() throws IOException, InterruptedException {
        String target = "k3s data directory " + dir.root();
        if (!Files.isDirectory(dir.root())) {
            throw new BackupException(
                    Kind.CONFIG,
                    target,
                    "is not a directory",
                    "set dataDir to what k3s server --data-dir says, and make it on a new host");
        }
        Datastore.refuseEtcd(dir);
        requireConsent("replaces the datastore of this server");
        requireStopped();
        Path rollback = RollbackDirectory.nameFor(dir, context.clock().instant());
        if (isDryRun()) {
            planInPlace(rollback);
            return report();
        }
        List<Path> made = new ArrayList<>();
        try {
            makeMissing(dir.server(), made);
            makeMissing(dir.db(), made);
            try (ScratchDirectory staging = ScratchDirectory.in(dir.db(), ".lvs-backup-restore-")) {
                StagedBackup staged = StagedBackup.fetch(backup, staging.path(), config, context, run)
                        .requireSound(backup);
                TokenPairing pairing = pairing(staged);
                prepare(staged, staging);
                Set<Piece> replaced = toReplace(staged, pairing);
                run.checkpoint();
                // Reading the backup may have taken long enough for someone to start k3s.
                requireStopped();
                swap(staged, staging, rollback, replaced);
                advise(staged, rollback);
                return report(staged);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            for (int i = made.size() - 1; i >= 0; i--) {
                deleteQuietly(made.get(i), e);
            }
            throw e;
        }
    }

    private void planInPlace(Path rollback) throws IOException {
        steps.add("Read the backup into a private directory in " + dir.db() + " and check it there.");
        for (Piece piece : existing(EnumSet.of(Piece.DATABASE, Piece.WAL, Piece.SHM, Piece.JOURNAL, Piece.TOKEN))) {
            steps.add("Move " + piece.home(dir) + " to " + rollback + ".");
        }
        Set<Piece> files = existing(EnumSet.of(Piece.TLS, Piece.CRED));
        if (!files.isEmpty() && options.serverFiles() != ServerFiles.KEEP) {
            steps.add("Move server/tls and server/cred to " + rollback
                    + (options.serverFiles() == ServerFiles.AUTO
                            ? " unless they equal the backup's bootstrap data."
                            : "."));
        }
        steps.add("Place state.db in " + dir.db() + " and token in " + dir.server() + ".");
    }

    /** A backup without token goes with the token that is there, if they fit. */
    private TokenPairing pairing(StagedBackup staged) throws IOException {
        TokenPairing own = staged.kine().pairing();
        if (staged.token() != null && own != null) {
            return own;
        }
        ServerToken present = presentToken();
        KineChecks checks = KineChecks.of(staged.database(), K3sConfig.CheckDepth.QUICK, present);
        TokenPairing pairing = checks.pairing();
        if (pairing == null || checks.failure().isPresent()) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "backup " + backup.manifest().id(),
                    "has no token, and " + dir.token() + " does not fit it",
                    "put the token that k3s had at the time into " + dir.token() + "; nothing was touched");
        }
        if (present == null) {
            nextSteps.add("The backup has no token and neither has this server: start k3s with the token it had at the"
                    + " time (--token or K3S_TOKEN), or it makes a new cluster.");
        }
        return pairing;
    }

    private @Nullable ServerToken presentToken() throws IOException {
        try {
            return ServerToken.read(dir.token()).redactedBy(context);
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return null;
        }
    }

    private Set<Piece> toReplace(StagedBackup staged, TokenPairing pairing) throws IOException {
        Set<Piece> pieces = EnumSet.of(Piece.DATABASE, Piece.WAL, Piece.SHM, Piece.JOURNAL);
        if (staged.token() != null) {
            pieces.add(Piece.TOKEN);
        }
        if (!keepsServerFiles(pairing)) {
            pieces.add(Piece.TLS);
            pieces.add(Piece.CRED);
        }
        return pieces;
    }

    private boolean keepsServerFiles(TokenPairing pairing) throws IOException {
        if (options.serverFiles() != ServerFiles.AUTO) {
            return options.serverFiles() == ServerFiles.KEEP;
        }
        if (pairing.origin() == TokenPairing.Origin.DISK) {
            nextSteps.add(
                    "The datastore holds no bootstrap data, so server/tls and server/cred were left as they are: k3s"
                            + " could not make them anew. On another host, bring those of the old one.");
            return true;
        }
        return serverFilesEqual(pairing.data());
    }

    /**
     * Whether k3s would find on disk exactly what the datastore holds. It refuses to start over a file that differs and is
     * newer, and makes everything anew where the directories are missing (k3s, {@code pkg/cluster/bootstrap.go}).
     */
    private boolean serverFilesEqual(@Nullable BootstrapData data) throws IOException {
        if (data == null || !data.files().containsKey("tls/server-ca.crt")) {
            return false;
        }
        for (Map.Entry<String, byte[]> file : data.files().entrySet()) {
            Path onDisk = dir.server().resolve(file.getKey());
            if (!Files.isRegularFile(onDisk) || !Arrays.equals(Files.readAllBytes(onDisk), file.getValue())) {
                return false;
            }
        }
        return true;
    }

    private Set<Piece> existing(Set<Piece> pieces) {
        Set<Piece> existing = EnumSet.noneOf(Piece.class);
        for (Piece piece : pieces) {
            if (Files.exists(piece.home(dir), LinkOption.NOFOLLOW_LINKS)) {
                existing.add(piece);
            }
        }
        return existing;
    }

    private void swap(StagedBackup staged, ScratchDirectory staging, Path path, Set<Piece> replaced)
            throws IOException {
        Set<Piece> moved = existing(replaced);
        RollbackDirectory rollback =
                RollbackDirectory.create(dir, path, backup.manifest().id(), moved, replaced);
        Renames renames = new Renames();
        try {
            for (Piece piece : moved) {
                renames.move(piece.home(dir), rollback.of(piece));
                steps.add("Moved " + piece.home(dir) + " to " + path + ".");
            }
            renames.move(staged.database(), dir.database());
            steps.add("Placed " + dir.database() + ".");
            if (staged.token() != null) {
                renames.move(staging.resolve("token"), dir.token());
                steps.add("Placed " + dir.token() + ".");
            }
            syncServer(path);
        } catch (IOException | RuntimeException e) {
            renames.takeBack(e);
            if (e.getSuppressed().length == 0) {
                ScratchDirectory.deleteTree(path);
            }
            throw e;
        }
    }

    private void advise(StagedBackup staged, Path rollback) {
        ServerToken token = staged.token();
        if (token != null) {
            nextSteps.addAll(ConfiguredTokens.advice(options.hostRoot(), token));
        }
        nextSteps.add("Start k3s (systemctl start k3s) and wait until kubectl get --raw /readyz answers ok.");
        nextSteps.add("On a rebuilt host, restore /etc/rancher/node/password too, or delete the secret"
                + " <node>.node-password.k3s in kube-system; delete the Node object of a host that is gone.");
        nextSteps.add("Nodes that joined after the backup, or with another token, have to join again.");
        nextSteps.add("What was replaced is kept in " + rollback
                + "; an undo (with k3s stopped) puts it back. Delete it when the cluster is well.");
    }

    // Back again

    private RestoreReport undo() throws IOException {
        RollbackDirectory rollback = RollbackDirectory.newest(dir)
                .orElseThrow(() -> new BackupException(
                        Kind.CONFIG,
                        "k3s data directory " + dir.root(),
                        "holds no restore that could be undone",
                        "check dataDir; the directories are named server/db-before-restore-<timestamp>"));
        requireConsent("takes the last restore back");
        requireStopped();
        Set<Piece> aside = rollback.toMoveAside();
        Set<Piece> back = rollback.toBringBack();
        Path undone = rollback.path().resolve("undone");
        aside.forEach(piece -> steps.add(
                (isDryRun() ? "Move " : "Moved ") + piece.home(dir) + " to " + rollback.undoneName() + "/undone."));
        back.forEach(piece ->
                steps.add((isDryRun() ? "Move " : "Moved ") + rollback.of(piece) + " to " + piece.home(dir) + "."));
        if (isDryRun()) {
            return report();
        }
        Renames renames = new Renames();
        try {
            makeDirectory(undone);
            for (Piece piece : aside) {
                renames.move(piece.home(dir), undone.resolve(piece.fileName()));
            }
            for (Piece piece : back) {
                renames.move(rollback.of(piece), piece.home(dir));
            }
            renames.move(rollback.path(), rollback.undoneName());
            syncServer(rollback.undoneName());
        } catch (IOException | RuntimeException e) {
            renames.takeBack(e);
            deleteQuietly(undone, e);
            throw e;
        }
        nextSteps.add("Start k3s (systemctl start k3s).");
        nextSteps.add("What the restore had placed is kept in " + rollback.undoneName() + "/undone.");
        return report();
    }

    // What all have in common

    private void requireConsent(String effect) throws BackupException {
        if (request.consent() != Consent.GIVEN && !isDryRun()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "k3s data directory " + dir.root(),
                    "is in use, and this " + effect,
                    "give your consent (--yes), or restore to a new directory");
        }
    }

    private void requireStopped() throws BackupException {
        switch (RunningK3s.probe(dir)) {
            case STOPPED -> {}
            case RUNNING ->
                throw new BackupException(
                        Kind.CONFIG,
                        "k3s datastore " + dir.database(),
                        "is open in a running process",
                        "stop k3s first: systemctl stop k3s (or k3s-killall.sh, which stops the containers too);"
                                + " nothing was touched");
            case UNKNOWN ->
                throw new BackupException(
                        Kind.CONFIG,
                        "k3s datastore " + dir.database(),
                        "cannot be opened for writing, so that it cannot be told whether k3s runs",
                        "run as root, with the data directory mounted writable");
        }
    }

    private void syncServer(Path alsoThis) throws IOException {
        Renames.sync(alsoThis);
        Renames.sync(dir.db());
        Renames.sync(dir.server());
    }

    private static void makeMissing(Path directory, List<Path> made) throws IOException {
        if (!Files.isDirectory(directory)) {
            makeDirectory(directory);
            made.add(directory);
        }
    }

    private static void makeDirectory(Path directory) throws IOException {
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY_DIRECTORY)));
    }

    private static void deleteQuietly(Path directory, Throwable cause) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private boolean isDryRun() {
        return request.mode() == Mode.DRY_RUN;
    }

    private RestoreReport report() {
        return report(List.of(), Map.of());
    }

    private RestoreReport report(StagedBackup staged) {
        return report(
                staged.checks(), Map.of("maxId", Long.toString(staged.kine().maxId())));
    }

    private RestoreReport report(List<Check> checks, Map<String, String> facts) {
        return new RestoreReport(List.of(ItemResult.done(K3sSource.ITEM, facts)), steps, checks, nextSteps);
    }
}
