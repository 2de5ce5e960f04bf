package cloud.lvs.backup.runner.cli.text;

import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.cli.session.ChosenBackup;

/**
 * A drill that took place.
 *
 * @param report how it went
 * @param backup what was rehearsed
 */
public record CompletedDrill(DrillReport report, ChosenBackup backup) {
    public String result() {
        return ReportText.result(report.verification(), backup.lacks());
    }
}
