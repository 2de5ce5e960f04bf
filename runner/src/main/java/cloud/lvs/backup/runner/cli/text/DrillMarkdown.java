package cloud.lvs.backup.runner.cli.text;

import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.cli.session.ProgramVersion;
import cloud.lvs.backup.spi.Check;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** A drill as a document for people: to file as evidence, or to paste into a ticket. */
public final class DrillMarkdown {
    private final StringBuilder text = new StringBuilder();

    /** The document. */
    public static String of(Instant startedAt, List<CompletedDrill> drills, List<Failure> failures) {
        var document = new DrillMarkdown();
        document.line("# Restore drill of " + startedAt.truncatedTo(ChronoUnit.SECONDS));
        document.summary(drills, failures);
        drills.forEach(document::details);
        document.text
                .append("\n`lvs-backup ")
                .append(ProgramVersion.current())
                .append("`, Java ")
                .append(ProgramVersion.java())
                .append('\n');
        return document.text.toString();
    }

    private void summary(List<CompletedDrill> drills, List<Failure> failures) {
        line("");
        row("Backup", "Result", "RPO", "RTO");
        row("---", "---", "---:", "---:");
        for (CompletedDrill drilled : drills) {
            DrillReport drill = drilled.report();
            row(drill.id().toString(), drilled.result(), seconds(drill.rpo()), seconds(drill.rto()));
        }
        for (Failure failure : failures) {
            row("job " + failure.job(), "not drilled: " + failure.target() + ": " + failure.problem(), "", "");
        }
        line("");
        line("RPO: how old the backup was; what was written since would have been lost. RTO: how long the restore took,"
                + " its checks included.");
    }

    private void details(CompletedDrill drilled) {
        DrillReport drill = drilled.report();
        line("");
        line("## " + drill.id());
        line("");
        line("Captured " + drill.id().timestamp() + ", restored "
                + drill.startedAt().truncatedTo(ChronoUnit.SECONDS) + ": **" + drilled.result() + "**.");
        if (!drill.steps().isEmpty()) {
            line("");
            drill.steps().forEach(step -> line("- " + flat(step)));
        }
        line("");
        row("Phase", "Took");
        row("---", "---:");
        drill.phases().forEach(phase -> row(phase.name(), seconds(phase.took())));
        line("");
        row("Check", "Status", "Detail");
        row("---", "---", "---");
        for (Check check : drill.verification().checks()) {
            row(check.name(), ReportText.words(check.status()), check.detail());
        }
        if (!drill.items().isEmpty()) {
            line("");
            row("Item", "Status", "Facts");
            row("---", "---", "---");
            drill.items()
                    .forEach(item -> row(
                            item.item(),
                            ReportText.words(item.status()),
                            item.reason().isEmpty() ? item.facts().toString() : item.reason()));
        }
        drilled.backup().lacks().forEach(missing -> line("\nThe backup is partial, it lacks " + flat(missing) + "."));
        drilled.backup().warnings().forEach(warning -> line("\nWarning: " + flat(warning)));
        drill.warnings().forEach(warning -> line("\nWarning: " + flat(warning)));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%,.1f s", duration.toMillis() / 1000.0);
    }

    private void row(String... cells) {
        for (String cell : cells) {
            text.append("| ").append(flat(cell)).append(' ');
        }
        line("|");
    }

    /** On one line, and none of it markup: names of databases may hold anything. */
    private static String flat(String cell) {
        return cell.replaceAll("\\p{Cntrl}+", " ").replaceAll("([|\\\\`*_<>\\[\\]])", "\\\\$1");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
