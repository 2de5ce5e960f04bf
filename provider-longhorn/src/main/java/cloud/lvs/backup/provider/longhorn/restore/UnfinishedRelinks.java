package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.provider.longhorn.restore.RelinkPlan.State;
import cloud.lvs.backup.provider.longhorn.restore.RelinkUndo.Remains;
import cloud.lvs.backup.provider.longhorn.restore.RestoreMarks.Purpose;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Relinks of before, as the volumes that they restored tell them: those that were killed on their way are finished or taken back,
 * and the last one that was done can be.
 */
final class UnfinishedRelinks {
    private final Cluster cluster;
    private final LonghornConfig config;
    private final RunContext run;

    UnfinishedRelinks(Cluster cluster, LonghornConfig config, RunContext run) {
        this.cluster = cluster;
        this.config = config;
        this.run = run;
    }

    /** A restored volume, and what it is for. */
    private record Noted(Volume volume, RelinkPlan plan) {
        Instant createdAt() {
            return Objects.requireNonNullElse(volume.metadata().createdAt(), Instant.EPOCH);
        }

        boolean isUnfinished() {
            return plan.state() != State.DONE && plan.state() != State.UNDONE;
        }
    }

    private List<Noted> noted() throws BackupException, InterruptedException {
        List<Noted> noted = new ArrayList<>();
        for (Volume volume : cluster.list(ResourceType.VOLUME, RestoreMarks.selecting(Purpose.RELINK))) {
            if (!volume.metadata().isBeingDeleted()) {
                RelinkPlan.of(volume.metadata()).ifPresent(plan -> noted.add(new Noted(volume, plan)));
            }
        }
        return noted;
    }

    /** What an earlier relink of a claim has left, for a dry run. */
    List<String> told(ClaimName claim) throws BackupException, InterruptedException {
        return noted().stream()
                .filter(each -> each.plan().claimName().equals(claim) && each.isUnfinished())
                .map(each -> (each.plan().state() == State.BOUND ? "Finish" : "Take back") + " the relink of claim "
                        + claim + " that was killed; its volume is "
                        + each.volume().name())
                .toList();
    }

    /**
     * Finishes or takes back what an earlier relink of a claim has left.
     *
     * @return the restored volume if that relink was of the same backup, and is finished now
     */
    Optional<Volume> settle(ClaimName claim, String backup, List<String> steps)
            throws BackupException, InterruptedException {
        Optional<Volume> finished = Optional.empty();
        for (Noted each : noted()) {
            if (!each.plan().claimName().equals(claim) || !each.isUnfinished()) {
                continue;
            }
            if (each.plan().state() == State.BOUND) {
                new RelinkCompletion(cluster, new ClaimOperations(cluster, config.startTimeout()))
                        .finish(each.plan(), each.volume().name());
                steps.add("Finished the relink of claim " + claim + " that was killed");
                if (each.plan().backup().equals(backup)) {
                    finished = Optional.of(each.volume());
                }
                continue;
            }
            takeBack(each);
            steps.add("Took back the relink of claim " + claim + " that was killed");
        }
        return finished;
    }

    private void takeBack(Noted each) throws BackupException {
        Remains remains = each.isUnfinished() && each.plan().state() != State.BOUND ? Remains.REMOVE : Remains.KEEP;
        Optional<String> left =
                new RelinkUndo(cluster, config.startTimeout()).undo(each.plan(), each.volume(), remains);
        if (left.isPresent()) {
            throw new BackupException(
                    Kind.SOURCE,
                    "claim " + each.plan().claimName(),
                    "an earlier relink of it: " + left.get(),
                    "mend what it says, then run again");
        }
    }

    /** Takes back, for each claim, what is unfinished, or else the last relink. */
    RestoreReport undo(Collection<String> claims, Mode mode) throws BackupException, InterruptedException {
        Map<String, Noted> last = new LinkedHashMap<>();
        for (Noted each : noted()) {
            String claim = each.plan().claimName().toString();
            Noted known = last.get(claim);
            boolean later = known == null
                    || (each.isUnfinished() && !known.isUnfinished())
                    || (each.isUnfinished() == known.isUnfinished()
                            && each.createdAt().isAfter(known.createdAt()));
            if ((claims.isEmpty() || claims.contains(claim)) && later) {
                last.put(claim, each);
            }
        }
        if (last.isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "the undo of the last restore",
                    "there is no relink" + (claims.isEmpty() ? "" : " of " + String.join(", ", claims))
                            + " that could be taken back",
                    "look for kept volumes: kubectl get pv");
        }
        List<String> steps = new ArrayList<>();
        List<ItemResult> items = new ArrayList<>();
        List<Check> checks = new ArrayList<>();
        List<String> next = new ArrayList<>();
        for (Noted each : last.values()) {
            run.checkpoint();
            String claim = each.plan().claimName().toString();
            steps.addAll(RelinkUndo.steps(each.plan(), each.volume().name()));
            items.add(ItemResult.done(claim, Map.of("backup", each.plan().backup())));
            if (mode == Mode.EXECUTE) {
                takeBack(each);
                checks.add(Check.passed("bound", "claim " + claim + " has the volume that it had before"));
                if (!each.isUnfinished()) {
                    next.add("Volume " + each.volume().name() + " and persistent volume "
                            + each.plan().persistentVolume() + " are kept; delete them when nobody needs them");
                }
            }
        }
        return new RestoreReport(items, steps, checks, next);
    }
}
