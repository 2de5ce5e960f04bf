package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;

/**
 * Which Longhorn, and how it is reached.
 *
 * @param offline whether only the backup target is read, without a cluster
 * @param backupTarget the sink whose root is the root of the backup target
 */
@Doc("Longhorn volumes, by the backups that Longhorn itself keeps in its backup target.")
public record LonghornConfig(
        @Doc(
                "Reads the backup target alone, without a cluster: adopts, verifies, drills and restores what Longhorn keeps"
                        + " there. This version knows no other way, so it has to be true.")
        @Default("false")
        boolean offline,

        @Doc("The sink whose root is the root of Longhorn's backup target. It is only read.")
        String backupTarget) {
    public LonghornConfig {
        if (!offline) {
            throw new IllegalArgumentException("offline is false, but backups through the API of a cluster come with a"
                    + " later version; write offline: true to adopt, verify and restore what lies in a backup target");
        }
        if (backupTarget.isBlank()) {
            throw new IllegalArgumentException("backupTarget is empty; name the sink that reads the backup target");
        }
    }
}
