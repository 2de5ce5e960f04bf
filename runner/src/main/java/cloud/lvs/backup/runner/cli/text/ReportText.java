package cloud.lvs.backup.runner.cli.text;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.runner.output.HumanReadable;
import cloud.lvs.backup.runner.output.TextTable;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the engine reports, as people read it. */
public final class ReportText {
    private ReportText() {}

    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** How runs went: a line each, and what became of copies and retention. Nothing if none got as far as a backup. */
    public static String runs(List<RunReport> reports) {
        if (reports.stream().allMatch(run -> run.id() == null && !run.failures().isEmpty())) {
            return "";
        }
        var table = new TextTable("JOB", "OUTCOME", "BACKUP", "ITEMS", "STORED", "TOOK");
        var more = new StringBuilder();
        for (RunReport run : reports) {
            long stored = run.artifacts().stream()
                    .mapToLong(StoredArtifact::storedBytes)
                    .sum();
            long items = run.items().stream()
                    .filter(item -> item.status() == ItemResult.Status.DONE)
                    .count();
            table.row(
                    run.job(),
                    run.outcome().name(),
                    run.id() == null ? "-" : run.id().toString(),
                    run.id() == null ? "-" : Long.toString(items),
                    run.id() == null ? "-" : HumanReadable.bytes(stored),
                    HumanReadable.duration(Duration.between(run.startedAt(), run.finishedAt())));
            run.copies().forEach(copy -> line(more, run, "copy: " + copy(copy)));
            run.retentions().forEach(retention -> line(more, run, "retention: " + prune(retention)));
        }
        return table.toString() + more;
    }

    private static void line(StringBuilder text, RunReport run, String line) {
        text.append("job ").append(run.job()).append(": ").append(line).append('\n');
    }

    /** One line. */
    public static String prune(PruneReport report) {
        String sink = "sink " + report.sink() + ": ";
        if (!report.skipped().isEmpty()) {
            return sink + "nothing decided: " + report.skipped();
        }
        boolean planned = report.mode() == Mode.DRY_RUN;
        List<BackupId> gone = planned ? report.dropped() : report.deleted();
        // Zero bytes of something: nobody knows how many.
        String bytes = report.freedBytes() == 0 && !gone.isEmpty()
                ? ""
                : " (" + HumanReadable.bytes(report.freedBytes()) + ")";
        if (planned) {
            return sink + "would keep " + report.kept() + ", delete " + gone.size() + bytes
                    + counted(", sweep ", report.sweepable(), "dead run");
        }
        return sink + "kept " + report.kept() + ", deleted " + gone.size() + bytes
                + counted(", swept ", report.swept(), "dead run")
                + (report.locked().isEmpty()
                        ? ""
                        : ", " + HumanReadable.count(report.locked().size(), "object") + " locked")
                + (report.unreadable().isEmpty()
                        ? ""
                        : ", could not read " + report.unreadable().size())
                + (report.leftovers().isEmpty()
                        ? ""
                        : ", could not delete " + report.leftovers().size());
    }

    private static String counted(String doing, List<String> what, String name) {
        return what.isEmpty() ? "" : doing + HumanReadable.count(what.size(), name);
    }

    /** Every decision. */
    public static String decisions(PruneReport report) {
        var table = new TextTable("ID", "VERDICT", "RULE");
        report.decisions()
                .forEach(decision ->
                        table.row(decision.backup().id().toString(), of(decision.verdict()), decision.rule()));
        report.sweepable().forEach(dead -> table.row(report.job() + "-" + dead, "sweep", "a dead run left it"));
        report.swept().forEach(dead -> table.row(report.job() + "-" + dead, "swept", "a dead run left it"));
        report.locked().forEach((key, reason) -> table.row(key, "locked", reason));
        report.unreadable().forEach((what, reason) -> table.row(what, "unreadable", reason));
        report.leftovers().forEach((key, reason) -> table.row(key, "left", reason));
        return table.toString();
    }

    /** What {@code list} shows of a hold. */
    public static String held(Optional<Note> hold) {
        return hold.map(Note::reason)
                .filter(reason -> !reason.isBlank())
                .map(reason -> "held: " + reason)
                .orElse("held");
    }

    public static String copy(CopyReport report) {
        String id = report.id() == null ? "" : " as " + report.id();
        return report.origin() + " " + of(report.state()) + " in sink " + report.sink() + id + ", "
                + HumanReadable.bytes(report.storedBytes());
    }

    public static String adopt(AdoptReport report) {
        var table = new TextTable("ID", "STATE", "OBJECTS", "REASON");
        report.candidates()
                .forEach(candidate -> table.row(
                        candidate.id().toString(), of(candidate.state()), objects(candidate), candidate.reason()));
        report.leftOut().forEach(left -> table.row("-", "left out", left.key().value(), left.reason()));
        return table.toString();
    }

    /** Its objects, or what its source tells of what lies elsewhere. */
    private static String objects(AdoptReport.Candidate candidate) {
        return candidate.keys().isEmpty()
                ? candidate.facts().entrySet().stream()
                        .map(fact -> fact.getKey() + "=" + fact.getValue())
                        .collect(Collectors.joining(" "))
                : candidate.keys().stream().map(ObjectKey::value).collect(Collectors.joining(" "));
    }

    public static String checks(List<Check> checks) {
        var table = new TextTable("CHECK", "STATUS", "DETAIL");
        checks.forEach(check -> table.row(check.name(), of(check.status()), check.detail()));
        return table.toString();
    }

    public static String restore(RestoreReport report) {
        var text = new StringBuilder();
        report.steps().forEach(step -> text.append("- ").append(step).append('\n'));
        var items = new TextTable("ITEM", "STATUS", "REASON");
        report.items().forEach(item -> items.row(item.item(), of(item.status()), item.reason()));
        text.append(items);
        if (!report.checks().isEmpty()) {
            text.append(checks(report.checks()));
        }
        report.nextSteps().forEach(step -> text.append("next: ").append(step).append('\n'));
        return text.toString();
    }

    public static String drill(DrillReport report) {
        var text = new StringBuilder();
        report.steps().forEach(step -> text.append("- ").append(step).append('\n'));
        var phases = new TextTable("PHASE", "TOOK");
        report.phases().forEach(phase -> phases.row(phase.name(), HumanReadable.duration(phase.took())));
        return text.append(phases)
                .append(checks(report.verification().checks()))
                .toString();
    }

    public static String diagnosis(DiagnosisReport diagnosis) {
        var table = new TextTable("CHECK", "STATUS", "DETAIL");
        for (DiagnosisReport.Result result : diagnosis.results()) {
            Check check = result.check();
            table.row(check.name(), of(check.status()), withRemedy(check.detail(), result.remedy()));
        }
        return diagnosis.subject() + "\n" + table;
    }

    public static String withRemedy(String detail, String remedy) {
        return detail + (remedy.isEmpty() ? "" : " (" + remedy + ")");
    }
}
