package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.provider.longhorn.bucket.BackupConfiguration;
import cloud.lvs.backup.provider.longhorn.bucket.BackupTarget;
import cloud.lvs.backup.provider.longhorn.bucket.BackupVerifier;
import cloud.lvs.backup.provider.longhorn.bucket.BackupVerifier.Extent;
import cloud.lvs.backup.provider.longhorn.bucket.StoredVolumeBackup;
import cloud.lvs.backup.provider.longhorn.bucket.StoredVolumeBackup.State;
import cloud.lvs.backup.provider.longhorn.bucket.VolumeConfiguration;
import cloud.lvs.backup.spi.AdoptableRecord;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** The backups in a backup target, read without a cluster. The target is never written to. */
final class OfflineSource implements Source {
    private final String sink;
    private final ProviderContext context;

    OfflineSource(LonghornConfig config, ProviderContext context) {
        this.sink = Objects.requireNonNull(config.backupTarget());
        this.context = context;
    }

    private BackupTarget target() throws BackupException {
        return new BackupTarget(context.store(sink));
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException, InterruptedException {
        try {
            if (target().volumes().isEmpty()) {
                return List.of(new Finding(
                        Finding.Severity.ERROR,
                        "backup target in sink " + sink,
                        "holds no volume below backupstore/volumes/",
                        "give the sink the bucket and the path of Longhorn's backup target, as its prefix"));
            }
            return List.of();
        } catch (BackupException e) {
            return List.of(Finding.error(e));
        }
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        List<Item> items = new ArrayList<>();
        for (String volume : target().volumes()) {
            items.add(Item.excluded(volume, "an offline source records what Longhorn made; run adopt"));
        }
        return items;
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws BackupException {
        throw new BackupException(
                Kind.CONFIG,
                "job " + run.job(),
                "has an offline source, which makes no backups",
                "run 'lvs-backup adopt -j " + run.job() + " --yes' to record those that Longhorn made");
    }

    @Override
    public List<AdoptableRecord> adoptableRecords(RunContext run) throws IOException, InterruptedException {
        BackupTarget target = target();
        List<AdoptableRecord> records = new ArrayList<>();
        for (String volume : target.volumes()) {
            run.checkpoint();
            String unreadable = "";
            VolumeConfiguration configuration = null;
            try {
                configuration = target.volume(volume);
            } catch (BackupException e) {
                if (e.kind() != Kind.VERIFICATION) {
                    throw e;
                }
                unreadable = "volume.cfg: " + e.problem();
            }
            for (StoredVolumeBackup backup : target.backups(volume)) {
                records.add(
                        configuration != null && backup.state() == State.COMPLETE
                                ? whole(configuration, Objects.requireNonNull(backup.configuration()))
                                : incomplete(backup, unreadable));
            }
        }
        return records;
    }

    private static AdoptableRecord whole(VolumeConfiguration volume, BackupConfiguration backup) {
        VolumeRecord record = VolumeRecord.of(volume, backup);
        Instant shown = backup.snapshotCreatedAt() != null
                ? backup.snapshotCreatedAt()
                : Objects.requireNonNull(backup.createdTime());
        return new AdoptableRecord(
                identity(record.volume(), record.backup()),
                shown,
                AdoptableRecord.State.WHOLE,
                "",
                record.facts(),
                new AdoptableRecord.Content(record.artifact(), out -> {
                    out.write(record.bytes());
                    return record.facts();
                }));
    }

    private static AdoptableRecord incomplete(StoredVolumeBackup backup, String unreadable) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(VolumeRecord.VOLUME, backup.volume());
        facts.put(VolumeRecord.BACKUP, backup.name());
        boolean inProgress = backup.state() == State.IN_PROGRESS;
        String reason = unreadable.isEmpty() ? backup.reason() : unreadable;
        return new AdoptableRecord(
                identity(backup.volume(), backup.name()),
                backup.object().lastModified(),
                inProgress ? AdoptableRecord.State.IN_PROGRESS : AdoptableRecord.State.FAILED,
                reason,
                facts,
                null);
    }

    private static String identity(String volume, String backup) {
        return volume + "/" + backup;
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        BackupVerifier verifier =
                new BackupVerifier(target(), new Random(run.run().value().hashCode()));
        Map<String, String> facts = recorded(backup);
        String volume = facts.getOrDefault(VolumeRecord.VOLUME, "");
        String name = facts.getOrDefault(VolumeRecord.BACKUP, "");
        if (level != Level.CONTENT) {
            return new Verification(
                    verifier.verify(volume, name, level == Level.STORED ? Extent.NONE : Extent.SAMPLE, run));
        }
        List<Check> checks = new ArrayList<>();
        VolumeRecord record = VolumeRecord.in(backup);
        checks.add(
                record.volume().equals(volume) && record.backup().equals(name)
                        ? Check.passed("record", "of volume " + volume + ", backup " + name)
                        : Check.failed(
                                "record",
                                "it is of volume " + record.volume() + ", backup " + record.backup()
                                        + ", but the manifest says volume " + volume + ", backup " + name));
        checks.addAll(verifier.verify(record.volume(), record.backup(), Extent.EVERY_BLOCK, run));
        return new Verification(checks);
    }

    /** What the manifest tells of the record, which may be encrypted. */
    private static Map<String, String> recorded(BackupReader backup) {
        return backup.manifest().artifacts().stream()
                .filter(artifact -> artifact.role().equals(VolumeRecord.ROLE))
                .map(StoredArtifact::facts)
                .findFirst()
                .orElse(Map.of());
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        if (request.options() instanceof LonghornRestoreOptions options
                && options.as() == LonghornRestoreOptions.As.VOLUME) {
            throw new BackupException(
                    Kind.CONFIG,
                    "source longhorn",
                    "is offline, and only Longhorn in a cluster can make a volume",
                    "leave as=volume out for an image, or use a source without offline");
        }
        if (request.target() instanceof RestoreTarget.Place place) {
            return new ImageRestore(target())
                    .extract(List.of(VolumeRecord.in(backup)), Path.of(place.location()), request, run);
        }
        if (request.target() instanceof RestoreTarget.Scratch scratch) {
            return new ImageRestore(target())
                    .rehearse(List.of(VolumeRecord.in(backup)), scratch.directory(), request, run);
        }
        throw new BackupException(
                Kind.CONFIG,
                "source longhorn",
                "cannot restore in place without a cluster",
                "name a directory: --to DIR writes the volume there as an image");
    }

    /** Holds nothing open between two calls. */
    @Override
    public void close() {}
}
