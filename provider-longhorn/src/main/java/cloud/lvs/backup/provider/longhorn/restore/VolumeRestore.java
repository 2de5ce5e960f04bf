package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.LonghornRestoreOptions;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.Condition;
import cloud.lvs.backup.provider.longhorn.cluster.Engine;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.DurationFormat;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** One volume that Longhorn makes of a backup, watched until all of it is there, it failed, or stands still for too long. */
final class VolumeRestore {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    /** A scheduler may find room after a moment. */
    private static final Duration UNPLACED_AFTER = Duration.ofMinutes(2);

    private static final String TO_LOOK = "look at the volume in Longhorn; it was removed again, run again after that";

    private final Cluster cluster;
    private final LonghornConfig config;
    private final LonghornRestoreOptions options;
    private final RunContext run;
    private final String item;

    private Instant began = Instant.EPOCH;
    private Instant moved = Instant.EPOCH;
    private long best = -1;

    VolumeRestore(Cluster cluster, LonghornConfig config, LonghornRestoreOptions options, RunContext run, String item) {
        this.cluster = cluster;
        this.config = config;
        this.options = options;
        this.run = run;
        this.item = item;
    }

    /**
     * Makes a volume and returns it when all of it is there, detached.
     *
     * @throws BackupException if it failed; the volume is removed then, as it is if the thread is interrupted
     */
    Volume restore(ObjectNode manifest) throws BackupException, InterruptedException {
        String name = manifest.path("metadata").path("name").asText();
        if (cluster.find(ResourceType.VOLUME, name).isPresent()) {
            throw new BackupException(
                    Kind.CONFIG, "volume " + name, "exists", "name another, or remove it if nobody needs it");
        }
        Volume made = cluster.create(ResourceType.VOLUME, manifest);
        began = cluster.waiting().now();
        moved = began;
        try {
            return await(made);
        } catch (BackupException e) {
            Optional<String> left = new OwnVolumes(cluster, config.deleteTimeout()).remove(made);
            if (left.isEmpty()) {
                throw e;
            }
            throw new BackupException(e.kind(), e.target(), e.problem() + "; " + left.get(), e.remedy(), e);
        } catch (InterruptedException e) {
            new OwnVolumes(cluster, config.deleteTimeout()).remove(made).ifPresent(run::warn);
            throw e;
        }
    }

    private Volume await(Volume made) throws BackupException, InterruptedException {
        while (true) {
            run.checkpoint();
            Optional<Volume> found = cluster.find(ResourceType.VOLUME, made.name());
            if (found.isEmpty()
                    || !found.get().metadata().uid().equals(made.metadata().uid())
                    || found.get().metadata().isBeingDeleted()) {
                throw failure(Kind.SOURCE, made, "somebody deleted it while it was restored", "run again");
            }
            Volume volume = found.get();
            List<Engine.Restore> replicas = replicas(volume);
            requireSound(volume, replicas);
            if (volume.restoreInitiated()
                    && !volume.restoreRequired()
                    && volume.state().equals("detached")) {
                run.progress(item, volume.sizeBytes(), volume.sizeBytes());
                return volume;
            }
            watchProgress(volume, replicas);
            cluster.waiting().sleep(LOOK_EVERY);
        }
    }

    private List<Engine.Restore> replicas(Volume volume) throws BackupException, InterruptedException {
        return cluster.list(ResourceType.ENGINE, Map.of("longhornvolume", volume.name())).stream()
                .flatMap(engine -> engine.restores().stream())
                .toList();
    }

    private void requireSound(Volume volume, List<Engine.Restore> replicas) throws BackupException {
        Optional<Condition> restore = condition(volume, "Restore");
        boolean failed = restore.isPresent() && restore.get().reason().equals("RestoreFailure");
        if (!volume.isFaulted() && !failed) {
            return;
        }
        String said = replicas.stream()
                .map(Engine.Restore::error)
                .filter(error -> !error.isEmpty())
                .distinct()
                .findFirst()
                .or(() -> restore.map(Condition::message).filter(message -> !message.isEmpty()))
                .orElse("Longhorn does not say why");
        throw failure(
                Kind.VERIFICATION,
                volume,
                "Longhorn could not restore it: " + said,
                "verify the backup with --level content, and restore another one where it is damaged");
    }

    private static Optional<Condition> condition(Volume volume, String type) {
        return volume.conditions().stream()
                .filter(each -> each.type().equals(type))
                .findFirst();
    }

    private void watchProgress(Volume volume, List<Engine.Restore> replicas) throws BackupException {
        OptionalLong percent =
                replicas.stream().mapToLong(Engine.Restore::progress).min();
        boolean begun = volume.restoreInitiated();
        // States that come and go are no progress; these do not come back.
        long now = !begun ? 0 : volume.restoreRequired() ? 1 + percent.orElse(0) : 102;
        if (now > best) {
            best = now;
            moved = cluster.waiting().now();
            run.progress(item, volume.sizeBytes() / 100 * percent.orElse(0), volume.sizeBytes());
        }
        if (!begun) {
            requirePlaced(volume);
        }
        Duration limit = begun ? config.stallTimeout() : config.startTimeout();
        if (isOver(limit, moved)) {
            throw failure(
                    Kind.SOURCE,
                    volume,
                    (begun ? "its restore stands still at " + percent.orElse(0) + " %" : "its restore has not begun")
                            + " after " + DurationFormat.text(limit) + "; it is " + volume.state() + ", "
                            + volume.robustness()
                            + unscheduled(volume),
                    TO_LOOK);
        }
        if (isOver(options.timeout(), began)) {
            throw failure(
                    Kind.SOURCE,
                    volume,
                    "its restore is at " + percent.orElse(0) + " % after " + DurationFormat.text(options.timeout()),
                    "give it longer: --set timeout=48h");
        }
    }

    private void requirePlaced(Volume volume) throws BackupException {
        String problem = unscheduled(volume);
        if (!problem.isEmpty() && isOver(UNPLACED_AFTER, began)) {
            throw failure(
                    Kind.SOURCE,
                    volume,
                    "the cluster cannot place its "
                            + volume.spec().path("numberOfReplicas").asInt() + " replicas" + problem,
                    "make room, or ask for less: --set replicas=1, --set tags=ignore");
        }
    }

    private static String unscheduled(Volume volume) {
        return condition(volume, "Scheduled")
                .filter(each -> each.status().equals("False"))
                .map(each -> ": " + (each.message().isEmpty() ? each.reason() : each.message()))
                .orElse("");
    }

    private boolean isOver(Duration limit, Instant since) {
        return cluster.waiting().now().isAfter(since.plus(limit));
    }

    private static BackupException failure(Kind kind, Volume volume, String problem, String remedy) {
        return new BackupException(kind, "volume " + volume.name(), problem, remedy);
    }
}
