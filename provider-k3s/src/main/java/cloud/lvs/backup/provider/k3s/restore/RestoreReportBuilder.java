package cloud.lvs.backup.provider.k3s.restore;

import cloud.lvs.backup.provider.k3s.backup.BackupLayout;
import cloud.lvs.backup.provider.k3s.backup.StagedBackup;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.RestoreReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects what a restore did, or would do, for its report. */
final class RestoreReportBuilder {
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
    RestoreReport build() {
        return build(ItemResult.done(BackupLayout.ITEM, Map.of()), List.of());
    }

    /** Of a backup that was restored. */
    RestoreReport build(StagedBackup staged) {
        return build(
                ItemResult.done(
                        BackupLayout.ITEM,
                        Map.of("maxId", Long.toString(staged.kine().maxId()))),
                staged.checks());
    }

    /** Of a backup that is not fit to be restored. */
    RestoreReport failed(StagedBackup staged, String failure) {
        return build(ItemResult.failed(BackupLayout.ITEM, "is not fit to be restored: " + failure), staged.checks());
    }

    private RestoreReport build(ItemResult item, List<Check> checks) {
        return new RestoreReport(List.of(item), steps, checks, nextSteps);
    }
}
