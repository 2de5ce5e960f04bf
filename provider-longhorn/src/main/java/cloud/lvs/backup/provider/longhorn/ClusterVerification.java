package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.provider.longhorn.bucket.BackupTarget;
import cloud.lvs.backup.provider.longhorn.bucket.BackupVerifier;
import cloud.lvs.backup.provider.longhorn.bucket.BackupVerifier.Extent;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Proves the volumes of a backup: by what Longhorn says of each, and from the level of checksums on by the blocks themselves.
 *
 * @param cluster where Longhorn is asked
 * @param target where the blocks are read; empty if that is not configured
 */
record ClusterVerification(Cluster cluster, Optional<BackupTarget> target, RunContext run) {
    Verification verify(BackupReader backup, Level level) throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            if (artifact.role().equals(VolumeRecord.ROLE)) {
                run.checkpoint();
                checks.addAll(ofVolume(backup, artifact, level));
            }
        }
        return new Verification(checks);
    }

    private List<Check> ofVolume(BackupReader backup, StoredArtifact artifact, Level level)
            throws IOException, InterruptedException {
        // The record itself may be encrypted; what the manifest says of it is enough but for the level of contents.
        String volume = artifact.facts().getOrDefault(VolumeRecord.VOLUME, "");
        String name = artifact.facts().getOrDefault(VolumeRecord.BACKUP, "");
        List<Check> checks = new ArrayList<>();
        checks.add(byLonghorn(volume, name));
        if (level == Level.STORED) {
            return checks;
        }
        if (level == Level.CONTENT) {
            VolumeRecord record = VolumeRecord.read(backup, artifact);
            checks.add(
                    record.volume().equals(volume) && record.backup().equals(name)
                            ? Check.passed("record", "of volume " + volume + ", backup " + name)
                            : Check.failed(
                                    "record",
                                    "it is of volume " + record.volume() + ", backup " + record.backup()
                                            + ", but the manifest says volume " + volume + ", backup " + name));
        }
        if (target.isEmpty()) {
            checks.add(Check.warned(
                    "blocks",
                    "volume " + volume + ": not read, since the source names no backupTarget to read them from"));
            return checks;
        }
        BackupVerifier verifier =
                new BackupVerifier(target.get(), new Random(run.run().value().hashCode()));
        checks.addAll(verifier.verify(volume, name, level == Level.CONTENT ? Extent.EVERY_BLOCK : Extent.SAMPLE, run));
        return checks;
    }

    private Check byLonghorn(String volume, String name) throws IOException, InterruptedException {
        String subject = "volume " + volume + ", backup " + name + ": ";
        Optional<Backup> found = cluster.find(ResourceType.BACKUP, name);
        if (found.isEmpty()) {
            return Check.failed(
                    "Longhorn", subject + "Longhorn does not know it: it was deleted, or the target is another");
        }
        Backup backup = found.get();
        if (!backup.volume().equals(volume)) {
            return Check.failed(
                    "Longhorn", subject + "Longhorn has a backup of that name of volume " + backup.volume());
        }
        if (backup.metadata().isBeingDeleted()) {
            return Check.failed("Longhorn", subject + "is being deleted");
        }
        return backup.isComplete()
                ? Check.passed("Longhorn", subject + "complete, last read in the target at " + backup.lastSyncedAt())
                : Check.failed(
                        "Longhorn",
                        subject + "is " + (backup.state().isEmpty() ? "without a state" : backup.state())
                                + (backup.error().isEmpty() ? "" : ": " + backup.error()));
    }
}
