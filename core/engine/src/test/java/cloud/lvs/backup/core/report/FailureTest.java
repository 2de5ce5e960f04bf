package cloud.lvs.backup.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {"commit.RunWriter", "counting.Counting", "files.FileErrors", "report.Failure", "BackupEngine"})
    void aDefectOfTheEngineIsNotBlamedOnTheProviderThatCalledIt(String own) {
        IllegalStateException defect = new IllegalStateException("boom");
        defect.setStackTrace(new StackTraceElement[] {
            frame("cloud.lvs.backup.core." + own), frame("cloud.lvs.backup.provider.k3s.K3sSource")
        });

        assertThat(Failure.of("k3s", "capture", defect).target()).isEqualTo("job k3s");
    }

    @Test
    void aDefectOfAProviderNamesIt() {
        IllegalStateException defect = new IllegalStateException("boom");
        defect.setStackTrace(new StackTraceElement[] {
            frame("cloud.lvs.backup.provider.k3s.K3sSource"), frame("cloud.lvs.backup.core.commit.BackupRun")
        });

        assertThat(Failure.of("k3s", "capture", defect).target()).isEqualTo("provider 'k3s'");
    }

    private static StackTraceElement frame(String type) {
        return new StackTraceElement(type, "method", "Source.java", 1);
    }
}
