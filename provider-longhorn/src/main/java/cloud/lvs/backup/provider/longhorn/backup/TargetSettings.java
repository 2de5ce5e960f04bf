package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.BackupTargetResource;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import java.util.Optional;

/**
 * Where a backup target is: a BackupTarget says it from Longhorn 1.8 on; before, settings do, and the BackupTarget only copies
 * them.
 *
 * @param url e.g. {@code s3://bucket@region/path/}; empty if it is not set
 * @param credentialSecret the name of the secret; may be empty
 * @param place what to change, for messages
 */
record TargetSettings(String url, String credentialSecret, String place) {
    static TargetSettings of(Cluster cluster, BackupTargetResource target)
            throws BackupException, InterruptedException {
        if (cluster.version().hasSeveralTargets()) {
            return new TargetSettings(target.url(), target.credentialSecret(), "BackupTarget " + target.name());
        }
        return new TargetSettings(
                setting(cluster, "backup-target"),
                setting(cluster, "backup-target-credential-secret"),
                "setting backup-target");
    }

    private static String setting(Cluster cluster, String name) throws BackupException, InterruptedException {
        Optional<String> value = cluster.find(ResourceType.SETTING, name)
                .map(setting -> setting.path("value").asText(""));
        return value.orElse("");
    }

    /** What to change the secret of, for messages. */
    String secretPlace() {
        return place.startsWith("setting") ? "setting backup-target-credential-secret" : place;
    }

    boolean isS3() {
        return url.strip().startsWith("s3://");
    }
}
