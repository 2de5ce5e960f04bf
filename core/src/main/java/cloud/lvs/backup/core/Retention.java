package cloud.lvs.backup.core;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.BackupSummary.Hold;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is kept and what goes, by the keys of a catalog alone: rule 5 of the journal's protocol.
 *
 * @param staleAfter how old the newest backup may be for anything to go
 */
record Retention(Catalog catalog, RetentionPolicy policy, Duration staleAfter, Instant now) {
    /** How far a run's clock may have been ahead of the store's for its backup not to count as future-dated. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);

    /** Why nothing may be decided now; empty if it may. */
    String reasonToSkip() {
        if (clockIsBehind()) {
            return "the clock here is behind the newest backup; set it right first";
        }
        Optional<CatalogEntry> newest = catalog.entries().stream()
                .filter(entry -> !isFutureDated(entry))
                .findFirst();
        if (newest.isEmpty()) {
            return "";
        }
        BackupSummary summary = newest.get().summary();
        if (!summary.outcome().isWhole()) {
            return "the newest backup " + summary.id() + " is " + summary.outcome()
                    + "; nothing is dropped until a newer one is whole";
        }
        if (summary.timestamp().isBefore(now.minus(staleAfter))) {
            return "the newest backup " + summary.id() + " is older than " + staleAfter
                    + "; nothing is dropped until there is a newer one";
        }
        return "";
    }

    /** Dated ahead of the moment the store saw it: made under a wrong clock, so it neither counts nor goes. */
    private static boolean isFutureDated(CatalogEntry entry) {
        return entry.summary().timestamp().isAfter(entry.committedAt().plus(CLOCK_TOLERANCE));
    }

    /** Whether a backup that was dated rightly lies in our future: then it is our clock that is wrong, and all of it waits. */
    boolean clockIsBehind() {
        return catalog.entries().stream()
                .anyMatch(entry ->
                        !isFutureDated(entry) && entry.summary().timestamp().isAfter(now));
    }

    /** Every backup with the rule that keeps or drops it, newest first. */
    List<Decision> decide() {
        List<BackupSummary> whole = new ArrayList<>();
        for (CatalogEntry entry : catalog.entries()) {
            if (entry.summary().outcome().isWhole() && !isFutureDated(entry)) {
                whole.add(entry.summary());
            }
        }
        Map<BackupId, Decision> byPolicy = askPolicy(whole);
        Set<String> keptGroups = keptGroups(byPolicy);
        boolean lastIsDropped =
                !byPolicy.isEmpty() && byPolicy.values().stream().allMatch(d -> d.verdict() == Verdict.DROP);
        List<Decision> decisions = new ArrayList<>();
        boolean newerWhole = false;
        for (CatalogEntry entry : catalog.entries()) {
            BackupSummary summary = entry.summary();
            Decision decision;
            if (isFutureDated(entry)) {
                decision = new Decision(summary, Verdict.KEEP, "dated in the future");
            } else if (!summary.outcome().isWhole()) {
                decision = newerWhole
                        ? new Decision(summary, Verdict.DROP, "partial, and a newer backup is whole")
                        : new Decision(summary, Verdict.KEEP, "partial, and no newer backup is whole");
            } else {
                decision = byPolicy.getOrDefault(
                        summary.id(), new Decision(summary, Verdict.KEEP, "the policy did not decide"));
                if (decision.verdict() == Verdict.DROP
                        && entry.shard() != null
                        && keptGroups.contains(entry.shard().group())) {
                    decision = new Decision(summary, Verdict.KEEP, "another shard of its group is kept");
                }
                if (lastIsDropped && !newerWhole) {
                    decision = new Decision(summary, Verdict.KEEP, "the last whole backup");
                }
                newerWhole = true;
            }
            if (summary.hold() == Hold.HELD && decision.verdict() == Verdict.DROP) {
                decision = new Decision(summary, Verdict.KEEP, "held");
            }
            decisions.add(decision);
        }
        return decisions;
    }

    private Map<BackupId, Decision> askPolicy(List<BackupSummary> whole) {
        RetentionPlan plan = policy.decide(List.copyOf(whole), now);
        List<BackupSummary> answered =
                plan.decisions().stream().map(Decision::backup).toList();
        if (!answered.equals(whole)) {
            // A plugin's policy comes behind a proxy that says whose it is.
            String name = Proxy.isProxyClass(policy.getClass())
                    ? policy.toString()
                    : "retention policy " + policy.getClass().getName();
            throw new UncheckedIOException(new BackupException(
                    Kind.FAILED,
                    name,
                    "was asked about " + whole.size() + " backups and decided about " + answered.size() + " others",
                    "report it to whoever made it; nothing was deleted"));
        }
        return plan.decisions().stream()
                .collect(Collectors.toMap(decision -> decision.backup().id(), d -> d));
    }

    /** A logical run is kept or dropped as one: one shard that is kept keeps the others. */
    private Set<String> keptGroups(Map<BackupId, Decision> byPolicy) {
        Set<String> kept = new HashSet<>();
        for (CatalogEntry entry : catalog.entries()) {
            Decision decision = byPolicy.get(entry.summary().id());
            if (entry.shard() != null && decision != null && decision.verdict() == Verdict.KEEP) {
                kept.add(entry.shard().group());
            }
        }
        return kept;
    }
}
