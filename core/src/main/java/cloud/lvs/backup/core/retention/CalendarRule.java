package cloud.lvs.backup.core.retention;

import java.time.DayOfWeek;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Keeps the newest backup of each of the last so many periods that have one. */
enum CalendarRule {
    // With its offset, an hour that a change of the clock repeats is two hours.
    HOURLY("keepHourly", pattern("uuuu-MM-dd'T'HHXXX"), time -> hourOf(time).toEpochSecond()),
    DAILY("keepDaily", pattern("uuuu-MM-dd"), time -> time.toLocalDate().toEpochDay()),
    WEEKLY(
            "keepWeekly",
            isoWeek(),
            time -> time.toLocalDate()
                    .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
                    .toEpochDay()),
    MONTHLY("keepMonthly", pattern("uuuu-MM"), time -> time.getYear() * 12L + time.getMonthValue()),
    YEARLY("keepYearly", pattern("uuuu"), ZonedDateTime::getYear);

    private final String key;
    private final DateTimeFormatter label;
    private final ToLongFunction<ZonedDateTime> period;

    CalendarRule(String key, DateTimeFormatter label, ToLongFunction<ZonedDateTime> period) {
        this.key = key;
        this.label = label;
        this.period = period;
    }

    /** Which period a time falls into; the same number means the same period. */
    long periodOf(ZonedDateTime time) {
        return period.applyAsLong(time);
    }

    /** What keeps a backup of that time, e.g. {@code keepWeekly: 2026-W47}. */
    String describe(ZonedDateTime time) {
        return key + ": " + label.format(time);
    }

    private static OffsetDateTime hourOf(ZonedDateTime time) {
        return time.toOffsetDateTime().truncatedTo(ChronoUnit.HOURS);
    }

    private static DateTimeFormatter pattern(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT);
    }

    private static DateTimeFormatter isoWeek() {
        return new DateTimeFormatterBuilder()
                .appendValue(IsoFields.WEEK_BASED_YEAR, 4)
                .appendLiteral("-W")
                .appendValue(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 2)
                .toFormatter(Locale.ROOT);
    }
}
