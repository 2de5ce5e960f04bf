package cloud.lvs.backup.provider.postgres.capture;

import static cloud.lvs.backup.provider.postgres.fixture.CaptureBench.item;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.testing.SampleCluster;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server in recovery that lets readers in, and has no primary. */
@Timeout(300)
class StandbyTest {
    @TempDir
    Path temporary = Path.of("");

    @Test
    void aStandbyIsCapturedWithoutUnloggedRowsAndWarnedOf() throws Exception {
        Path scratch = Files.createDirectories(temporary.resolve("scratch"));
        try (TestCluster cluster = TestCluster.running()) {
            SampleCluster.fillSmall(cluster);
            cluster.stop(TestCluster.StopMode.FAST);
            Files.createFile(cluster.data().resolve("standby.signal"));
            cluster.start();
            var bench = new CaptureBench(cluster, scratch);
            PostgresConfig config = CaptureBench.config(cluster)
                    .contents(PostgresConfig.Contents.FINGERPRINTS)
                    .splitTables(new PostgresConfig.SplitTables(new ByteSize(0), 2))
                    .build();

            try (Source source = bench.source(config)) {
                assertThat(source.preflight(bench.run))
                        .filteredOn(finding -> finding.severity() == Finding.Severity.WARNING)
                        .extracting(Finding::problem)
                        .satisfiesExactly(
                                settings -> assertThat(settings)
                                        .contains("hot_standby_feedback off, max_standby_streaming_delay 30s"),
                                cutOff -> assertThat(cutOff)
                                        .contains(
                                                "follows nobody: its latest transaction is from before it was started"));
                CaptureReport report = source.capture(bench.artifacts, bench.run);

                assertThat(report.items()).noneMatch(each -> each.status() == ItemResult.Status.FAILED);
                assertThat(report.source()).containsEntry("inRecovery", "true");
                assertThat(item(report.items(), "app").facts())
                        .containsKeys("snapshotLsn", "table \"sales\".\"customer\"")
                        .doesNotContainKey("table \"public\".\"scratchpad\"");
            }
            assertThat(bench.run.warnings()).isEmpty();
            assertThat(bench.leftSessions()).isEmpty();
        }
    }
}
