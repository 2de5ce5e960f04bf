package cloud.lvs.backup.examples.hanoi;

import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * The tower of Hanoi: day {@code n} (UTC, counted from 1970) is on ring {@code 1 + the number of times 2 divides n}, and the
 * newest backup of a day on ring {@code r} is kept for {@code 2^r} days.
 *
 * <p>Whether a day is kept depends on the day and on now, not on which other backups there are: what was dropped once is
 * never wanted again.
 */
final class HanoiRetention implements RetentionPolicy {
    private final int rings;

    HanoiRetention(int rings) {
        this.rings = rings;
    }

    @Override
    public RetentionPlan decide(List<BackupSummary> newestFirst, Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        List<Decision> decisions = new ArrayList<>();
        LocalDate previousDay = LocalDate.MAX;
        for (BackupSummary backup : newestFirst) {
            LocalDate day = LocalDate.ofInstant(backup.timestamp(), ZoneOffset.UTC);
            decisions.add(decide(backup, day, previousDay, today));
            previousDay = day;
        }
        return new RetentionPlan(decisions);
    }

    private Decision decide(BackupSummary backup, LocalDate day, LocalDate previousDay, LocalDate today) {
        if (day.equals(previousDay)) {
            return new Decision(backup, Verdict.DROP, "hanoi: not the newest of " + day);
        }
        int ring = ringOf(day);
        LocalDate until = day.plusDays(1L << ring);
        boolean kept = today.isBefore(until) || previousDay.equals(LocalDate.MAX);
        return new Decision(
                backup,
                kept ? Verdict.KEEP : Verdict.DROP,
                "hanoi: " + day + " is on ring " + ring + ", until " + until);
    }

    private int ringOf(LocalDate day) {
        return Math.min(1 + Long.numberOfTrailingZeros(day.toEpochDay()), rings);
    }
}
