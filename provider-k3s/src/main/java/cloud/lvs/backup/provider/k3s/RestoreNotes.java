package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.RestoreReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects what a restore did, or would do, for its report. */
final class RestoreNotes {
    private final List<String> steps = new ArrayList<>();
    private final List<String> nextSteps = new ArrayList<>();

    /** What was done, or would be, as a sentence. */
    void step(String sentence) {
        steps.add(sentence);
    }

    /** What the operator has to do now, as a sentence. */
    void next(String sentence) {
        nextSteps.add(sentence);
    }

    /** Of what was planned or undone: nothing was read. */
    RestoreReport report() {
        return report(ItemResult.done(K3sSource.ITEM, Map.of()), List.of());
    }

    /** Of a backup that was restored. */
    RestoreReport report(StagedBackup staged) {
        return report(
                ItemResult.done(
                        K3sSource.ITEM,
                        Map.of("maxId", Long.toString(staged.kine().maxId()))),
                staged.checks());
    }

    /** Of a backup that is not fit to be restored. */
    RestoreReport failed(StagedBackup staged, String failure) {
        return report(ItemResult.failed(K3sSource.ITEM, "is not fit to be restored: " + failure), staged.checks());
    }

    private RestoreReport report(ItemResult item, List<Check> checks) {
        return new RestoreReport(List.of(item), steps, checks, nextSteps);
    }
}
