package cloud.lvs.backup.core.job;

import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.time.Instant;
import java.util.List;

/** What a job without a retention policy does: it deletes nothing. */
public enum KeepAll implements RetentionPolicy {
    INSTANCE;

    @Override
    public RetentionPlan decide(List<BackupSummary> newestFirst, Instant now) {
        return new RetentionPlan(newestFirst.stream()
                .map(backup ->
                        new RetentionPlan.Decision(backup, RetentionPlan.Verdict.KEEP, "no retention configured"))
                .toList());
    }
}
