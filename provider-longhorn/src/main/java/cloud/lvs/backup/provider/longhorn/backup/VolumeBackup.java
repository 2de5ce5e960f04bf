package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.LiveObjects;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Snapshot;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.DurationFormat;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The backup of one volume on its way: snapshot, backup, both watched until they are ready, failed, or stand still for too long.
 * Longhorn itself gives no time limit and never tries again.
 */
final class VolumeBackup {
    /** A lock that a dead process left expires after two and a half minutes; a deletion may hold it longer. */
    private static final Duration LOCKED_PAUSE = Duration.ofSeconds(155);

    private static final int MOST_TRIES = 4;
    /** How long an object that was just made may not be seen. */
    private static final Duration SEEN_WITHIN = Duration.ofSeconds(10);

    private static final Duration LOOK_AT_OTHERS_EVERY = Duration.ofSeconds(15);

    private enum Stage {
        WAITING_FOR_OTHERS,
        SNAPSHOT,
        LOCKED,
        BACKUP
    }

    private final Cluster cluster;
    private final LonghornConfig config;
    private final RunContext run;
    private final ArtifactWriter out;
    private final LiveObjects<Volume> volumes;
    private final LiveObjects<Snapshot> snapshots;
    private final LiveObjects<Backup> backups;
    private final String item;
    private final String volumeName;
    private final long sizeBytes;

    private Stage stage = Stage.WAITING_FOR_OTHERS;
    private Instant stageBegan;
    private Instant looked = Instant.MIN;
    private @Nullable BackupPlan plan;
    private @Nullable Volume volume;
    private String backupName = "";
    private int tries;
    private long bestProgress = -1;
    private Instant moved;

    VolumeBackup(
            Cluster cluster,
            LonghornConfig config,
            RunContext run,
            ArtifactWriter out,
            LiveObjects<Volume> volumes,
            LiveObjects<Snapshot> snapshots,
            LiveObjects<Backup> backups,
            VolumeChoice choice) {
        this.cluster = cluster;
        this.config = config;
        this.run = run;
        this.out = out;
        this.volumes = volumes;
        this.snapshots = snapshots;
        this.backups = backups;
        this.item = choice.item();
        this.volumeName = choice.volume().name();
        this.sizeBytes = choice.volume().sizeBytes();
        this.stageBegan = cluster.waiting().now();
        this.moved = stageBegan;
    }

    String item() {
        return item;
    }

    String volumeName() {
        return volumeName;
    }

    /** What was made, as far as it came; null before that. */
    @Nullable
    BackupPlan plan() {
        return plan;
    }

    /** The backups that were made for it, by name. */
    List<String> backupNames() {
        return IntStream.rangeClosed(1, tries).mapToObj(this::nameOfTry).toList();
    }

    /**
     * Takes the next steps that can be taken now.
     *
     * @return the backup if it is complete
     * @throws BackupException if it failed
     */
    Optional<Backup> advance() throws IOException, InterruptedException {
        while (true) {
            Stage before = stage;
            Optional<Backup> complete = switch (stage) {
                case WAITING_FOR_OTHERS -> begin();
                case SNAPSHOT -> lookAtSnapshot();
                case LOCKED -> tryAgain();
                case BACKUP -> lookAtBackup();
            };
            if (complete.isPresent() || stage == before) {
                return complete;
            }
        }
    }

    private void enter(Stage next) {
        stage = next;
        stageBegan = cluster.waiting().now();
        moved = stageBegan;
        bestProgress = -1;
    }

    private boolean isOver(Duration limit, Instant since) {
        return cluster.waiting().now().isAfter(since.plus(limit));
    }

    // ---- before ----

