package cloud.lvs.backup.core.report;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.RetentionPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was pruned, or would be.
 *
 * @param job the job's name
 * @param sink the sink it was done in
 * @param mode whether it was done, or only planned
 * @param decisions every backup with the rule that keeps or drops it, newest first
 * @param skipped why nothing was decided, e.g. because the newest backup is partial; empty if it was
 * @param sweepable in a plan, the directories of dead runs and unfinished deletions that would go: {@code <timestamp>-<run>}
 * @param flaws what was found to be wrong with backups: they do not count
 * @param deleted the backups that are gone
 * @param swept the directories of dead runs that are gone: {@code <timestamp>-<run>}
 * @param leftovers what could not be deleted, with the reason; the next prune tries again
 * @param locked what the store keeps until a time, or until someone lifts that, with the reason; no failure, and the first
 *     prune after that deletes it
 * @param unreadable backups, and directories of dead runs, that stay because what belongs to them cannot be read now, with the
 *     reason; no failure, and the first prune that can read it deletes it
 * @param freedBytes stored bytes that were, or would be, freed; 0 if that cannot be told
 */
public record PruneReport(
        String job,
        String sink,
        Mode mode,
        List<RetentionPlan.Decision> decisions,
        String skipped,
        List<String> sweepable,
        List<Flaw> flaws,
        List<BackupId> deleted,
        List<String> swept,
        Map<String, String> leftovers,
        Map<String, String> locked,
        Map<String, String> unreadable,
        long freedBytes) {
    public PruneReport {
        decisions = List.copyOf(decisions);
        sweepable = List.copyOf(sweepable);
        flaws = List.copyOf(flaws);
        deleted = List.copyOf(deleted);
        swept = List.copyOf(swept);
        leftovers = Collections.unmodifiableMap(new LinkedHashMap<>(leftovers));
        locked = Collections.unmodifiableMap(new LinkedHashMap<>(locked));
        unreadable = Collections.unmodifiableMap(new LinkedHashMap<>(unreadable));
    }

    /** Begins the report of a prune that did nothing unless something else is said. */
    public static Builder of(String job, String sink, Mode mode) {
        return new Builder(job, sink, mode);
    }

    /** How many backups stay, by the decisions. */
    public long kept() {
        return decisions.size() - dropped().size();
    }

    /** The backups that are to go, by the decisions. */
    public List<BackupId> dropped() {
        return decisions.stream()
                .filter(decision -> decision.verdict() == RetentionPlan.Verdict.DROP)
                .map(decision -> decision.backup().id())
                .toList();
    }

    /** The {@link #leftovers}, told once for each reason: {@code 2026/11/a.zst and 3 more: the store refuses to delete it}. */
    public List<String> leftoversInWords() {
        Map<String, List<String>> byReason = new TreeMap<>();
        leftovers.forEach((what, reason) ->
                byReason.computeIfAbsent(reason, r -> new ArrayList<>()).add(what));
        return byReason.entrySet().stream()
                .map(each ->
                        each.getValue().stream().min(Comparator.naturalOrder()).orElseThrow()
                                + (each.getValue().size() == 1
                                        ? ""
                                        : " and " + (each.getValue().size() - 1) + " more")
                                + ": " + each.getKey())
                .toList();
    }

    /** Collects what a prune reports; its methods are named as what they set. Used once, by one thread. */
    public static final class Builder {
        private final String job;
        private final String sink;
        private final Mode mode;
        private List<RetentionPlan.Decision> decisions = List.of();
        private String skipped = "";
        private List<String> sweepable = List.of();
        private List<Flaw> flaws = List.of();
        private List<BackupId> deleted = List.of();
        private List<String> swept = List.of();
        private Map<String, String> leftovers = Map.of();
        private Map<String, String> locked = Map.of();
        private Map<String, String> unreadable = Map.of();

        private Builder(String job, String sink, Mode mode) {
            this.job = job;
            this.sink = sink;
            this.mode = mode;
        }

        public Builder decisions(List<RetentionPlan.Decision> decisions) {
            this.decisions = decisions;
            return this;
        }

        public Builder skipped(String skipped) {
            this.skipped = skipped;
            return this;
        }

        public Builder sweepable(List<String> sweepable) {
            this.sweepable = sweepable;
            return this;
        }

        public Builder flaws(List<Flaw> flaws) {
            this.flaws = flaws;
            return this;
        }

        public Builder deleted(List<BackupId> deleted) {
            this.deleted = deleted;
            return this;
        }

        public Builder swept(List<String> swept) {
            this.swept = swept;
            return this;
        }

        public Builder leftovers(Map<String, String> leftovers) {
            this.leftovers = leftovers;
            return this;
        }

        public Builder locked(Map<String, String> locked) {
            this.locked = locked;
            return this;
        }

        public Builder unreadable(Map<String, String> unreadable) {
            this.unreadable = unreadable;
            return this;
        }

        /** The report of a prune that freed so much, or would. */
        public PruneReport freedBytes(long freedBytes) {
            return new PruneReport(
                    job,
                    sink,
                    mode,
                    decisions,
                    skipped,
                    sweepable,
                    flaws,
                    deleted,
                    swept,
                    leftovers,
                    locked,
                    unreadable,
                    freedBytes);
        }
    }
}
