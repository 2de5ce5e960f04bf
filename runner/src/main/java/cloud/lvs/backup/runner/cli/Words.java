package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.AdoptReport;
import cloud.lvs.backup.core.CopyReport;
import cloud.lvs.backup.core.Diagnosis;
import cloud.lvs.backup.core.DrillReport;
import cloud.lvs.backup.core.PruneReport;
import cloud.lvs.backup.runner.output.Quantities;
import cloud.lvs.backup.runner.output.Table;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.StoredArtifact;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the engine reports, as people read it. */
final class Words {
    private Words() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** One line. */
    static String prune(PruneReport report) {
        if (!report.skipped().isEmpty()) {
            return "sink " + report.sink() + ": nothing decided: " + report.skipped();
        }
        long kept = report.decisions().stream()
                .filter(decision -> decision.verdict() == Verdict.KEEP)
                .count();
        return "sink " + report.sink() + ": kept " + kept + ", deleted "
                + report.deleted().size() + " (" + Quantities.bytes(report.freedBytes()) + ")"
                + (report.swept().isEmpty()
                        ? ""
                        : ", swept " + Quantities.count(report.swept().size(), "dead run"))
                + (report.locked().isEmpty()
                        ? ""
                        : ", " + Quantities.count(report.locked().size(), "object") + " locked")
                + (report.leftovers().isEmpty()
                        ? ""
                        : ", could not delete " + report.leftovers().size());
    }

    /** Every decision. */
    static String decisions(PruneReport report) {
        var table = new Table("ID", "VERDICT", "RULE");
        report.decisions()
                .forEach(decision ->
                        table.row(decision.backup().id().toString(), of(decision.verdict()), decision.rule()));
        report.swept().forEach(dead -> table.row(report.job() + "-" + dead, "sweep", "a dead run left it"));
        report.locked().forEach((key, reason) -> table.row(key, "locked", reason));
        report.leftovers().forEach((key, reason) -> table.row(key, "left", reason));
        return table.toString();
    }

    static String copy(CopyReport report) {
        String id = report.id() == null ? "" : " as " + report.id();
        return report.origin() + " " + of(report.state()) + " in sink " + report.sink() + id + ", "
                + Quantities.bytes(report.storedBytes());
    }

    static String adopt(AdoptReport report) {
        var table = new Table("ID", "STATE", "OBJECTS", "REASON");
        report.candidates()
                .forEach(candidate -> table.row(
                        candidate.id().toString(),
                        of(candidate.state()),
                        candidate.keys().stream().map(ObjectKey::value).collect(Collectors.joining(" ")),
                        candidate.reason()));
        return table.toString();
    }

    static String checks(List<Check> checks) {
        var table = new Table("CHECK", "STATUS", "DETAIL");
        checks.forEach(check -> table.row(check.name(), of(check.status()), check.detail()));
        return table.toString();
    }

    static String restore(RestoreReport report) {
        var text = new StringBuilder();
        report.steps().forEach(step -> text.append("- ").append(step).append('\n'));
        var items = new Table("ITEM", "STATUS", "REASON");
        report.items().forEach(item -> items.row(item.item(), of(item.status()), item.reason()));
        text.append(items);
        if (!report.checks().isEmpty()) {
            text.append(checks(report.checks()));
        }
        report.nextSteps().forEach(step -> text.append("next: ").append(step).append('\n'));
        return text.toString();
    }

    static String drill(DrillReport report) {
        var text = new StringBuilder();
        report.steps().forEach(step -> text.append("- ").append(step).append('\n'));
        var phases = new Table("PHASE", "TOOK");
        report.phases().forEach(phase -> phases.row(phase.name(), Quantities.duration(phase.took())));
        return text.append(phases)
                .append(checks(report.verification().checks()))
                .toString();
    }

    static String diagnosis(Diagnosis diagnosis) {
        var table = new Table("CHECK", "STATUS", "DETAIL");
        for (Diagnosis.Result result : diagnosis.results()) {
            Check check = result.check();
            table.row(check.name(), of(check.status()), withRemedy(check.detail(), result.remedy()));
        }
        return diagnosis.subject() + "\n" + table;
    }

    static String withRemedy(String detail, String remedy) {
        return detail + (remedy.isEmpty() ? "" : " (" + remedy + ")");
    }

    static String manifest(Manifest manifest) {
        var text = new StringBuilder();
        line(text, "id", manifest.id());
        line(text, "outcome", manifest.outcome());
        line(text, "captured", manifest.id().timestamp());
        line(text, "finished", manifest.finishedAt());
        line(text, "source", manifest.sourceType() + " " + manifest.source());
        line(text, "made by", manifest.tool());
        if (manifest.origin() != null) {
            line(
                    text,
                    "copy of",
                    manifest.origin().id() + " in sink " + manifest.origin().sink());
        }
        manifest.warnings().forEach(warning -> line(text, "warning", warning));
        var items = new Table("ITEM", "STATUS", "REASON", "FACTS");
        for (ItemResult item : manifest.items()) {
            items.row(
                    item.item(), of(item.status()), item.reason(), item.facts().toString());
        }
        text.append('\n').append(items).append('\n');
        var artifacts = new Table("ARTIFACT", "ITEM", "PLAIN", "STORED", "CODECS", "KEY");
        for (StoredArtifact artifact : manifest.artifacts()) {
            artifacts.row(
                    artifact.role(),
                    artifact.item(),
                    Quantities.bytes(artifact.plainBytes()),
                    Quantities.bytes(artifact.storedBytes()),
                    String.join(",", artifact.codecs()),
                    artifact.key().value());
        }
        text.append(artifacts).append("\nby hand:\n");
        manifest.artifacts()
                .forEach(artifact ->
                        text.append("  ").append(artifact.restoreHint()).append('\n'));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, Object value) {
        text.append(String.format(Locale.ROOT, "%-10s%s%n", name, value));
    }
}
