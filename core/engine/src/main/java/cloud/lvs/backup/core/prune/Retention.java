package cloud.lvs.backup.core.prune;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.counting.Counting;
import cloud.lvs.backup.core.report.DurationText;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.core.shield.Answers;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.BackupSummary.Hold;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is kept and what goes: rule 5 of the journal's protocol.
 *
 * @param staleAfter how old the newest backup that counts may be for anything to go
 */
public record Retention(Counting counting, RetentionPolicy policy, Duration staleAfter, Instant now) {
    private static final int FIRST_LOOKS = 4;

    /** Why nothing may be decided now; empty if it may. */
    String reasonToSkip() throws IOException, InterruptedException {
        if (clockIsBehind()) {
            return "the clock here is behind the newest backup; set it right first";
        }
        Optional<CatalogEntry> newestByName = catalog().entries().stream()
                .filter(entry -> !entry.isDatedAhead())
                .findFirst();
        if (newestByName.isEmpty()) {
            return "";
        }
        BackupSummary summary = newestByName.get().summary();
        if (!summary.outcome().isWhole()) {
            return "the newest backup " + summary.id() + " is " + summary.outcome()
                    + "; nothing is dropped until a newer one is whole";
        }
        Optional<CatalogEntry> newest = counting.newest();
        if (newest.isEmpty()) {
            return "no backup counts; nothing is dropped until one does";
        }
        Instant timestamp = newest.get().summary().timestamp();
        if (timestamp.isBefore(now.minus(staleAfter))) {
            return "the newest backup that counts, " + newest.get().id() + ", is older than "
                    + DurationText.inWords(staleAfter) + " by the clock here (" + now
                    + "); nothing is dropped until there is a newer one";
        }
        return "";
    }

    private Catalog catalog() {
        return counting.catalog();
    }

    /** Whether a backup that was dated rightly lies in our future: then it is our clock that is wrong, and all of it waits. */
    boolean clockIsBehind() {
        return catalog().entries().stream()
                .anyMatch(entry ->
                        !entry.isDatedAhead() && entry.summary().timestamp().isAfter(now));
    }

    /** Whether a backup that counts is newer than this one. */
    boolean isSuperseded(BackupId id) throws IOException, InterruptedException {
        return counting.newest().filter(newest -> newest.id().compareTo(id) > 0).isPresent();
    }

    /** Every backup with the rule that keeps or drops it, newest first. */
    List<Decision> decide() throws IOException, InterruptedException {
        Map<BackupId, Decision> settled = settle();
        Set<BackupId> partial = counting.partial();
        boolean isAlarming = catalog().entries().stream()
                .filter(entry -> entry.summary().hold() == Hold.NONE)
                .anyMatch(entry ->
                        counting.flawOf(entry.id()).filter(Flaw::isLost).isPresent());
        List<Decision> decisions = new ArrayList<>();
        for (CatalogEntry entry : catalog().entries()) {
            if (counting.isGone(entry)) {
                continue;
            }
            Decision decision = settled.get(entry.id());
            if (decision == null) {
                decision = decideOnFlawed(entry, partial);
            } else if (isAlarming && decision.verdict() == Verdict.DROP) {
                // Something damages backups there: what may count is worth more than its space, until that was told.
                decision = new Decision(entry.summary(), Verdict.KEEP, "others are lost; " + decision.rule());
            }
            boolean isHeld = entry.summary().hold() == Hold.HELD && decision.verdict() == Verdict.DROP;
            decisions.add(isHeld ? new Decision(entry.summary(), Verdict.KEEP, "held") : decision);
        }
        return decisions;
    }

    /** What is lost or partial goes once a newer one counts; every doubt keeps. */
    private Decision decideOnFlawed(CatalogEntry entry, Set<BackupId> partial)
            throws IOException, InterruptedException {
        Optional<Flaw> flaw = counting.flawOf(entry.id());
        boolean isLost = flaw.isPresent() && flaw.get().isLost();
        String what = flaw.map(Flaw::inWords).orElse("it is partial");
        if (isLost || partial.contains(entry.id())) {
            return isSuperseded(entry.id())
                    ? new Decision(entry.summary(), Verdict.DROP, what + "; a newer backup counts")
                    : new Decision(entry.summary(), Verdict.KEEP, what + "; no newer backup counts");
        }
        return new Decision(
                entry.summary(), Verdict.KEEP, flaw.isPresent() ? what : "a shard of its group cannot be judged");
    }

