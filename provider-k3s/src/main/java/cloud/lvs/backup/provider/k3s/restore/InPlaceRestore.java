package cloud.lvs.backup.provider.k3s.restore;

import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.ServerFiles;
import cloud.lvs.backup.provider.k3s.backup.KineChecks;
import cloud.lvs.backup.provider.k3s.backup.StagedBackup;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Datastore;
import cloud.lvs.backup.provider.k3s.datastore.RunningK3s;
import cloud.lvs.backup.provider.k3s.files.Directories;
import cloud.lvs.backup.provider.k3s.files.DiskSpace;
import cloud.lvs.backup.provider.k3s.files.MountTable;
import cloud.lvs.backup.provider.k3s.files.Renames;
import cloud.lvs.backup.provider.k3s.secrets.BootstrapData;
import cloud.lvs.backup.provider.k3s.secrets.ConfiguredTokens;
import cloud.lvs.backup.provider.k3s.secrets.SecretsProof;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ScratchDirectory;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts a backup where its server keeps its datastore. What is there is moved away, and kept for an undo. */
final class InPlaceRestore {
    private static final String STAGING = ".lvs-backup-restore-";

    private final K3sConfig config;
    private final ProviderContext context;
    private final DataDir dir;
    private final BackupReader backup;
    private final RestoreRequest request;
    private final K3sRestoreOptions options;
    private final RunContext run;
    private final RestoreReportBuilder report = new RestoreReportBuilder();

    InPlaceRestore(
            K3sConfig config, ProviderContext context, BackupReader backup, RestoreRequest request, RunContext run) {
        this.config = config;
        this.context = context;
        this.dir = new DataDir(config.dataDir());
        this.backup = backup;
        this.request = request;
        this.options = K3sRestoreOptions.of(request);
        this.run = run;
    }

