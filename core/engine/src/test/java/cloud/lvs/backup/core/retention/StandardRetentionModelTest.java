package cloud.lvs.backup.core.retention;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RunId;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Compares the policy with a slow model that asks of each backup alone, over random histories around clock changes. */
class StandardRetentionModelTest {
    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            // Clocks go by half an hour, from 00:01 to 23:01, by a whole day, by 45 minutes off the hour.
            "Australia/Lord_Howe",
            "America/St_Johns",
            "Pacific/Apia",
            "Pacific/Chatham",
            "Africa/Casablanca",
            "America/Havana");

    @Test
    void agreesWithTheModel() {
        long cases = "full".equals(System.getProperty("lvs.test.extent")) ? 300_000 : 6_000;
        for (long seed = 0; seed < cases; seed++) {
            Random random = new Random(seed);
            StandardRetentionConfig config = config(random);
            Instant now = moment(random, ZoneId.of(config.timeZone()));
            List<BackupSummary> backups = history(random, now);

            List<Decision> decisions =
                    new StandardRetention(config).decide(backups, now).decisions();

            List<List<String>> expected = model(config, backups, now);
            for (int i = 0; i < backups.size(); i++) {
                assertThat(rulesOf(decisions.get(i)))
                        .as("seed %d, %s, now %s, backup %d of %s", seed, config, now, i, backups)
                        .isEqualTo(expected.get(i));
            }
        }
    }

    /** The names of the rules that keep a backup. */
    private static List<String> rulesOf(Decision decision) {
        if (decision.verdict() == Verdict.DROP) {
            return List.of();
        }
        return Arrays.stream(decision.rule().split(", ", -1))
                .map(rule -> rule.replaceFirst(":.*", ""))
                .toList();
    }

    // The model

    private static List<List<String>> model(StandardRetentionConfig config, List<BackupSummary> backups, Instant now) {
        ZoneId zone = ZoneId.of(config.timeZone());
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < backups.size(); i++) {
            List<String> rules = new ArrayList<>();
            if (config.keepLast() != null && i < config.keepLast()) {
                rules.add("keepLast");
            }
            if (config.keepWithin() != null
                    && now.getEpochSecond() - second(backups, i)
                            <= config.keepWithin().toSeconds()) {
                rules.add("keepWithin");
            }
            calendar("keepHourly", config.keepHourly(), hours(zone), backups, i, rules);
            calendar("keepDaily", config.keepDaily(), local(zone, "day"), backups, i, rules);
            calendar("keepWeekly", config.keepWeekly(), local(zone, "week"), backups, i, rules);
            calendar("keepMonthly", config.keepMonthly(), local(zone, "month"), backups, i, rules);
            calendar("keepYearly", config.keepYearly(), local(zone, "year"), backups, i, rules);
            all.add(rules);
        }
        boolean unruled = config.equals(StandardRetentionConfig.keepEverything()
                .withTimeZone(config.timeZone())
                .withMinKeep(config.minKeep()));
        for (List<String> rules : all) {
            if (unruled) {
                rules.add("no rule configured");
            } else if (rules.isEmpty()
                    && all.stream().filter(each -> !each.isEmpty()).count() < config.minKeep()) {
                rules.add("minKeep");
            }
        }
        return all;
    }

    /** A backup is kept if it is the newest of its period, and fewer than {@code count} periods have a newer one. */
    private static void calendar(
            String name,
            @Nullable Integer count,
            LongUnaryOperator period,
            List<BackupSummary> backups,
            int i,
            List<String> rules) {
        if (count == null) {
            return;
        }
        long mine = period.applyAsLong(second(backups, i));
        for (int newer = 0; newer < i; newer++) {
            if (period.applyAsLong(second(backups, newer)) == mine) {
                return;
            }
        }
        long later = backups.subList(0, i).stream()
                .mapToLong(each -> period.applyAsLong(each.timestamp().getEpochSecond()))
                .distinct()
                .count();
        if (later < count) {
            rules.add(name);
        }
    }

    private static long second(List<BackupSummary> backups, int i) {
        return backups.get(i).timestamp().getEpochSecond();
    }

    /** The hours the clock on the wall has struck; those of two offsets differ, though they be called the same. */
    private static LongUnaryOperator hours(ZoneId zone) {
        return second -> {
            long offset =
                    zone.getRules().getOffset(Instant.ofEpochSecond(second)).getTotalSeconds();
            return Math.floorDiv(second + offset, 3_600L) * 1_000_000 + offset;
        };
    }

    private static LongUnaryOperator local(ZoneId zone, String unit) {
        return second -> {
            ZoneOffset offset = zone.getRules().getOffset(Instant.ofEpochSecond(second));
            LocalDateTime wall = LocalDateTime.ofEpochSecond(second, 0, offset);
            return switch (unit) {
                case "day" -> wall.getYear() * 1_000L + wall.getDayOfYear();
                case "week" -> wall.get(IsoFields.WEEK_BASED_YEAR) * 100L + wall.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
                case "month" -> wall.getYear() * 100L + wall.getMonthValue();
                default -> wall.getYear();
            };
        };
    }

    // Random questions

    private static StandardRetentionConfig config(Random random) {
        Integer[] counts = new Integer[6];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = random.nextInt(3) == 0 ? 1 + random.nextInt(8) : null;
        }
        Duration within = random.nextInt(4) == 0 ? Duration.ofHours(1 + random.nextInt(1_000)) : null;
        return new StandardRetentionConfig(
                counts[0],
                within,
                counts[1],
                counts[2],
                counts[3],
                counts[4],
                counts[5],
                ZONES.get(random.nextInt(ZONES.size())),
                1 + random.nextInt(4));
    }

    /** Often shortly after a change of the clock. */
    private static Instant moment(Random random, ZoneId zone) {
        Instant any = Instant.ofEpochSecond(500_000_000L + random.nextInt(1_400_000_000));
        ZoneOffsetTransition change = zone.getRules().nextTransition(any);
        return change == null || random.nextInt(4) == 0
                ? any
                : change.getInstant().plusSeconds(random.nextInt(3 * 3_600));
    }

    private static List<BackupSummary> history(Random random, Instant now) {
        List<BackupSummary> backups = new ArrayList<>();
        int[] steps = {60, 1_800, 3_600, 21_600, 86_400, 7 * 86_400, 31 * 86_400, 366 * 86_400};
        int scale = steps[random.nextInt(steps.length)];
        Instant at = now;
        for (int n = random.nextInt(40); n > 0; n--) {
            int step = random.nextInt(3) == 0 ? steps[random.nextInt(steps.length)] : scale;
            at = at.minusSeconds(random.nextBoolean() ? step : random.nextInt(step));
            RunId run = new RunId(String.format("run%04d", n));
            backups.add(new BackupSummary(new BackupId("job", at, run), Outcome.OK, BackupSummary.Hold.NONE));
        }
        return backups;
    }
}
