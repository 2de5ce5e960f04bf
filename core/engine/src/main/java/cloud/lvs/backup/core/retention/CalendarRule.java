package cloud.lvs.backup.core.retention;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Keeps the newest backup of each of the last so many periods that have one. */
enum CalendarRule {
    HOURLY("keepHourly", pattern("uuuu-MM-dd'T'HHXXX")),
    DAILY("keepDaily", pattern("uuuu-MM-dd")),
    WEEKLY("keepWeekly", isoWeek()),
    MONTHLY("keepMonthly", pattern("uuuu-MM")),
    YEARLY("keepYearly", pattern("uuuu"));

    private final String key;
    private final DateTimeFormatter label;

    CalendarRule(String key, DateTimeFormatter label) {
        this.key = key;
        this.label = label;
    }

    /** Which period a time falls into; the same text means the same period. */
    String periodOf(ZonedDateTime time) {
        // With its offset, an hour that a change of the clock repeats is two hours.
        return label.format(time);
    }

    /** What keeps a backup of that time, e.g. {@code keepWeekly: 2026-W47}. */
    String describe(ZonedDateTime time) {
        return key + ": " + periodOf(time);
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
