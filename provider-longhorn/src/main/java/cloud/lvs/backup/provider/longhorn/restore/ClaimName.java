package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;

/**
 * A claim.
 *
 * @param namespace where it is
 * @param name unique there
 */
record ClaimName(String namespace, String name) {
    /** The claim of a volume that was backed up. */
    static ClaimName of(VolumeRecord record) throws BackupException {
        int slash = record.item().indexOf('/');
        if (slash < 0) {
            throw new BackupException(
                    Kind.CONFIG,
                    "volume " + record.volume(),
                    "had no claim when it was backed up, so there is none to give it back to",
                    "restore it under a name: --to NAME --set as=volume");
        }
        return new ClaimName(record.item().substring(0, slash), record.item().substring(slash + 1));
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
