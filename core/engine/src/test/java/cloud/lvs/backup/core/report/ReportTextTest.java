package cloud.lvs.backup.core.report;

import static cloud.lvs.backup.core.report.Reports.BEGAN;
import static cloud.lvs.backup.core.report.Reports.ID;
import static cloud.lvs.backup.core.report.Reports.old;
import static cloud.lvs.backup.core.report.Reports.partialRun;
import static cloud.lvs.backup.core.report.Reports.planned;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.Verification;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTextTest {
    @Test
    void aRunIsToldAsTheCommandLineTellsIt() {
        assertThat(ReportText.of(partialRun()))
                .isEqualTo("job pg: warning: role app logs in with s3cret \"word\"\n"
                        + "job pg: capture: item crm: permission denied (grant SELECT to pgbackup)\n"
                        + "job pg: PARTIAL " + ID + ": 1 item, 1 artifact, 1.5 KiB stored as 512 B, 3.2 s\n"
                        + "job pg: copy: " + ID + " planned in sink away, 512 B\n"
                        + "job pg: retention: sink main: would keep 1, delete 1 (2.0 KiB), sweep 1 dead run\n");
    }

    @Test
    void aDryRunTellsWhatItFound() {
        RunReport report = RunReport.of("pg", Mode.DRY_RUN, BEGAN)
                .outcome(Outcome.OK)
                .inventory(List.of(Item.selected("shop", null)))
                .finishedAt(BEGAN.plusSeconds(1));

        assertThat(ReportText.of(report)).isEqualTo("job pg: OK: dry run, 1 item found, 1.0 s\n");
    }

    @Test
    void aPlanNamesEveryBackupAndTheObjectsAskedFor() {
        assertThat(ReportText.of(planned(), Map.of(old(), List.of("2026/11/old.dump.zst"))))
                .startsWith("job pg: sink main: would keep 1, delete 1 (2.0 KiB), sweep 1 dead run\n")
                .contains(ID + "  keep     keepLast 1\n", old() + "  drop     no rule keeps it\n")
                .endsWith("would delete 2026/11/old.dump.zst\n");
    }

    @Test
    void aSourceThatChecksNothingIsNotAReasonToTakeAnotherBackup() {
        assertThat(ReportText.remedy(Check.failed("content", VerifyReport.NOTHING_CHECKED), "verify"))
                .endsWith("report it to whoever made the source");
        assertThat(ReportText.remedy(Check.failed("digest", "is another"), "drill"))
                .isEqualTo("do not rely on this backup; drill the one before it");
    }

    @Test
    void aVerificationSaysWhatAPartialBackupLacks() {
        Verification passed = new Verification(List.of(Check.passed("digests", "2 of 2")));
        VerifyReport report = new VerifyReport(ID, Level.CHECKSUM, passed, List.of());

        assertThat(ReportText.of(report, List.of()))
                .isEqualTo(ID + ": checksum: passed\nCHECK    STATUS  DETAIL\ndigests  passed  2 of 2\n");
        assertThat(ReportText.of(report, List.of("item crm")))
                .startsWith(ID + ": checksum: partial\n  lacks item crm\nCHECK");
    }

    @Test
    void aDrillTellsAgeAndDurationUnlessItWasDry() {
        Verification failed = new Verification(List.of(Check.failed("rows", "7 of 9")));
        DrillReport report = new DrillReport(
                ID,
                BEGAN,
                Duration.ofHours(26),
                Duration.ofSeconds(14),
                List.of(),
                failed,
                List.of(),
                List.of(),
                List.of());

        assertThat(ReportText.of(report, Mode.EXECUTE, List.of()))
                .startsWith(ID + ": drill: FAILED, RPO 26 h, RTO 14.0 s\n")
                .contains("rows   failed  7 of 9\n");
        assertThat(ReportText.of(report, Mode.DRY_RUN, List.of())).startsWith(ID + ": drill: dry run, RPO 26 h\n");
    }

    @Test
    void aRestoreNamesWhatOfItsItemsIsMissing() {
        RestoreReport report = new RestoreReport(
                List.of(ItemResult.done("shop", Map.of())),
                List.of(),
                List.of(),
                List.of("mend it"),
                List.of(new Omission(
                        "shop", "index public.u", "it is not unique", "CREATE UNIQUE INDEX u\n  ON t (u);")));

        assertThat(ReportText.of(report))
                .endsWith("not restored: item shop: index public.u: it is not unique\n"
                        + "    CREATE UNIQUE INDEX u\n      ON t (u);\nnext: mend it\n");
    }
}
