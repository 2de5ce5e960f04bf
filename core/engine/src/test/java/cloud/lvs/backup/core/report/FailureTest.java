package cloud.lvs.backup.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import org.junit.jupiter.api.Test;

class FailureTest {
    private final Failure unexplained = Failure.of("db", "capture", new IllegalStateException("boom"));

    @Test
    void whatNobodyExplainedIsToBeReported() {
        assertThat(unexplained)
                .hasToString("job db: capture: job db: failed: IllegalStateException: boom"
                        + " (try again, and report it with its stack trace if it stays)");
    }

    @Test
    void aHostSaysHowToReportIt() {
        assertThat(unexplained.reportedBy("run again with --verbose").remedy()).isEqualTo("run again with --verbose");
        Failure explained =
                Failure.of("db", "capture", new BackupException(Kind.SOURCE, "server", "is gone", "start it"));
        assertThat(explained.reportedBy("run again with --verbose")).isSameAs(explained);
    }
}
