package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.BackupTargetResource;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the backup of a record by its name and its volume in the targets as they are now. Where they were when the record was
 * made says nothing: a target may have moved to another bucket, region, path or name.
 *
 * @param cluster where Longhorn is asked
 * @param run asked whether to go on
 */
record BackupLookup(Cluster cluster, RunContext run) {
    private static final Duration SEEN_WITHIN = Duration.ofSeconds(90);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final int MOST_NAMED = 5;

    /** The backup, whole and with a URL to restore from; the targets are read anew if it is not there at once. */
    Backup find(VolumeRecord record) throws BackupException, InterruptedException {
        Optional<Backup> known = look(record);
        if (known.isPresent() && isCurrent(known.get())) {
            return known.get();
        }
        requestSync(known);
        Instant end = cluster.waiting().now().plus(SEEN_WITHIN);
        while (cluster.waiting().now().isBefore(end)) {
            run.checkpoint();
            known = look(record);
            if (known.isPresent() && isCurrent(known.get())) {
                return known.get();
            }
            cluster.waiting().sleep(LOOK_EVERY);
        }
        throw known.isPresent() ? outdated(known.get()) : missing(record);
    }

    /**
     * Whether it is whole, and its URL is below that of its target: Longhorn restores from the URL that it is given, and after a
     * move of the target a backup has the one of before until it is read again.
     */
    private boolean isCurrent(Backup backup) throws BackupException, InterruptedException {
        return backup.isComplete()
                && cluster.find(ResourceType.BACKUP_TARGET, targetOf(backup))
                        .filter(target -> place(target.url()).equals(place(backup.url())))
                        .isPresent();
    }

    private static String targetOf(Backup backup) {
        return backup.metadata().labels().getOrDefault(Backup.TARGET_LABEL, "default");
    }

    private static String place(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    private Optional<Backup> look(VolumeRecord record) throws BackupException, InterruptedException {
        Optional<Backup> found = cluster.find(ResourceType.BACKUP, record.backup());
        if (found.isEmpty()) {
            return found;
        }
        Backup backup = found.get();
        if (!backup.volume().equals(record.volume())) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "backup " + record.backup(),
                    "Longhorn has a backup of that name of volume " + backup.volume() + ", not of " + record.volume(),
                    "look whether the target is the right one");
        }
        if (backup.metadata().isBeingDeleted()) {
            throw new BackupException(
                    Kind.SOURCE, "backup " + record.backup(), "is being deleted in Longhorn", "use another backup");
        }
        if (backup.isFailed()) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "backup " + record.backup(),
                    "is in Longhorn as Error: " + backup.error(),
                    "use another backup");
        }
        return found;
    }

    private void requestSync(Optional<Backup> known) throws BackupException, InterruptedException {
        try {
            for (BackupTargetResource target : cluster.list(ResourceType.BACKUP_TARGET)) {
                cluster.requestSync(ResourceType.BACKUP_TARGET, target.name());
            }
            if (known.isPresent()) {
                cluster.requestSync(ResourceType.BACKUP, known.get().name());
            }
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            run.warn("whether the backup is in the target cannot be asked anew: " + e.problem() + "; " + e.remedy());
        }
    }

    private BackupException outdated(Backup backup) throws BackupException, InterruptedException {
        if (backup.isComplete()) {
            String url = cluster.find(ResourceType.BACKUP_TARGET, targetOf(backup))
                    .map(BackupTargetResource::url)
                    .orElse("");
            return new BackupException(
                    Kind.SOURCE,
                    "backup " + backup.name(),
                    "Longhorn would restore it from " + place(backup.url()) + ", but its target " + targetOf(backup)
                            + (url.isEmpty() ? " has no URL" : " is at " + url),
                    "set up the target, or let it be done: --set repairTarget=true; a Backup that keeps the URL of before"
                            + " goes when its target's URL is emptied, and is found again when that is set");
        }
        return new BackupException(
                Kind.SOURCE,
                "backup " + backup.name(),
                "Longhorn knows it, but has not read it from the target: its state is "
                        + (backup.state().isEmpty() ? "empty" : backup.state()),
                "what never gets a state is unfinished or unreadable in the target: use another backup");
    }

    private BackupException missing(VolumeRecord record) throws BackupException, InterruptedException {
        List<BackupTargetResource> targets = cluster.list(ResourceType.BACKUP_TARGET);
        String told = targets.stream().map(BackupLookup::describe).collect(Collectors.joining("; "));
        List<String> others = cluster.list(ResourceType.BACKUP, Map.of(Backup.VOLUME_LABEL, record.volume())).stream()
                .filter(Backup::isComplete)
                .map(Backup::name)
                .sorted()
                .toList();
        boolean works = targets.stream()
                .anyMatch(target -> target.available() && !target.url().isEmpty());
        return new BackupException(
                works ? Kind.VERIFICATION : Kind.SOURCE,
                "backup " + record.backup() + " of volume " + record.volume(),
                "is in no backup target that Longhorn reads: "
                        + (told.isEmpty() ? "there is none" : told)
                        + (others.isEmpty() ? "" : "; of this volume there are " + named(others)),
                works
                        ? "it was deleted, or the target is another one: look at its URL"
                        : "set up the target, or let it be done: --set repairTarget=true, with targetUrl,"
                                + " targetSecret and targetCredentials as needed");
    }

    private static String describe(BackupTargetResource target) {
        if (target.url().isEmpty()) {
            return "target " + target.name() + " has no URL";
        }
        return "target " + target.name() + " (" + target.url() + ") "
                + (target.available()
                        ? "was last read at " + target.lastSyncedAt()
                        : "is not available: " + target.unavailable());
    }

    private static String named(List<String> names) {
        int more = names.size() - MOST_NAMED;
        return names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
