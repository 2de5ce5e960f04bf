package cloud.lvs.backup.spi;

import java.util.List;

/**
 * What a policy decided.
 *
 * @param decisions one for each backup it was asked about, in the same order
 */
public record RetentionPlan(List<Decision> decisions) {
    /** What to do with a backup. */
    public enum Verdict {
        KEEP,
        DROP
    }

    /**
     * @param backup what was decided about
     * @param verdict what to do with it
     * @param rule the rule that keeps or drops it, e.g. {@code keepDaily: 2026-11-22}
     */
    public record Decision(BackupSummary backup, Verdict verdict, String rule) {}

    public RetentionPlan {
        decisions = List.copyOf(decisions);
    }
}