    private Optional<Backup> begin() throws IOException, InterruptedException {
        if (!isOver(LOOK_AT_OTHERS_EVERY, looked)) {
            return Optional.empty();
        }
        looked = cluster.waiting().now();
        Volume now = current();
        Optional<String> obstacle = VolumeSelection.obstacle(now);
        if (obstacle.isPresent()) {
            throw failure(obstacle.get(), "look at it in Longhorn, then run again");
        }
        List<Backup> earlier = cluster.list(ResourceType.BACKUP, Map.of(Backup.VOLUME_LABEL, volumeName));
        Optional<Backup> other = earlier.stream().filter(VolumeBackup::isBusy).findFirst();
        if (other.isPresent()) {
            if (isOver(config.startTimeout(), stageBegan)) {
                throw failure(
                        "backup " + other.get().name() + " of it is "
                                + (other.get().state().isEmpty()
                                        ? "waiting"
                                        : other.get().state()) + " since before "
                                + stageBegan + ", and a volume has one operation at a time",
                        "look at it: kubectl -n " + cluster.namespace() + " get backups.longhorn.io "
                                + other.get().name() + "; deleting it ends it");
            }
            return Optional.empty();
        }
        BackupPlan made = BackupPlan.of(now, earlier, config.fullEvery(), cluster, run);
        plan = made;
        volume = now;
        out.intend(new OwnReference(cluster.namespace(), made.name()).external());
        cluster.create(ResourceType.SNAPSHOT, made.snapshot());
        enter(Stage.SNAPSHOT);
        return Optional.empty();
    }

    private Volume current() throws BackupException {
        return volumes.get(volumeName)
                .filter(now -> !now.metadata().isBeingDeleted())
                .orElseThrow(() -> failure("it is gone", "nothing can be done; its earlier backups stay"));
    }

    /** One that was found in the target unfinished looks as if it waited, for ever: it has no snapshot to wait for. */
    private static boolean isBusy(Backup backup) {
        return backup.state().equals("Deleting")
                || (backup.isAtWork() && !backup.requestedSnapshot().isEmpty());
    }

    // ---- snapshot ----

    private Optional<Backup> lookAtSnapshot() throws IOException, InterruptedException {
        BackupPlan made = planned();
        Optional<Snapshot> known = snapshots.get(made.name());
        if (known.isEmpty() && isOver(SEEN_WITHIN, stageBegan)) {
            known = cluster.find(ResourceType.SNAPSHOT, made.name());
            if (known.isEmpty()) {
                current();
                throw failure("its snapshot " + made.name() + " is gone", "somebody deleted it; run again");
            }
        }
        if (known.isPresent()) {
            Snapshot snapshot = known.get();
            if (snapshot.metadata().isBeingDeleted() || snapshot.markRemoved()) {
                current();
                throw failure("its snapshot " + made.name() + " is being deleted", "run again");
            }
            if (snapshot.ready()) {
                makeBackup(made.name());
                return Optional.empty();
            }
        }
        if (isOver(config.startTimeout(), stageBegan)) {
            String said = known.map(Snapshot::error).orElse("");
            throw failure(
                    "its snapshot " + made.name() + " is not ready after " + DurationFormat.text(config.startTimeout())
                            + (said.isEmpty() ? "" : ": " + said) + "; the volume is "
                            + current().state() + ", " + current().robustness(),
                    "look at the volume in Longhorn; startTimeout says how long to wait");
        }
        return Optional.empty();
    }

    // ---- backup ----

    private String nameOfTry(int number) {
        return planned().name() + (number == 1 ? "" : "-" + number);
    }

    private void makeBackup(String snapshot) throws IOException, InterruptedException {
        tries++;
        backupName = nameOfTry(tries);
        if (tries > 1) {
            out.intend(new OwnReference(cluster.namespace(), backupName).external());
        }
        Volume now = current();
        volume = now;
        cluster.create(ResourceType.BACKUP, planned().backup(backupName, now));
        enter(Stage.BACKUP);
    }

    private Optional<Backup> tryAgain() throws IOException, InterruptedException {
        if (isOver(LOCKED_PAUSE, stageBegan)) {
            makeBackup(planned().name());
        }
        return Optional.empty();
    }