    /** Restores, or plans to. */
    RestoreReport execute() throws IOException, InterruptedException {
        Datastore.requireDirectory(dir, "set dataDir to what k3s server --data-dir says, and make it on a new host");
        Datastore.refuseEtcd(dir);
        DatastoreRestore.requireConsent(request, dir, "replaces the datastore of this server");
        RunningK3s.requireStopped(dir);
        MountTable mounts = MountTable.current();
        RestorePreconditions feasibility = new RestorePreconditions(mounts);
        RollbackDirectory rollback =
                RollbackDirectory.plan(dir, mounts, context.clock().instant());
        Path place = rollback.homeDirectory(RollbackEntry.DATABASE);
        requireFeasible(feasibility, rollback, place);
        if (request.mode() == Mode.DRY_RUN) {
            plan(rollback, place);
            return report.build();
        }
        List<Path> made = new ArrayList<>();
        try {
            makeMissing(dir.server(), made);
            makeMissing(dir.db(), made);
            try (ScratchDirectory staging = ScratchDirectory.in(place, STAGING, run::warn);
                    ScratchDirectory tokenStaging = ScratchDirectory.in(dir.server(), STAGING, run::warn)) {
                StagedBackup staged = StagedBackup.fetch(backup, staging.path(), config, context, run)
                        .requireSound(backup, options.unreadable());
                TokenPairing pairing = pairing(staged);
                staged.prepare(tokenStaging.path());
                Set<RollbackEntry> replaced = toReplace(staged, pairing);
                for (RollbackEntry entry : replaced) {
                    feasibility.requireMovable(entry, rollback.home(entry));
                }
                run.checkpoint();
                // Reading the backup may have taken long enough for someone to start k3s.
                RunningK3s.requireStopped(dir);
                swap(staged, tokenStaging, rollback, replaced);
                advise(staged, rollback);
                return report.build(staged);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            for (int i = made.size() - 1; i >= 0; i--) {
                Directories.deleteQuietly(made.get(i), e);
            }
            throw e;
        }
    }

    /** Whether server/tls and server/cred are in the way is known once the backup is read, unless it was said. */
    private void requireFeasible(RestorePreconditions feasibility, RollbackDirectory rollback, Path place)
            throws IOException {
        Directories.requireWritable(dir.server());
        Directories.requireWritable(place);
        for (RollbackEntry entry : RollbackEntry.values()) {
            if (entry.isOfDatabase()
                    || (entry == RollbackEntry.TOKEN && StagedBackup.hasToken(backup))
                    || (isServerFiles(entry) && options.serverFiles() == ServerFiles.MOVE)) {
                feasibility.requireMovable(entry, rollback.home(entry));
            }
        }
        DiskSpace.require(
                Files.isDirectory(place) ? place : dir.root(), StagedBackup.sizeOf(backup), "the restored datastore");
    }

    private static boolean isServerFiles(RollbackEntry entry) {
        return entry == RollbackEntry.TLS || entry == RollbackEntry.CRED;
    }

    private void plan(RollbackDirectory rollback, Path place) {
        boolean hasToken = StagedBackup.hasToken(backup);
        report.step("Read the backup into a private directory in " + place + " and check it there.");
        for (RollbackEntry entry : existing(rollback, EnumSet.allOf(RollbackEntry.class))) {
            if (entry.isOfDatabase() || (entry == RollbackEntry.TOKEN && hasToken)) {
                report.step("Move " + described(rollback.home(entry)) + " to " + rollback.place(entry) + ".");
            }
        }
        Set<RollbackEntry> files = existing(rollback, EnumSet.of(RollbackEntry.TLS, RollbackEntry.CRED));
        if (!files.isEmpty() && options.serverFiles() != ServerFiles.KEEP) {
            report.step("Move server/tls and server/cred to " + rollback.path()
                    + (options.serverFiles() == ServerFiles.AUTO
                            ? " unless they equal the backup's bootstrap data."
                            : "."));
        }
        Path database = rollback.home(RollbackEntry.DATABASE);
        report.step("Place state.db "
                + (database.equals(dir.database()) ? "in " + dir.db() : "as " + database)
                + (hasToken ? " and token in " + dir.server() + "." : "."));
        if (!hasToken) {
            report.step("Leave " + dir.token() + " as it is: the backup has no token.");
        }
    }

    /** A link is moved as such; where it leads is left alone. */
    private static String described(Path home) {
        return Files.isSymbolicLink(home) ? "the symbolic link " + home : home.toString();
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
        SecretsProof.of(staged.database(), pairing)
                .requireReadable(backup.manifest().id(), options.unreadable());
        if (present == null) {
            report.next("The backup has no token and neither has this server: start k3s with the token it had at the"
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

    private Set<RollbackEntry> toReplace(StagedBackup staged, TokenPairing pairing) throws IOException {
        Set<RollbackEntry> entries =
                EnumSet.of(RollbackEntry.DATABASE, RollbackEntry.WAL, RollbackEntry.SHM, RollbackEntry.JOURNAL);
        if (staged.token() != null) {
            entries.add(RollbackEntry.TOKEN);
        }
        if (!keepsServerFiles(pairing)) {
            entries.add(RollbackEntry.TLS);
            entries.add(RollbackEntry.CRED);
        }
        return entries;
    }

    private boolean keepsServerFiles(TokenPairing pairing) throws IOException {
        if (options.serverFiles() != ServerFiles.AUTO) {
            return options.serverFiles() == ServerFiles.KEEP;
        }
        if (pairing.origin() == TokenPairing.Origin.DISK) {
            report.next(
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

    private static Set<RollbackEntry> existing(RollbackDirectory rollback, Set<RollbackEntry> entries) {
        Set<RollbackEntry> existing = EnumSet.noneOf(RollbackEntry.class);
        for (RollbackEntry entry : entries) {
            if (Files.exists(rollback.home(entry), LinkOption.NOFOLLOW_LINKS)) {
                existing.add(entry);
            }
        }
        return existing;
    }

    private void swap(
            StagedBackup staged, ScratchDirectory tokenStaging, RollbackDirectory planned, Set<RollbackEntry> replaced)
            throws IOException {
        Set<RollbackEntry> moved = existing(planned, replaced);
        RollbackDirectory rollback = planned.make(backup.manifest().id(), moved, replaced);
        Renames renames = new Renames();
        try {
            for (RollbackEntry entry : moved) {
                Path home = rollback.home(entry);
                String what = described(home);
                renames.move(home, rollback.of(entry));
                report.step("Moved " + what + " to " + rollback.place(entry) + ".");
            }
            Path database = rollback.home(RollbackEntry.DATABASE);
            renames.move(staged.database(), database);
            report.step("Placed " + database + ".");
            if (staged.token() != null) {
                renames.move(tokenStaging.resolve("token"), dir.token());
                report.step("Placed " + dir.token() + ".");
            }
            sync(rollback);
        } catch (IOException e) {
            throw afterTakingBack(renames.takeBackAfter(e, "k3s data directory " + dir.root()), rollback);
        } catch (RuntimeException e) {
            renames.takeBack(e);
            throw e;
        }
    }

    private static BackupException afterTakingBack(BackupException failure, RollbackDirectory rollback)
            throws IOException {
        Throwable cause = failure.getCause();
        if (cause != null && cause.getSuppressed().length == 0) {
            for (Path place : rollback.places()) {
                ScratchDirectory.deleteTree(place);
            }
        }
        return failure;
    }

    private void advise(StagedBackup staged, RollbackDirectory rollback) {
        ServerToken token = staged.token();
        if (token != null) {
            ConfiguredTokens.advice(options.hostRoot(), token).forEach(report::next);
        }
        report.next("Start k3s (systemctl start k3s) and wait until kubectl get --raw /readyz answers ok.");
        report.next("On a rebuilt host, restore /etc/rancher/node/password too, or delete the secret"
                + " <node>.node-password.k3s in kube-system; delete the Node object of a host that is gone.");
        report.next("Nodes that joined after the backup, or with another token, have to join again.");
        report.next("What was replaced is kept in "
                + rollback.places().stream().map(Path::toString).collect(Collectors.joining(" and "))
                + "; an undo (with k3s stopped) puts it back. Delete it when the cluster is well.");
    }

    private static void makeMissing(Path directory, List<Path> made) throws IOException {
        if (!Files.isDirectory(directory)) {
            Directories.createPrivate(directory);
            made.add(directory);
        }
    }

    private void sync(RollbackDirectory rollback) throws IOException {
        for (Path place : rollback.places()) {
            Renames.sync(place);
        }
        Renames.sync(rollback.homeDirectory(RollbackEntry.DATABASE));
        Renames.sync(dir.server());
    }
}
