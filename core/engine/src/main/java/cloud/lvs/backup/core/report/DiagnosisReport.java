package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import java.util.List;

/**
 * What was found out about a job or a sink before anything depends on it.
 *
 * @param subject e.g. {@code job k3s}
 * @param results in the order they were found
 */
public record DiagnosisReport(String subject, List<Result> results) {
    /**
     * One thing that was tried.
     *
     * @param check what came of it
     * @param remedy what to do about it; empty if there is nothing to do, or the check says it
     * @param kind who acts if it failed
     */
    public record Result(Check check, String remedy, Kind kind) {
        /** Whether backups would fail because of it. */
        public boolean hasFailed() {
            return check.status() == Check.Status.FAILED;
        }
    }

    public DiagnosisReport {
        results = List.copyOf(results);
    }
}
