package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.Engine;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which volumes' backups are being read. Longhorn itself holds a deletion back only once an engine reports the restore: before
 * that it erases what the new volume is about to be made of.
 *
 * @param byVolume for the volume of the backups, the volume that is made of them
 */
record RunningRestores(Map<String, String> byVolume) {
    static RunningRestores of(Cluster cluster) throws BackupException, InterruptedException {
        Map<String, String> restores = new HashMap<>();
        for (Volume volume : cluster.list(ResourceType.VOLUME)) {
            if (!volume.fromBackup().isEmpty() && (volume.isRestoring() || volume.standby())) {
                source(volume.fromBackup()).ifPresent(source -> restores.put(source, volume.name()));
            }
        }
        for (Engine engine : cluster.list(ResourceType.ENGINE)) {
            for (Engine.Restore restore : engine.restores()) {
                if (restore.running()) {
                    source(restore.backupUrl()).ifPresent(source -> restores.put(source, engine.volume()));
                }
            }
        }
        return new RunningRestores(Map.copyOf(restores));
    }

    /** The volume that a backup's URL names: {@code …?backup=NAME&volume=NAME}. */
    private static Optional<String> source(String url) {
        int query = url.indexOf('?');
        for (String parameter : url.substring(query + 1).split("&")) {
            if (parameter.startsWith("volume=")) {
                return Optional.of(URLDecoder.decode(parameter.substring("volume=".length()), StandardCharsets.UTF_8));
            }
        }
        return Optional.empty();
    }

    /** The volume that is being made of backups of this one; empty if there is none. */
    Optional<String> of(String volume) {
        return Optional.ofNullable(byVolume.get(volume));
    }
}
