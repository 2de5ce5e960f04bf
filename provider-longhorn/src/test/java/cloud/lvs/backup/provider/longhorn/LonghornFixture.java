package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.Waiting;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs of a source against a Longhorn that is played, in its time. */
final class LonghornFixture {
    private static final int SPEED = 100;

    final ScriptedLonghorn longhorn;
    private final AtomicInteger restores = new AtomicInteger();

    LonghornFixture(ScriptedLonghorn longhorn) {
        this.longhorn = longhorn;
    }

    /** What one run did. */
    record Run(TestRunContext context, InMemoryArtifacts artifacts, CaptureReport report) {
        ItemResult item(String id) {
            return report.items().stream()
                    .filter(item -> item.item().equals(id))
                    .findFirst()
                    .orElseThrow();
        }

        InMemoryBackup backup() {
            return InMemoryBackup.of(artifacts, report, context, "longhorn");
        }
    }

    Waiting waiting() {
        return new Waiting(longhorn.clock(), (changes, atMost) -> {
            if (changes.tryAcquire(Math.max(1, atMost.toNanos() / SPEED), TimeUnit.NANOSECONDS)) {
                changes.drainPermits();
            }
        });
    }

    Cluster cluster() {
        return new Cluster(longhorn.client(), null, waiting());
    }

    ClusterSource source(Map<String, ?> config) {
        return new ClusterSource(
                ConfigurationRecord.of(LonghornConfig.class, config),
                new TestProviderContext(Path.of("."), longhorn.clock()),
                this::cluster);
    }

    /** What a restore did, and what it told meanwhile. */
    record Restored(TestRunContext context, RestoreReport report) {}

    /** Restores what a run captured. */
    Restored restore(Run run, RestoreTarget target, List<String> items, Mode mode, Map<String, ?> options)
            throws Exception {
        return restore(run.backup(), target, items, mode, options);
    }

    Restored restore(BackupReader backup, RestoreTarget target, List<String> items, Mode mode, Map<String, ?> options)
            throws Exception {
        TestRunContext context = run("r" + (1000000 + restores.incrementAndGet()));
        try (ClusterSource source = source(Map.of())) {
            return new Restored(
                    context,
                    source.restore(
                            backup,
                            new RestoreRequest(
                                    target,
                                    items,
                                    ConfigurationRecord.of(LonghornRestoreOptions.class, options),
                                    RestoreRequest.Consent.GIVEN,
                                    mode),
                            context));
        }
    }

    TestRunContext run(String id) {
        return new TestRunContext(
                "volumes", new RunId(id), longhorn.clock().instant().truncatedTo(ChronoUnit.SECONDS));
    }

    /** As the engine does it, without a journal. */
    Run capture(String id, Map<String, ?> config) throws Exception {
        TestRunContext run = run(id);
        InMemoryArtifacts artifacts = new InMemoryArtifacts();
        try (ClusterSource source = source(config)) {
            source.preflight(run);
            run.knowing(source.inventory(run));
            return new Run(run, artifacts, source.capture(artifacts, run));
        }
    }
}
