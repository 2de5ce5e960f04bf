package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.provider.longhorn.audit.RecurringJobAudit;
import cloud.lvs.backup.provider.longhorn.backup.BackupRemoval;
import cloud.lvs.backup.provider.longhorn.backup.TargetPreflight;
import cloud.lvs.backup.provider.longhorn.backup.VolumeBackups;
import cloud.lvs.backup.provider.longhorn.backup.VolumeChoice;
import cloud.lvs.backup.provider.longhorn.backup.VolumeSelection;
import cloud.lvs.backup.provider.longhorn.bucket.BackupTarget;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.LonghornVersion;
import cloud.lvs.backup.provider.longhorn.restore.ClusterRestore;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The volumes of a cluster, backed up by Longhorn itself: this asks, waits, judges and keeps a record of each. */
final class ClusterSource implements Source {
    /** Opens the cluster when something is first asked of it. */
    @FunctionalInterface
    interface ClusterOpener {
        Cluster open() throws BackupException;
    }

    private final LonghornConfig config;
    private final ProviderContext context;
    private final ClusterOpener opener;
    private final Map<String, BackupException> brokenTargets = new HashMap<>();
    private @Nullable Cluster opened;
    private @Nullable List<VolumeChoice> choices;

    ClusterSource(LonghornConfig config, ProviderContext context, ClusterOpener opener) {
        this.config = config;
        this.context = context;
        this.opener = opener;
    }

