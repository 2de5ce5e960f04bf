package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.ServerFiles;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts a backup where its server keeps its datastore. What is there is moved away, and kept for an undo. */
final class InPlaceRestore {
    private final K3sConfig config;
    private final ProviderContext context;
    private final DataDir dir;
    private final BackupReader backup;
    private final RestoreRequest request;
    private final K3sRestoreOptions options;
    private final RunContext run;
    private final RestoreNotes notes = new RestoreNotes();

    InPlaceRestore(
            K3sConfig config, ProviderContext context, BackupReader backup, RestoreRequest request, RunContext run) {
        this.config = config;
        this.context = context;
        this.dir = new DataDir(config.dataDir());
        this.backup = backup;
        this.request = request;
        this.options = request.options() instanceof K3sRestoreOptions given ? given : K3sRestoreOptions.DEFAULTS;
        this.run = run;
    }

    /** Restores, or plans to. */
    RestoreReport execute() throws IOException, InterruptedException {
        String target = "k3s data directory " + dir.root();
        if (!Files.isDirectory(dir.root())) {
            throw new BackupException(
                    Kind.CONFIG,
                    target,
                    "is not a directory",
                    "set dataDir to what k3s server --data-dir says, and make it on a new host");
        }
        Datastore.refuseEtcd(dir);
        DatastoreRestore.requireConsent(request, dir, "replaces the datastore of this server");
        RunningK3s.requireStopped(dir);
        Path rollback = RollbackDirectory.nameFor(dir, context.clock().instant());
        if (request.mode() == Mode.DRY_RUN) {
            planInPlace(rollback);
            return notes.report();
        }
        List<Path> made = new ArrayList<>();
        try {
            makeMissing(dir.server(), made);
            makeMissing(dir.db(), made);
            try (ScratchDirectory staging = ScratchDirectory.in(dir.db(), ".lvs-backup-restore-")) {
                StagedBackup staged = StagedBackup.fetch(backup, staging.path(), config, context, run)
                        .requireSound(backup);
                TokenPairing pairing = pairing(staged);
                staged.prepare(staging.path());
                Set<Piece> replaced = toReplace(staged, pairing);
                run.checkpoint();
                // Reading the backup may have taken long enough for someone to start k3s.
                RunningK3s.requireStopped(dir);
                swap(staged, staging, rollback, replaced);
                advise(staged, rollback);
                return notes.report(staged);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            for (int i = made.size() - 1; i >= 0; i--) {
                DatastoreRestore.deleteQuietly(made.get(i), e);
            }
            throw e;
        }
    }

    private void planInPlace(Path rollback) throws IOException {
        notes.step("Read the backup into a private directory in " + dir.db() + " and check it there.");
        for (Piece piece : existing(EnumSet.of(Piece.DATABASE, Piece.WAL, Piece.SHM, Piece.JOURNAL, Piece.TOKEN))) {
            notes.step("Move " + piece.home(dir) + " to " + rollback + ".");
        }
        Set<Piece> files = existing(EnumSet.of(Piece.TLS, Piece.CRED));
        if (!files.isEmpty() && options.serverFiles() != ServerFiles.KEEP) {
            notes.step("Move server/tls and server/cred to " + rollback
                    + (options.serverFiles() == ServerFiles.AUTO
                            ? " unless they equal the backup's bootstrap data."
                            : "."));
        }
        notes.step("Place state.db in " + dir.db() + " and token in " + dir.server() + ".");
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
            notes.next("The backup has no token and neither has this server: start k3s with the token it had at the"
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
            notes.next("The datastore holds no bootstrap data, so server/tls and server/cred were left as they are: k3s"
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
                notes.step("Moved " + piece.home(dir) + " to " + path + ".");
            }
            renames.move(staged.database(), dir.database());
            notes.step("Placed " + dir.database() + ".");
            if (staged.token() != null) {
                renames.move(staging.resolve("token"), dir.token());
                notes.step("Placed " + dir.token() + ".");
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
            ConfiguredTokens.advice(options.hostRoot(), token).forEach(notes::next);
        }
        notes.next("Start k3s (systemctl start k3s) and wait until kubectl get --raw /readyz answers ok.");
        notes.next("On a rebuilt host, restore /etc/rancher/node/password too, or delete the secret"
                + " <node>.node-password.k3s in kube-system; delete the Node object of a host that is gone.");
        notes.next("Nodes that joined after the backup, or with another token, have to join again.");
        notes.next("What was replaced is kept in " + rollback
                + "; an undo (with k3s stopped) puts it back. Delete it when the cluster is well.");
    }

    private static void makeMissing(Path directory, List<Path> made) throws IOException {
        if (!Files.isDirectory(directory)) {
            DatastoreRestore.makeDirectory(directory);
            made.add(directory);
        }
    }

    private void syncServer(Path rollback) throws IOException {
        Renames.sync(rollback);
        Renames.sync(dir.db());
        Renames.sync(dir.server());
    }
}
