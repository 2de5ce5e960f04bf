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
    public record Decision(BackupSummary backup, Verdict verdict, String rule) {
        @SuppressWarnings("NullAway") // a plugin may pass null whatever is promised
        public Decision {
            if (backup == null || verdict == null || rule == null) {
                throw new IllegalArgumentException("a decision needs a backup, a verdict and a rule, was " + verdict
                        + " of " + (backup == null ? null : backup.id()) + " by " + rule);
            }
        }
    }

    public RetentionPlan {
        decisions = List.copyOf(decisions);
    }
}
