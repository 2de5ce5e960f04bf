package cloud.lvs.backup.runner.output;

import static cloud.lvs.backup.runner.output.JsonDocuments.each;
import static cloud.lvs.backup.runner.output.JsonDocuments.tree;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.spi.BackupId;
import java.util.List;
import java.util.Map;

/** What a prune did, or would do, as the document that other programs rely on: the plan, and apart from it what is done. */
public final class JsonPruneDocuments {
    private JsonPruneDocuments() {}

    /** One prune of one sink. */
    public static Map<String, Object> prune(PruneReport report) {
        return prune(report, Map.of());
    }

    /**
     * As above.
     *
     * @param keys the objects of each backup that would go; empty if nobody asked
     */
    public static Map<String, Object> prune(PruneReport report, Map<BackupId, List<String>> keys) {
        boolean planned = report.mode() == Mode.DRY_RUN;
        Map<String, Object> plan = tree(
                "keep",
                report.kept(),
                "delete",
                each(report.dropped(), Object::toString),
                "sweep",
                planned ? report.sweepable() : report.swept());
        if (planned) {
            plan.put("bytes", report.freedBytes());
        }
        if (!keys.isEmpty()) {
            plan.put("keys", keys);
        }
        List<Object> deleted = each(report.deleted(), Object::toString);
        return tree(
                "job",
                report.job(),
                "sink",
                report.sink(),
                "mode",
                report.mode(),
                "skipped",
                report.skipped(),
                "decisions",
                each(
                        report.decisions(),
                        decision -> tree(
                                "id", decision.backup().id(), "verdict", decision.verdict(), "rule", decision.rule())),
                "flaws",
                each(
                        report.flaws(),
                        flaw -> tree("id", flaw.backup(), "nature", flaw.nature(), "reason", flaw.reason())),
                "plan",
                plan,
                "done",
                planned ? null : tree("deleted", deleted, "swept", report.swept(), "bytes", report.freedBytes()),
                "deleted",
                deleted,
                "swept",
                report.swept(),
                "leftovers",
                report.leftovers(),
                "locked",
                report.locked(),
                "unreadable",
                report.unreadable(),
                "freedBytes",
                report.freedBytes());
    }
}
