package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import java.time.Duration;

/**
 * A backup that does not go, and what that looks like.
 *
 * @param backup as it is now
 * @param waited how long
 */
record StuckDeletion(Backup backup, Duration waited) {
    private String cause() {
        if (backup.isFailed()) {
            return "Longhorn says: " + (backup.error().isEmpty() ? backup.information() : backup.error())
                    + "; it tries again by itself";
        }
        if (backup.metadata().labels().getOrDefault(Backup.TARGET_LABEL, "").isEmpty()
                && backup.metadata()
                        .labels()
                        .getOrDefault(Backup.VOLUME_LABEL, "")
                        .isEmpty()) {
            return "its labels " + Backup.TARGET_LABEL + " and " + Backup.VOLUME_LABEL
                    + " are gone, without which Longhorn does not know it; put them back";
        }
        if (backup.state().equals("Deleting")) {
            return "the store may be unreachable; it goes on by itself when it is back";
        }
        return "a restore may be running, or no manager of Longhorn is; it goes on by itself after that";
    }

    @Override
    public String toString() {
        return "backup " + backup.name() + " of volume " + backup.volume() + " is still there "
                + waited.toSeconds() + " s after its deletion was asked for (state "
                + (backup.state().isEmpty() ? "none" : backup.state()) + "): " + cause();
    }
}
