package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.report.DrillReport;

/**
 * A drill that took place.
 *
 * @param report how it went
 * @param backup what was rehearsed
 */
record Drilled(DrillReport report, Chosen backup) {
    String result() {
        if (!report.verification().passed()) {
            return "FAILED";
        }
        return backup.lacks().isEmpty() ? "passed" : "partial";
    }
}
