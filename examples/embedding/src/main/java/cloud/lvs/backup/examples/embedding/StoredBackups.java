package cloud.lvs.backup.examples.embedding;

import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.LibraryContext;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.core.retention.StandardRetention;
import cloud.lvs.backup.core.retention.StandardRetentionConfig;
import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.K3sSourceProvider;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What an application does with the backups it has. */
final class StoredBackups {
    private StoredBackups() {}

    /** Proves each backup by its checksums, then keeps the newest seven; the k3s server may be gone. */
    static List<PruneReport> lookAfter(BackupEngine engine, NamedSink disk) throws IOException, InterruptedException {
        // tag::stored[]
        var weekly =
                new StandardRetention(StandardRetentionConfig.keepEverything().withKeepLast(7));
        var job = Job.withoutSource("k3s", disk).retention(weekly).build();

        for (BackupSummary backup : engine.list(job)) {
            VerifyReport report = engine.verify(job, backup.id(), Level.CHECKSUM);
            if (!report.verification().passed()) {
                throw new IllegalStateException(backup.id() + ": " + report.verification());
            }
        }
        List<PruneReport> pruned = engine.prune(job, Mode.EXECUTE);
        // end::stored[]
        return pruned;
    }

    /** Restores the newest backup that counts to a directory that does not exist yet. */
    static RestoreReport restore(BackupEngine engine, LibraryContext context, NamedSink disk, Path target)
            throws IOException, InterruptedException {
        // tag::restore[]
        var config = K3sConfig.of(Path.of("/var/lib/rancher/k3s"));
        var job = Job.of("k3s", new K3sSourceProvider(), config, context, disk).build();
        BackupId newest = engine.resolve(job, "latest");
        var request = new RestoreRequest(
                new RestoreTarget.Place(target.toString()),
                List.of(),
                K3sRestoreOptions.DEFAULTS,
                Consent.NOT_GIVEN,
                RestoreRequest.Mode.EXECUTE);

        RestoreReport report = engine.restore(job, newest, request);
        // end::restore[]
        return report;
    }
}
