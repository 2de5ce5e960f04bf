package cloud.lvs.backup.core.report;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reports as the engine makes them. */
final class Reports {
    static final Instant BEGAN = Instant.parse("2026-11-22T03:00:00.987654321Z");
    static final BackupId ID = new BackupId("pg", Instant.parse("2026-11-22T03:00:00Z"), new RunId("k7f3q2xw"));

    private Reports() {}

    /** A run that lost one of two items and was told a password by the server. */
    static RunReport partialRun() {
        Map<String, Duration> stages = new LinkedHashMap<>();
        for (String stage : List.of("begin", "lock", "catalog", "preflight", "capture", "commit", "retain")) {
            stages.put(stage, Duration.ofMillis(250));
        }
        return RunReport.of("pg", Mode.EXECUTE, BEGAN)
                .id(ID)
                .outcome(Outcome.PARTIAL)
                .inventory(List.of(Item.selected("shop", 1000L), Item.selected("crm", null)))
                .items(List.of(
                        ItemResult.done("shop", Map.of("tables", "7")), ItemResult.failed("crm", "permission denied")))
                .artifacts(List.of(StoredArtifact.builder("shop", "pg-dump", new ObjectKey("2026/11/shop.dump.zst"))
                        .codecs(List.of("zstd"))
                        .plainBytes(1536)
                        .storedBytes(512)
                        .sha256("0".repeat(64))
                        .restoreHint("zstd -d shop.dump.zst")
                        .build()))
                .stages(stages)
                .warnings(List.of("role app logs in with s3cret \"word\""))
                .failures(List.of(new Failure(
                        Kind.SOURCE, "pg", "capture", "item crm", "permission denied", "grant SELECT to pgbackup")))
                .copies(List.of(new CopyReport("away", ID, null, CopyReport.State.PLANNED, 512)))
                .retention(planned())
                .finishedAt(BEGAN.plusMillis(3200));
    }

    /** A plan that keeps one backup and would delete another. */
    static PruneReport planned() {
        return PruneReport.of("pg", "main", Mode.DRY_RUN)
                .decisions(List.of(
                        new Decision(summary(ID), Verdict.KEEP, "keepLast 1"),
                        new Decision(summary(old()), Verdict.DROP, "no rule keeps it")))
                .sweepable(List.of("20261120T030000Z-aaaaaaaa"))
                .freedBytes(2048);
    }

    static BackupId old() {
        return new BackupId("pg", Instant.parse("2026-11-21T03:00:00Z"), new RunId("b2c3d4e5"));
    }

    private static BackupSummary summary(BackupId id) {
        return new BackupSummary(id, Outcome.OK, BackupSummary.Hold.NONE);
    }
}
