package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.context.WorkContext;
import cloud.lvs.backup.core.job.Expectations;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.StoredArtifact;
import java.util.List;
import java.util.Optional;

/** Compares what a run captured with what its job expects. */
final class ExpectationCheck {
    private ExpectationCheck() {}

    /** The failure of a run that captured fewer items than it has to; empty if there are enough. */
    static Optional<Failure> tooFew(Job job, String stage, int captured) {
        int least = job.expectations().minItems();
        if (captured >= least) {
            return Optional.empty();
        }
        return Optional.of(new Failure(
                Kind.SOURCE,
                job.name(),
                stage,
                "source of job " + job.name(),
                "gave " + captured + " items, expected at least " + least,
                "look at what is missing, or lower expect.minItems"));
    }

    /** Warns if the backup before held much more. */
    static void warnOfShrinking(Expectations expected, List<StoredArtifact> artifacts, WorkContext context) {
        Double maxShrink = expected.maxShrink();
        if (maxShrink != null && context.previous().isPresent()) {
            long before = plainBytes(context.previous().get().artifacts());
            long now = plainBytes(artifacts);
            if (now < before * (1 - maxShrink)) {
                context.warn("the backup holds " + now + " bytes, the one before " + before
                        + ": it shrank by more than expect.maxShrink allows");
            }
        }
    }

    private static long plainBytes(List<StoredArtifact> artifacts) {
        return artifacts.stream().mapToLong(StoredArtifact::plainBytes).sum();
    }
}
