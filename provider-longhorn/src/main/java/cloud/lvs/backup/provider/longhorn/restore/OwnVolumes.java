package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Removes volumes that this tool made.
 *
 * @param cluster where they are
 * @param limit how long a deletion may take
 */
record OwnVolumes(Cluster cluster, Duration limit) {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    /**
     * Deletes a volume, if it is still the one that was made, and waits until it is gone. Works on an interrupted thread, too.
     *
     * @return what is left, in words; empty if nothing is
     */
    Optional<String> remove(Volume made) {
        boolean interrupted = Thread.interrupted();
        try {
            return delete(made);
        } catch (BackupException e) {
            return Optional.of(
                    "volume " + made.name() + " could not be removed: " + e.getMessage() + " (" + e.remedy() + ")");
        } catch (InterruptedException e) {
            interrupted = true;
            return Optional.of("volume " + made.name() + " is being deleted");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Optional<String> delete(Volume made) throws BackupException, InterruptedException {
        Instant end = cluster.waiting().now().plus(limit);
        boolean asked = false;
        while (true) {
            Optional<Volume> now = cluster.find(ResourceType.VOLUME, made.name());
            if (now.isEmpty()
                    || !now.get().metadata().uid().equals(made.metadata().uid())) {
                return Optional.empty();
            }
            if (!RestoreMarks.TOOL_NAME.equals(now.get().metadata().labels().get(RestoreMarks.TOOL))) {
                return Optional.of("volume " + made.name() + " has lost its mark " + RestoreMarks.TOOL
                        + " and is left alone; delete it if nobody needs it");
            }
            if (!asked) {
                cluster.delete(ResourceType.VOLUME, made.name());
                asked = true;
            }
            if (cluster.waiting().now().isAfter(end)) {
                return Optional.of("volume " + made.name() + " is still there " + limit.toSeconds()
                        + " s after its deletion was asked for; look at it in Longhorn");
            }
            cluster.waiting().sleep(LOOK_EVERY);
        }
    }
}