    /**
     * The decisions about those that may count. What the policy drops goes only if it also would if there were no others than
     * those that are proved to count, so backups are looked at, newest first, until that is so.
     */
    private Map<BackupId, Decision> settle() throws IOException, InterruptedException {
        int looks = FIRST_LOOKS;
        while (true) {
            List<CatalogEntry> standing = counting.standing();
            Map<BackupId, Decision> byPolicy = ask(standing);
            Map<BackupId, Decision> byProof = ask(standing.stream()
                    .filter(entry -> counting.isProved(entry) || !isKept(entry, byPolicy) || !counting.mayLook())
                    .toList());
            List<CatalogEntry> unseen = unproved(standing, byPolicy);
            if (unseen.isEmpty()) {
                unseen = unproved(standing, byProof);
            }
            boolean justified = standing.stream()
                    .filter(entry -> !isKept(entry, byPolicy) && entry.summary().hold() == Hold.NONE)
                    .noneMatch(entry -> isKept(entry, byProof));
            if (justified || unseen.isEmpty() || !counting.mayLook()) {
                return withFloor(standing, merged(standing, byPolicy, byProof));
            }
            counting.look(unseen.subList(0, Math.min(looks, unseen.size())));
            looks *= 4;
        }
    }

    private List<CatalogEntry> unproved(List<CatalogEntry> standing, Map<BackupId, Decision> decisions) {
        return standing.stream()
                .filter(entry -> !counting.isProved(entry) && decisions.containsKey(entry.id()))
                .filter(entry -> isKept(entry, decisions))
                .toList();
    }

    private static boolean isKept(CatalogEntry entry, Map<BackupId, Decision> decisions) {
        return decision(entry, decisions).verdict() == Verdict.KEEP;
    }

    private static Decision decision(CatalogEntry entry, Map<BackupId, Decision> decisions) {
        return Objects.requireNonNull(decisions.get(entry.id()));
    }

    private static Map<BackupId, Decision> merged(
            List<CatalogEntry> standing, Map<BackupId, Decision> byPolicy, Map<BackupId, Decision> byProof) {
        Set<String> keptGroups = new HashSet<>();
        Map<BackupId, Decision> merged = standing.stream()
                .collect(Collectors.toMap(
                        CatalogEntry::id,
                        entry -> isKept(entry, byPolicy) ? decision(entry, byPolicy) : decision(entry, byProof)));
        for (CatalogEntry entry : standing) {
            if (entry.shard() != null && isKept(entry, merged)) {
                keptGroups.add(entry.shard().group());
            }
        }
        for (CatalogEntry entry : standing) {
            // A logical run is kept or dropped as one: one shard that is kept keeps the others.
            if (entry.shard() != null && keptGroups.contains(entry.shard().group()) && !isKept(entry, merged)) {
                merged.put(
                        entry.id(), new Decision(entry.summary(), Verdict.KEEP, "another shard of its group is kept"));
            }
        }
        return merged;
    }

    /** Whatever the policy says, the newest backup that counts stays if no other does. */
    private Map<BackupId, Decision> withFloor(List<CatalogEntry> standing, Map<BackupId, Decision> decisions)
            throws IOException, InterruptedException {
        boolean oneStays = standing.stream().anyMatch(entry -> counting.isProved(entry) && isKept(entry, decisions));
        if (!oneStays) {
            counting.newest()
                    .ifPresent(newest -> standing.stream()
                            .filter(entry -> isOfOneRun(entry, newest))
                            .forEach(entry -> decisions.put(
                                    entry.id(),
                                    new Decision(entry.summary(), Verdict.KEEP, "the last backup that counts"))));
        }
        return decisions;
    }

    private static boolean isOfOneRun(CatalogEntry one, CatalogEntry other) {
        return one.id().equals(other.id())
                || one.shard() != null
                        && other.shard() != null
                        && one.shard().group().equals(other.shard().group());
    }

    private Map<BackupId, Decision> ask(List<CatalogEntry> whole) {
        List<BackupSummary> asked = whole.stream().map(CatalogEntry::summary).toList();
        RetentionPlan plan = plan(asked);
        List<BackupSummary> answered =
                plan.decisions().stream().map(Decision::backup).toList();
        if (!answered.equals(asked)) {
            throw faulty(
                    answered.size() == asked.size() && Set.copyOf(answered).equals(Set.copyOf(asked))
                            ? "decided about the " + asked.size() + " backups in another order than it was asked"
                            : "was asked about " + asked.size() + " backups and decided about " + answered.size()
                                    + " others",
                    null);
        }
        return plan.decisions().stream()
                .collect(Collectors.toMap(decision -> decision.backup().id(), decision -> decision));
    }

    private RetentionPlan plan(List<BackupSummary> asked) {
        @Nullable RetentionPlan plan;
        try {
            plan = policy.decide(asked, now);
        } catch (UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            throw faulty(Answers.thrown("decide", e), e);
        }
        if (plan == null) {
            throw faulty("its decide() gave null", null);
        }
        return plan;
    }

    private UncheckedIOException faulty(String problem, @Nullable Throwable cause) {
        return new UncheckedIOException(
                Answers.failure("retention policy", policy, problem + "; nothing was deleted", cause));
    }
}