    private Optional<Backup> lookAtBackup() throws IOException, InterruptedException {
        Optional<Backup> known = backups.get(backupName);
        if (known.isEmpty() && isOver(SEEN_WITHIN, stageBegan)) {
            known = cluster.find(ResourceType.BACKUP, backupName);
            if (known.isEmpty()) {
                current();
                throw failure("its backup " + backupName + " is gone", "somebody deleted it; run again");
            }
        }
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Backup backup = known.get();
        if (backup.metadata().isBeingDeleted()) {
            throw failure("its backup " + backupName + " is being deleted", "run again");
        }
        if (backup.isFailed()) {
            return afterFailure(backup);
        }
        if (backup.isComplete()) {
            return Optional.of(checked(backup));
        }
        watchProgress(backup);
        return Optional.empty();
    }

    private Optional<Backup> afterFailure(Backup backup) throws BackupException {
        boolean locked = backup.error().contains("failed to acquire lock")
                || backup.error().contains("failed lock");
        if (locked && tries < MOST_TRIES) {
            run.progress(item, 0, sizeBytes);
            enter(Stage.LOCKED);
            return Optional.empty();
        }
        String error = backup.error().isEmpty() ? backup.information() : backup.error();
        throw failure(
                "its backup " + backupName + " ended as " + backup.state() + ": "
                        + (error.isEmpty() ? "Longhorn does not say why" : error),
                locked
                        ? "something holds the lock of its backups in the target: look for a deletion, and run again"
                        : "mend what it says, then run again");
    }

    /** A state alone may lie: what is in the target has to be what was asked for. */
    private Backup checked(Backup backup) throws BackupException {
        BackupPlan made = planned();
        if (!backup.error().isEmpty()) {
            throw failure(
                    "its backup " + backupName + " says Completed at " + backup.progress() + " %, but also: "
                            + backup.error(),
                    "do not trust it; run again");
        }
        if (!backup.snapshot().equals(made.name())) {
            throw failure(
                    "its backup " + backupName + " is of snapshot " + backup.snapshot() + ", not " + made.name(),
                    "do not trust it; run again");
        }
        if (backup.snapshotCreatedAt() == null
                || !OwnLabels.isOfRun(backup, run.run().value())) {
            throw failure(
                    "its backup " + backupName + " lies in the target without its labels or its time",
                    "do not trust it; run again");
        }
        run.progress(item, sizeBytes, sizeBytes);
        return backup;
    }

    private void watchProgress(Backup backup) throws BackupException {
        current();
        boolean begun = !backup.state().isEmpty() && !backup.state().equals("Pending");
        if (begun && backup.progress() > bestProgress) {
            bestProgress = backup.progress();
            moved = cluster.waiting().now();
            run.progress(item, sizeBytes / 100 * bestProgress, sizeBytes);
        }
        boolean compares = begun && bestProgress == 0 && backup.state().equals("InProgress");
        Duration limit =
                compares ? config.firstProgressTimeout() : begun ? config.stallTimeout() : config.startTimeout();
        // States that come and go are no progress.
        if (isOver(limit, begun ? moved : stageBegan)) {
            throw stalled(backup, begun, limit);
        }
    }

    private BackupException stalled(Backup backup, boolean begun, Duration limit) throws BackupException {
        if (begun) {
            return failure(
                    "its backup " + backupName + " stands still at " + backup.progress() + " % (" + backup.state()
                            + ") for " + DurationFormat.text(limit),
                    "an engine that was restarted meanwhile does that; it is deleted, run again");
        }
        Volume now = current();
        return failure(
                "its backup " + backupName + " has not begun after " + DurationFormat.text(limit)
                        + (backup.information().isEmpty() ? "" : ": " + backup.information()) + "; the volume is "
                        + now.state() + ", " + now.robustness(),
                "look at the volume in Longhorn; startTimeout says how long to wait");
    }

    private BackupPlan planned() {
        return Objects.requireNonNull(plan);
    }

    /** The volume as it was when the backup was asked for. */
    Volume volume() {
        return Objects.requireNonNull(volume);
    }

    private BackupException failure(String problem, String remedy) {
        return new BackupException(Kind.SOURCE, "volume " + volumeName, problem, remedy);
    }
}
