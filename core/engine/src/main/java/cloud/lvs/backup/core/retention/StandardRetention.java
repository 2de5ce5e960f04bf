package cloud.lvs.backup.core.retention;

import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what any rule of a {@link StandardRetentionConfig} keeps, as restic and borg do. Each decision names all rules that
 * keep the backup, e.g. {@code keepLast: 2 of 3, keepDaily: 2026-11-22}; a dropped one says {@code matches no rule}.
 */
public final class StandardRetention implements RetentionPolicy {
    private final StandardRetentionConfig config;
    private final ZoneId zone;

    public StandardRetention(StandardRetentionConfig config) {
        this.config = config;
        this.zone = config.zone();
    }

    @Override
    public RetentionPlan decide(List<BackupSummary> newestFirst, Instant now) {
        List<List<String>> rules = new ArrayList<>();
        newestFirst.forEach(backup -> rules.add(new ArrayList<>()));
        if (isEmpty()) {
            rules.forEach(each -> each.add("no rule configured"));
        }
        keepLast(rules);
        keepWithin(newestFirst, now, rules);
        keepNewestOfEach(CalendarRule.HOURLY, config.keepHourly(), newestFirst, rules);
        keepNewestOfEach(CalendarRule.DAILY, config.keepDaily(), newestFirst, rules);
        keepNewestOfEach(CalendarRule.WEEKLY, config.keepWeekly(), newestFirst, rules);
        keepNewestOfEach(CalendarRule.MONTHLY, config.keepMonthly(), newestFirst, rules);
        keepNewestOfEach(CalendarRule.YEARLY, config.keepYearly(), newestFirst, rules);
        keepAtLeast(rules);

        List<Decision> decisions = new ArrayList<>();
        for (int i = 0; i < newestFirst.size(); i++) {
            decisions.add(
                    rules.get(i).isEmpty()
                            ? new Decision(newestFirst.get(i), Verdict.DROP, "matches no rule")
                            : new Decision(newestFirst.get(i), Verdict.KEEP, String.join(", ", rules.get(i))));
        }
        return new RetentionPlan(decisions);
    }

    private boolean isEmpty() {
        return config.keepLast() == null
                && config.keepWithin() == null
                && config.keepHourly() == null
                && config.keepDaily() == null
                && config.keepWeekly() == null
                && config.keepMonthly() == null
                && config.keepYearly() == null;
    }

    private void keepLast(List<List<String>> rules) {
        Integer count = config.keepLast();
        for (int i = 0; count != null && i < Math.min(count, rules.size()); i++) {
            rules.get(i).add("keepLast: " + (i + 1) + " of " + count);
        }
    }

    private void keepWithin(List<BackupSummary> newestFirst, Instant now, List<List<String>> rules) {
        Duration age = config.keepWithin();
        for (int i = 0; age != null && i < newestFirst.size(); i++) {
            if (Duration.between(newestFirst.get(i).timestamp(), now).compareTo(age) <= 0) {
                rules.get(i).add("keepWithin: " + inWords(age));
            }
        }
    }

    private void keepNewestOfEach(
            CalendarRule rule, @Nullable Integer count, List<BackupSummary> newestFirst, List<List<String>> rules) {
        if (count == null) {
            return;
        }
        // Periods rank by their newest backup and are remembered: where clocks go back across midnight, a date returns.
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < newestFirst.size() && seen.size() < count; i++) {
            ZonedDateTime time = newestFirst.get(i).timestamp().atZone(zone);
            if (seen.add(rule.periodOf(time))) {
                rules.get(i).add(rule.describe(time));
            }
        }
    }

    private void keepAtLeast(List<List<String>> rules) {
        long missing = config.minKeep()
                - rules.stream().filter(each -> !each.isEmpty()).count();
        for (List<String> each : rules) {
            if (missing > 0 && each.isEmpty()) {
                each.add("minKeep: " + config.minKeep());
                missing--;
            }
        }
    }

    /** As it would be configured: {@code 7d}, {@code 36h}, {@code 90s}. */
    private static String inWords(Duration age) {
        if (age.toNanosPart() != 0) {
            return age.toString();
        }
        long seconds = age.toSeconds();
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
