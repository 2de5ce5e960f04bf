package cloud.lvs.backup.core.retention;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Range;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the standard retention. A backup is kept if any rule keeps it; without any rule all are kept. A rule that is
 * not wanted is left out (null): 0 is refused, since it reads like "keep none".
 *
 * @param keepLast how many of the newest
 * @param keepWithin how old a backup may be, at most
 * @param keepHourly of how many hours that have a backup the newest is kept
 * @param keepDaily of how many days
 * @param keepWeekly of how many ISO weeks (Monday to Sunday)
 * @param keepMonthly of how many months
 * @param keepYearly of how many years
 * @param timeZone where hours, days, weeks, months and years begin: a zone id, e.g. {@code Europe/Berlin}
 * @param minKeep how many stay whatever the other rules say, the newest first; at least 1
 */
@Doc("Keeps a backup if any of these rules keeps it; without a rule, keeps all.")
public record StandardRetentionConfig(
        @Doc("Keep this many of the newest backups.") @Range(min = "1") @Nullable
        Integer keepLast,

        @Doc("Keep backups that are at most this old.") @Range(min = "1ms") @Nullable
        Duration keepWithin,

        @Doc("Keep the newest backup of each of the last so many hours that have one.") @Range(min = "1") @Nullable
        Integer keepHourly,

        @Doc("Keep the newest backup of each of the last so many days that have one.") @Range(min = "1") @Nullable
        Integer keepDaily,

        @Doc("Keep the newest backup of each of the last so many ISO weeks that have one.") @Range(min = "1") @Nullable
        Integer keepWeekly,

        @Doc("Keep the newest backup of each of the last so many months that have one.") @Range(min = "1") @Nullable
        Integer keepMonthly,

        @Doc("Keep the newest backup of each of the last so many years that have one.") @Range(min = "1") @Nullable
        Integer keepYearly,

        @Doc("The time zone in which hours, days, weeks, months and years begin.") @Default("UTC")
        String timeZone,

        @Doc("Never leave fewer backups than this, whatever the other rules say.") @Default("1") @Range(min = "1")
        int minKeep) {
    public StandardRetentionConfig {
        requirePositive("keepLast", keepLast);
        requirePositive("keepHourly", keepHourly);
        requirePositive("keepDaily", keepDaily);
        requirePositive("keepWeekly", keepWeekly);
        requirePositive("keepMonthly", keepMonthly);
        requirePositive("keepYearly", keepYearly);
        if (keepWithin != null && (keepWithin.isZero() || keepWithin.isNegative())) {
            throw new IllegalArgumentException(
                    "keepWithin must be longer than nothing; leave it out if there is no such rule");
        }
        if (minKeep < 1) {
            throw new IllegalArgumentException("minKeep must be at least 1, was " + minKeep);
        }
        zoneOf(timeZone);
    }

    /** No rule: everything is kept. */
    public static StandardRetentionConfig keepEverything() {
        return new StandardRetentionConfig(null, null, null, null, null, null, null, "UTC", 1);
    }

    public StandardRetentionConfig withKeepLast(int count) {
        return new StandardRetentionConfig(
                count, keepWithin, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, timeZone, minKeep);
    }

    public StandardRetentionConfig withKeepWithin(Duration age) {
        return new StandardRetentionConfig(
                keepLast, age, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, timeZone, minKeep);
    }

    public StandardRetentionConfig withKeepHourly(int count) {
        return new StandardRetentionConfig(
                keepLast, keepWithin, count, keepDaily, keepWeekly, keepMonthly, keepYearly, timeZone, minKeep);
    }

    public StandardRetentionConfig withKeepDaily(int count) {
        return new StandardRetentionConfig(
                keepLast, keepWithin, keepHourly, count, keepWeekly, keepMonthly, keepYearly, timeZone, minKeep);
    }

    public StandardRetentionConfig withKeepWeekly(int count) {
        return new StandardRetentionConfig(
                keepLast, keepWithin, keepHourly, keepDaily, count, keepMonthly, keepYearly, timeZone, minKeep);
    }

    public StandardRetentionConfig withKeepMonthly(int count) {
        return new StandardRetentionConfig(
                keepLast, keepWithin, keepHourly, keepDaily, keepWeekly, count, keepYearly, timeZone, minKeep);
    }

    public StandardRetentionConfig withKeepYearly(int count) {
        return new StandardRetentionConfig(
                keepLast, keepWithin, keepHourly, keepDaily, keepWeekly, keepMonthly, count, timeZone, minKeep);
    }

    public StandardRetentionConfig withTimeZone(String zone) {
        return new StandardRetentionConfig(
                keepLast, keepWithin, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, zone, minKeep);
    }

    public StandardRetentionConfig withMinKeep(int count) {
        return new StandardRetentionConfig(
                keepLast, keepWithin, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, timeZone, count);
    }

    ZoneId zone() {
        return zoneOf(timeZone);
    }

    private static ZoneId zoneOf(String timeZone) {
        try {
            return ZoneId.of(timeZone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "timeZone '" + timeZone + "' is not a zone id such as UTC or Europe/Berlin", e);
        }
    }

    private static void requirePositive(String key, @Nullable Integer count) {
        if (count != null && count < 1) {
            throw new IllegalArgumentException(
                    key + " must be at least 1, was " + count + "; leave it out if there is no such rule");
        }
    }
}
