package cloud.lvs.backup.provider.k3s.restore;

import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.backup.BackupLayout;
import cloud.lvs.backup.provider.k3s.backup.StagedBackup;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.files.Directories;
import cloud.lvs.backup.provider.k3s.files.DiskSpace;
import cloud.lvs.backup.provider.k3s.files.NewDirectory;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import cloud.lvs.backup.toolkit.ItemSelection;
import cloud.lvs.backup.toolkit.ScratchDirectory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts a backup where it is wanted. Whatever the target, the backup is read to its end and checked beside it first, on the
 * same file system, and then moved in by renaming.
 */
public final class DatastoreRestore {
    private final K3sConfig config;
    private final ProviderContext context;
    private final DataDir dir;
    private final BackupReader backup;
    private final RestoreRequest request;
    private final RunContext run;
    private final RestoreReportBuilder report = new RestoreReportBuilder();

    public DatastoreRestore(
            K3sConfig config, ProviderContext context, BackupReader backup, RestoreRequest request, RunContext run) {
        this.config = config;
        this.context = context;
        this.dir = new DataDir(config.dataDir());
        this.backup = backup;
        this.request = request;
        this.run = run;
    }

    public RestoreReport execute() throws IOException, InterruptedException {
        ItemSelection.requirePresent(request.items(), List.of(BackupLayout.ITEM));
        try {
            return toTarget();
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("asked to stop").initCause(e);
        } catch (BackupException | InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            throw new BackupException(
                    Kind.FAILED,
                    "the restore of " + BackupLayout.ITEM,
                    "failed: " + IoErrorMessages.of(e) + "; nothing was moved",
                    "mend that and restore again",
                    e);
        }
    }

    private RestoreReport toTarget() throws IOException, InterruptedException {
        if (request.target() instanceof RestoreTarget.Place place) {
            return toDirectory(NewDirectory.of(place));
        }
        if (request.target() instanceof RestoreTarget.Scratch scratch) {
            return rehearse(scratch.directory());
        }
        if (request.target() instanceof RestoreTarget.Undo) {
            return new InPlaceRestoreUndo(dir, request).execute();
        }
        return new InPlaceRestore(config, context, backup, request, run).execute();
    }

    // A rehearsal

    /** Whoever rehearses wants to know every check, also those behind one that failed. */
    private RestoreReport rehearse(Path directory) throws IOException, InterruptedException {
        report.step("Read the backup into " + directory + ".");
        report.step(
                StagedBackup.hasToken(backup)
                        ? "Check the datastore, and prove by decrypting its bootstrap data that the token fits."
                        : "Check the datastore; the backup has no token to prove.");
        report.step("Place " + placed() + " as a restore to a directory does.");
        if (isDryRun()) {
            return report.build();
        }
        try (ScratchDirectory staging = ScratchDirectory.in(directory, ".lvs-backup-restore-", run::warn)) {
            StagedBackup staged = StagedBackup.fetch(backup, staging.path(), config, context, run);
            Optional<String> failure = staged.failure();
            if (failure.isPresent()) {
                return report.failed(staged, failure.get());
            }
            run.phase("place");
            staged.prepare(staging.path());
            publish(staged, staging, new NewDirectory(directory, true));
            return report.build(staged);
        }
    }

    // A new place

    private RestoreReport toDirectory(NewDirectory directory) throws IOException, InterruptedException {
        report.step("Read the backup into a private directory beside " + directory.path() + " and check it there.");
        report.step("Place " + placed() + " in " + directory.path() + ".");
        report.next("To run k3s on it: stop k3s; move server/db/state.db, -wal and -shm, server/token and, on another"
                + " or a rebuilt host, server/tls and server/cred out of the data directory; copy state.db to server/db/"
                + " and "
                + (StagedBackup.hasToken(backup)
                        ? "token to server/"
                        : "the token that k3s had at the time to server/token")
                + "; start k3s. A restore in place does the same and can be undone.");
        Path place = directory.staging();
        Directories.requireWritable(place);
        DiskSpace.require(place, StagedBackup.sizeOf(backup), "the restored datastore");
        if (isDryRun()) {
            return report.build();
        }
        try (ScratchDirectory staging = ScratchDirectory.in(place, ".lvs-backup-restore-", run::warn)) {
            StagedBackup staged = StagedBackup.fetch(backup, staging.path(), config, context, run)
                    .requireSound(backup, K3sRestoreOptions.of(request).unreadable());
            run.phase("place");
            staged.prepare(staging.path());
            run.checkpoint();
            publish(staged, staging, directory);
            return report.build(staged);
        }
    }

    private static void publish(StagedBackup staged, ScratchDirectory staging, NewDirectory directory)
            throws IOException {
        List<Path> files = new ArrayList<>(List.of(staged.database()));
        if (staged.token() != null) {
            files.add(staging.resolve("token"));
        }
        directory.fill(files);
    }

    private String placed() {
        return StagedBackup.hasToken(backup) ? "state.db and token" : "state.db";
    }

    // What all have in common

    private boolean isDryRun() {
        return request.mode() == Mode.DRY_RUN;
    }

    static void requireConsent(RestoreRequest request, DataDir dir, String effect) throws BackupException {
        if (request.consent() != Consent.GIVEN && request.mode() != Mode.DRY_RUN) {
            throw new BackupException(
                    Kind.CONFIG,
                    "k3s data directory " + dir.root(),
                    "exists, and this " + effect,
                    "give your consent (--yes), or restore to a new directory");
        }
    }
}
