package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.pipeline.Sha256;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.retention.StandardRetention;
import cloud.lvs.backup.core.retention.StandardRetentionConfig;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RunId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With many backups the work grows with the keys, not with the requests. */
@Tag("today")
class LargeCatalogTest {
    private static final int BACKUPS = 20_000;
    private static final int DROPPED = 7;
    /** Manifest and checksums; these backups have no payload. */
    private static final int LOOK = 2;

    private final EngineFixture fixture = new EngineFixture();
    private final RefusingSink counting = new RefusingSink(fixture.store, key -> false);

    private void fill() {
        JournalDocuments documents = new JournalDocuments();
        Instant newest = fixture.clock.instant();
        for (int i = 0; i < BACKUPS; i++) {
            Instant at = newest.minusSeconds(i * 3600L);
            BackupId id = new BackupId("notes", at, new RunId("run" + i));
            Manifest manifest = Manifest.builder(id, "notes")
                    .outcome(Outcome.OK)
                    .startedAt(at)
                    .finishedAt(at)
                    .build();
            fixture.store.putForeign(JournalName.Plain.BEGUN.keyIn(id).value(), new byte[] {'{', '}'});
            String committed =
                    new JournalName.Committed(Outcome.OK, null).keyIn(id).value();
            byte[] content = documents.write(manifest);
            fixture.store.putForeign(committed, content);
            fixture.store.putForeign(
                    JournalName.Plain.SUMS.keyIn(id).value(),
                    (Sha256.hexOf(content) + "  " + committed + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void listReadsKeysOnlyInOneListing() throws Exception {
        fill();

        assertThat(fixture.engine.list(fixture.job(counting, parts -> parts))).hasSize(BACKUPS);
        assertThat(counting.requests).isEqualTo(Map.of("list", 1));
    }

    @Test
    void showingABackupTakesThreeRequestsHoweverManyThereAre() throws Exception {
        fixture.clock.advance(Duration.ofHours(1));
        BackupId id = fixture.runOnce(fixture.job());
        fill();

        fixture.engine.show(fixture.job(counting, parts -> parts), id);

        assertThat(counting.requests).isEqualTo(Map.of("list", 1, "open", 2));
    }

    /** What is too old goes whatever the others are, as long as one counts. */
    @Test
    void aDryPruneByAgeLooksAtOneBackupAndReadsTheManifestsOfWhatItWouldDrop() throws Exception {
        fill();
        Duration age = Duration.ofHours(BACKUPS - DROPPED - 1);
        Job job = fixture.job(
                counting,
                parts -> parts.retention(new StandardRetention(
                        StandardRetentionConfig.keepEverything().withKeepWithin(age))));

        PruneReport report = fixture.engine.prune(job, Mode.DRY_RUN).get(0);

        assertThat(report.decisions()).hasSize(BACKUPS);
        assertThat(counting.requests).isEqualTo(Map.of("list", 1, "open", LOOK + DROPPED));
    }

    /** What is one too many goes because of the others, so they are looked at; for ever is not looked. */
    @Test
    void aDryPruneByNumberLooksAtAThousandAtMost() throws Exception {
        fill();
        Job job = fixture.job(counting, parts -> parts.retention(EngineFixture.keepLast(BACKUPS - DROPPED)));

        PruneReport report = fixture.engine.prune(job, Mode.DRY_RUN).get(0);

        assertThat(report.decisions().stream().filter(decision -> decision.verdict() == Verdict.DROP))
                .hasSize(DROPPED);
        assertThat(counting.requests.get("list")).isEqualTo(1);
        assertThat(counting.requests.get("open")).isBetween(LOOK * 1000, LOOK * 1400);
    }

    @Test
    void aDryPruneOfNearlyAllListsTheSinkInsteadOfReadingEachManifest() throws Exception {
        fill();
        fixture.store.keys().stream()
                .filter(key -> key.endsWith("/begun.json"))
                .map(key -> key.split("-")[2].split("/")[0])
                .forEach(run -> fixture.store.putForeign("2026/11/note-" + run + ".txt", new byte[] {1, 2}));
        Job job = fixture.job(counting, parts -> parts.retention(EngineFixture.keepLast(DROPPED)));

        PruneReport report = fixture.engine.prune(job, Mode.DRY_RUN).get(0);

        assertThat(report.freedBytes()).isEqualTo(2 * (BACKUPS - DROPPED));
        assertThat(counting.requests).isEqualTo(Map.of("list", 2, "open", LOOK * DROPPED));
    }

    @Test
    void aRunListsTheCatalogOnceBeforeAndOnceAfterwards() {
        fill();
        Job job = fixture.job(counting, parts -> parts.retention(EngineFixture.keepLast(BACKUPS + 1)));

        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
        // The lock before and after it is taken, the catalog before, the directory before and after the commit, the
        // catalog after.
        assertThat(counting.requests).containsEntry("list", 6);
    }
}
