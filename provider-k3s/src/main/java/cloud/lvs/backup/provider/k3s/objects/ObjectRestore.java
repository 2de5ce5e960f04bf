package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.backup.BackupLayout;
import cloud.lvs.backup.provider.k3s.backup.FetchedBackup;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.decoding.KubernetesSchema;
import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.provider.k3s.decoding.ValueDecoder;
import cloud.lvs.backup.provider.k3s.files.Directories;
import cloud.lvs.backup.provider.k3s.files.NewDirectory;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
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
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Writes single objects out of a backup as files. The stored bytes are proved by their digests and every object by decoding it; the
 * database as a whole is not checked again, which would take longer than the rest.
 */
public final class ObjectRestore {
    private static final int MANY = 100_000;

    private final ProviderContext context;
    private final BackupReader backup;
    private final RestoreRequest request;
    private final K3sRestoreOptions options;
    private final RunContext run;

    public ObjectRestore(ProviderContext context, BackupReader backup, RestoreRequest request, RunContext run) {
        this.context = context;
        this.backup = backup;
        this.request = request;
        this.options = K3sRestoreOptions.of(request);
        this.run = run;
    }

    public RestoreReport execute() throws IOException, InterruptedException {
        ItemSelection.requirePresent(request.items(), List.of(BackupLayout.ITEM));
        if (!(request.target() instanceof RestoreTarget.Place place)) {
            throw new BackupException(
                    Kind.CONFIG,
                    "objects",
                    "are written as files to a directory, and never into a datastore",
                    "name an empty directory with --to, and apply what is written there");
        }
        List<ObjectPattern> patterns = ObjectPattern.parse(options.objects());
        NewDirectory directory = NewDirectory.of(place);
        Directories.requireWritable(directory.staging());
        try (ScratchDirectory scratch = ScratchDirectory.in(context.scratchDirectory(), "k3s-", run::warn)) {
            FetchedBackup fetched = FetchedBackup.fetch(backup, scratch.path(), context, run);
            Sqlite.requireLibrary();
            return from(fetched, patterns, directory);
        } catch (SQLException e) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "backup " + backup.manifest().id(),
                    "holds a datastore that SQLite cannot read: " + e.getMessage() + "; nothing was written",
                    "take the objects from another backup",
                    e);
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("asked to stop").initCause(e);
        } catch (BackupException | InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            throw new BackupException(
                    Kind.FAILED,
                    "directory " + directory.path(),
                    "could not be written: " + IoErrorMessages.of(e) + "; nothing is there",
                    "mend that and restore again",
                    e);
        }
    }

    private RestoreReport from(FetchedBackup fetched, List<ObjectPattern> patterns, NewDirectory directory)
            throws IOException, SQLException, InterruptedException {
        run.phase("objects");
        try (Connection copy = Sqlite.immutable(fetched.database());
                EncryptionConfig keys = EncryptionConfig.heldBy(
                        TokenPairing.of(copy, fetched.token()).data())) {
            LiveRows rows = new LiveRows(copy);
            KubernetesSchema schema = KubernetesSchema.load();
            ValueDecoder decoder = new ValueDecoder(schema, keys);
            int limit = request.consent() == Consent.GIVEN ? Integer.MAX_VALUE : MANY;
            ObjectSelection selection = new ObjectFinder(rows, decoder, limit).find(patterns, options);
            if (selection.objects().isEmpty()) {
                throw new BackupException(
                        Kind.CONFIG,
                        "objects=" + String.join(",", options.objects()),
                        "matches nothing but Secrets or Events, and does not name their type",
                        "name it: secrets/NAMESPACE/NAME; or have Secrets written with --set secrets=include, Events with"
                                + " --set owned=include");
            }
            ObjectReport report = new ObjectReport(options, directory.path(), schema.version());
            ObjectWriting writing = new ObjectWriting(rows, decoder, selection, options, report, run);
            if (request.mode() == Mode.DRY_RUN) {
                writing.rehearse();
                return report.planned(selection);
            }
            try (ScratchDirectory staging =
                    ScratchDirectory.in(directory.staging(), ".lvs-backup-restore-", run::warn)) {
                List<Path> written = writing.write(staging.path());
                run.checkpoint();
                if (report.hasWritten()) {
                    directory.fill(written);
                }
            }
            return report.done(selection);
        }
    }
}
