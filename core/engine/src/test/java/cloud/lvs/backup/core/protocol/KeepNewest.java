package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keeps the newest few. */
record KeepNewest(int count) implements RetentionPolicy {
    static final KeepNewest ALL = new KeepNewest(Integer.MAX_VALUE);

    @Override
    public RetentionPlan decide(List<BackupSummary> newestFirst, Instant now) {
        List<Decision> decisions = new ArrayList<>();
        for (BackupSummary backup : newestFirst) {
            Verdict verdict = decisions.size() < count ? Verdict.KEEP : Verdict.DROP;
            decisions.add(new Decision(backup, verdict, "keepNewest " + count));
        }
        return new RetentionPlan(decisions);
    }
}
