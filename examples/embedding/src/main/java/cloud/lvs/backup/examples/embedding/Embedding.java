package cloud.lvs.backup.examples.embedding;

import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.LibraryContext;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.K3sSourceProvider;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;

/** Backs up a k3s data directory into a directory, in ten lines. */
public final class Embedding {
    private Embedding() {}

    /**
     * Backs up.
     *
     * @param dataDir of a k3s server, e.g. {@code /var/lib/rancher/k3s}
     * @param backups where to keep the backups; the directory above it must exist
     * @param scratch an existing directory for the copy of the database
     * @return how it went; look at {@link RunReport#outcome()} and {@link RunReport#failures()}
     */
    public static RunReport backUp(Path dataDir, Path backups, Path scratch) {
        // tag::backup[]
        var context = new LibraryContext(Clock.systemUTC(), scratch);
        var config = K3sConfig.of(dataDir);
        var disk = new NamedSink("disk", new DirectorySink(backups));
        var job = Job.of("k3s", new K3sSourceProvider(), config, context, disk).build();
        var engine = new BackupEngine(context.clock(), new SecureRandom(), Map.of("my-app", "1.0"), event -> {});

        RunReport report = engine.run(job, Mode.EXECUTE);
        // end::backup[]
        return report;
    }
}
