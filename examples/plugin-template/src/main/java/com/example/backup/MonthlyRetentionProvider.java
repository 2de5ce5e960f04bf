package com.example.backup;

import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Range;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** {@code type: monthly}: the newest backup of each month, in UTC. Named in {@code META-INF/services}. */
public final class MonthlyRetentionProvider implements RetentionPolicyProvider<MonthlyRetentionProvider.Config> {
    @Doc("Keeps the newest backup of each month.")
    public record Config(
            @Doc("For how many months, this one included.") @Default("12") @Range(min = "1", max = "1200") int months) {}

    @Override
    public String type() {
        return "monthly";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public RetentionPolicy create(Config config) {
        return (newestFirst, now) -> decide(newestFirst, month(now).minusMonths(config.months()));
    }

    private static YearMonth month(Instant at) {
        return YearMonth.from(at.atOffset(ZoneOffset.UTC));
    }

    private static RetentionPlan decide(List<BackupSummary> newestFirst, YearMonth tooOld) {
        List<Decision> decisions = new ArrayList<>();
        YearMonth previous = null;
        for (BackupSummary backup : newestFirst) {
            YearMonth month = month(backup.timestamp());
            boolean kept = previous == null || (!month.equals(previous) && month.isAfter(tooOld));
            decisions.add(new Decision(backup, kept ? Verdict.KEEP : Verdict.DROP, "monthly: " + month));
            previous = month;
        }
        return new RetentionPlan(decisions);
    }
}