    private Cluster cluster() throws BackupException {
        if (opened == null) {
            opened = opener.open();
        }
        return opened;
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException, InterruptedException {
        try {
            return findings();
        } catch (BackupException e) {
            return List.of(Finding.error(e));
        }
    }

    private List<Finding> findings() throws BackupException, InterruptedException {
        LonghornVersion version = cluster().version();
        List<Finding> findings = new ArrayList<>();
        if (!version.isAtLeast(1, 5)) {
            findings.add(new Finding(
                    Finding.Severity.ERROR,
                    "Longhorn " + version,
                    "does not attach a volume for its backup",
                    "upgrade Longhorn to 1.5 or later"));
            return findings;
        }
        if (config.fullEvery() != null && !version.hasBackupMode()) {
            findings.add(new Finding(
                    Finding.Severity.WARNING,
                    "fullEvery",
                    "means nothing to Longhorn " + version + ", which has full backups from 1.7 on",
                    "upgrade Longhorn, or remove fullEvery"));
        }
        VolumeSelection selection = new VolumeSelection(config, cluster());
        List<VolumeChoice> chosen = selection.choose();
        choices = chosen;
        findings.addAll(selection.findings(chosen));
        findings.addAll(targetFindings(chosen));
        return findings;
    }

    /** A target that does not work fails its own volumes; the run only where none of those that it needs does. */
    private List<Finding> targetFindings(List<VolumeChoice> chosen) throws BackupException, InterruptedException {
        boolean any = chosen.stream().anyMatch(choice -> choice.state() == Item.State.SELECTED);
        TreeSet<String> targets = new TreeSet<>();
        chosen.stream()
                // Where nothing is selected the run fails anyway, and its targets are the next that would fail.
                .filter(choice -> choice.state() == Item.State.SELECTED || !any)
                .forEach(choice -> targets.add(choice.volume().backupTarget()));
        List<Finding> findings = new ArrayList<>();
        for (String target : targets) {
            List<Finding> found = new TargetPreflight(cluster()).check(target);
            findings.addAll(found);
            found.stream()
                    .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                    .findFirst()
                    .ifPresent(error -> brokenTargets.put(
                            target,
                            new BackupException(error.kind(), error.target(), error.problem(), error.remedy())));
        }
        if (brokenTargets.size() == targets.size()) {
            return findings;
        }
        return findings.stream().map(ClusterSource::asWarning).toList();
    }

    private static Finding asWarning(Finding finding) {
        return finding.severity() == Finding.Severity.ERROR
                ? new Finding(
                        Finding.Severity.WARNING, finding.target(), finding.problem(), finding.remedy(), finding.kind())
                : finding;
    }

    @Override
    public List<Finding> audit(RunContext run) throws IOException, InterruptedException {
        return new RecurringJobAudit(cluster()).findings();
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        return choices().stream().map(VolumeChoice::asItem).toList();
    }

    private List<VolumeChoice> choices() throws BackupException, InterruptedException {
        if (choices == null) {
            choices = new VolumeSelection(config, cluster()).choose();
        }
        return choices;
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        List<VolumeChoice> chosen = choices();
        if (chosen.stream().allMatch(choice -> choice.state() == Item.State.EXCLUDED)) {
            throw new VolumeSelection(config, cluster()).empty(chosen);
        }
        List<ItemResult> results = new ArrayList<>(new VolumeBackups(cluster(), config, out, run, brokenTargets)
                .backUp(chosen.stream()
                        .filter(choice -> choice.state() == Item.State.SELECTED)
                        .toList()));
        for (VolumeChoice choice : chosen) {
            switch (choice.state()) {
                case SELECTED -> {}
                case EXCLUDED -> results.add(ItemResult.skipped(choice.item(), choice.reason()));
                case UNREACHABLE ->
                    results.add(ItemResult.failed(
                            choice.item(),
                            new BackupException(
                                    Kind.SOURCE,
                                    "volume " + choice.volume().name(),
                                    choice.reason(),
                                    "mend that, or exclude it")));
            }
        }
        return new CaptureReport(
                results,
                Map.of(
                        "longhornVersion", cluster().version().toString(),
                        "namespace", cluster().namespace()));
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        Optional<BackupTarget> target =
                config.backupTarget() == null ? Optional.empty() : Optional.of(target(config.backupTarget()));
        return new ClusterVerification(cluster(), target, run).verify(backup, level);
    }

    private BackupTarget target(String sink) throws BackupException {
        return new BackupTarget(context.store(sink));
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        LonghornRestoreOptions options = request.options() instanceof LonghornRestoreOptions given
                ? given
                : ConfigurationRecord.of(LonghornRestoreOptions.class, Map.of());
        if (request.target() instanceof RestoreTarget.Place place) {
            if (options.relink()) {
                throw new BackupException(
                        Kind.CONFIG,
                        "--to " + place.location(),
                        "a volume that goes back to its claim goes to no other place",
                        "write --in-place --set relink=true");
            }
            return options.as() == LonghornRestoreOptions.As.VOLUME
                    ? restoring(options, request, run).toVolume(records(backup), place.location())
                    : images().extract(records(backup), Path.of(place.location()), request, run);
        }
        if (request.target() instanceof RestoreTarget.Scratch scratch) {
            return options.as() == LonghornRestoreOptions.As.IMAGE
                    ? images().rehearse(records(backup), scratch.directory(), request, run)
                    : restoring(options, request, run).rehearse(records(backup));
        }
        return request.target() instanceof RestoreTarget.Undo
                ? restoring(options, request, run).undo()
                : restoring(options, request, run).inPlace(records(backup));
    }

    private ClusterRestore restoring(LonghornRestoreOptions options, RestoreRequest request, RunContext run)
            throws BackupException {
        return new ClusterRestore(cluster(), config, options, request, run);
    }

    private ImageRestore images() throws BackupException {
        if (config.backupTarget() == null) {
            throw new BackupException(
                    Kind.CONFIG,
                    "source longhorn",
                    "does not know where Longhorn keeps the blocks",
                    "add a sink whose root is that of the backup target, and name it: backupTarget: SINK; or let"
                            + " Longhorn make a volume of it: --to NAME --set as=volume");
        }
        return new ImageRestore(target(config.backupTarget()));
    }

    private static List<VolumeRecord> records(BackupReader backup) throws IOException, InterruptedException {
        List<VolumeRecord> records = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            if (artifact.role().equals(VolumeRecord.ROLE)) {
                records.add(VolumeRecord.read(backup, artifact));
            }
        }
        return records;
    }

    @Override
    public void discard(BackupReader backup, RunContext run) throws IOException, InterruptedException {
        BackupRemoval.discard(
                cluster(),
                config,
                backup.manifest().id().run(),
                backup.manifest().external(),
                run);
    }

    @Override
    public void abandon(RunId dead, List<ExternalReference> intended, RunContext run)
            throws IOException, InterruptedException {
        BackupRemoval.abandon(cluster(), config, dead, intended, run);
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
    }
}
