package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.core.commit.HeldLock;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.job.Expectations;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Sensitivity;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("today")
class BackupRunTest {
    private final EngineFixture fixture = new EngineFixture();

    @Test
    void aBackupIsItsPayloadAndAJournalThatEndsWithTheManifest() throws Exception {
        RunReport report = fixture.run(fixture.job());

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.failures()).isEmpty();
        BackupId id = fixture.engine.resolve(fixture.job(), "latest");
        assertThat(report.id()).isEqualTo(id);
        assertThat(fixture.payload())
                .containsExactly(
                        fixture.legacy(0, "note-a", "-" + id.run() + ".txt.zst"),
                        fixture.legacy(0, "note-b", "-" + id.run() + ".txt.zst"));
        assertThat(fixture.journal(id))
                .containsExactly("SHA256SUMS", "begun.json", "committed-OK.json", "intent-1.json", "intent-2.json");
        Manifest manifest = fixture.engine.show(fixture.job(), id);
        assertThat(manifest.artifacts()).hasSize(2).allSatisfy(artifact -> {
            assertThat(artifact.codecs()).containsExactly("zstd");
            assertThat(artifact.facts()).containsKey("length");
            assertThat(artifact.restoreHint()).contains("| zstd -d >");
        });
        assertThat(manifest.source()).containsEntry("author", "test");
    }

    @Test
    void twoRunsInOneSecondAreTwoBackups() throws Exception {
        fixture.run(fixture.job());
        fixture.run(fixture.job());

        assertThat(fixture.engine.list(fixture.job())).hasSize(2);
    }

    @Test
    void aDryRunWritesNothing() {
        RunReport report = fixture.engine.run(fixture.job(), Mode.DRY_RUN);

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.inventory()).extracting(Item::id).containsExactly("a", "b");
        assertThat(fixture.store.keys()).isEmpty();
    }

    @Test
    void aFailedItemMakesTheBackupPartialAndItsArtifactGoes() throws Exception {
        fixture.script.failing.put("a", "its page is torn");

        RunReport report = fixture.run(fixture.job());

        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(report.failures())
                .singleElement()
                .satisfies(
                        failure -> assertThat(failure.toString()).contains("job notes", "item a", "its page is torn"));
        assertThat(fixture.payload()).singleElement().asString().contains("note-b");
        assertThat(report.retention()).isNull();
        Manifest manifest = fixture.engine.show(
                fixture.job(), fixture.engine.list(fixture.job()).get(0).id());
        assertThat(manifest.artifacts()).extracting("item").containsExactly("b");
        assertThat(manifest.items()).extracting("reason").contains("its page is torn");
    }

    @Test
    void anItemTheSourceForgetsIsAFailureNotASuccess() {
        fixture.script.unreported.add("b");

        RunReport report = fixture.run(fixture.job());

        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.target()).isEqualTo("item b"));
    }

    @Test
    void anUnreachableItemMakesTheBackupPartialAndAnExcludedOneDoesNot() {
        fixture.script.furtherItems.add(Item.excluded("c", "rebuilt from source"));
        assertThat(fixture.run(fixture.job()).outcome()).isEqualTo(Outcome.OK);

        fixture.script.furtherItems.add(Item.unreachable("d", "no permission"));
        assertThat(fixture.run(fixture.job()).outcome()).isEqualTo(Outcome.PARTIAL);
    }

    @Test
    void nothingToBackUpIsAFailureThatLeavesNothing() {
        fixture.script.notes.clear();

        RunReport report = fixture.run(fixture.job());

        assertThat(report.outcome()).isEqualTo(Outcome.EMPTY);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.EMPTY));
        assertThat(fixture.store.keys()).allMatch(key -> key.contains("/lock/"));
    }

    @Test
    void anEmptyArtifactIsAFailure() {
        fixture.script.notes.put("a", "");

        RunReport report = fixture.run(fixture.job());

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.problem()).isEqualTo("is empty"));
        assertThat(fixture.payload()).isEmpty();
    }

    @Test
    void anErrorOfThePreflightStopsTheRunBeforeItWrites() {
        fixture.script.findings.add(new Finding(Finding.Severity.ERROR, "notebook", "is locked away", "bring the key"));

        RunReport report = fixture.run(fixture.job());

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.toString())
                        .isEqualTo("job notes: preflight: notebook: is locked away (bring the key)"));
        assertThat(fixture.store.keys()).allMatch(key -> key.contains("/lock/"));
    }

    @Test
    void theErrorsOfThePreflightSayWhoActsInTheOrderTheyWereFound() {
        fixture.script.findings.add(Finding.error(
                new BackupException(Kind.CONFIG, "notebook", "is not where it should be", "correct its path")));
        fixture.script.findings.add(new Finding(Finding.Severity.ERROR, "pencil", "is broken", "sharpen it"));

        RunReport report = fixture.run(fixture.job());

        assertThat(report.failures()).extracting(Failure::kind).containsExactly(Kind.CONFIG, Kind.SOURCE);
    }

    @Test
    void aWarningOfThePreflightIsKeptInTheManifest() throws Exception {
        fixture.script.findings.add(new Finding(Finding.Severity.WARNING, "notebook", "is nearly full", ""));

        assertThat(fixture.run(fixture.job()).outcome()).isEqualTo(Outcome.WARNED);
        assertThat(fixture.engine
                        .show(fixture.job(), fixture.engine.resolve(fixture.job(), "latest"))
                        .warnings())
                .containsExactly("notebook: is nearly full");
    }

    @Test
    void aSecretStoredUnencryptedIsWarnedOf() {
        fixture.script.sensitivity = Sensitivity.SECRET;

        assertThat(fixture.run(fixture.job()).warnings())
                .anySatisfy(warning -> assertThat(warning).contains("unencrypted"));
    }

    @Test
    void aSecretStoredUnencryptedOnPurposeIsNotedOnceAndNoWarning() {
        fixture.script.sensitivity = Sensitivity.SECRET;
        Job job = fixture.job(parts -> parts.pipeline(Pipeline.unencryptedOnPurpose(Compression.DEFAULT, null)));

        RunReport report = fixture.run(job);

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.warnings()).isEmpty();
        assertThat(report.artifacts()).hasSizeGreaterThan(1);
        assertThat(fixture.events)
                .filteredOn(Event.Noted.class::isInstance)
                .singleElement()
                .asString()
                .contains("unencrypted");
    }

    @Test
    void fewerItemsThanExpectedMakeTheBackupPartial() {
        Job job = fixture.job(parts -> parts.expectations(new Expectations(3, null)));

        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.PARTIAL);
    }

    @Test
    void aBackupThatShrankTooMuchIsWarnedOf() {
        Job job = fixture.job(parts -> parts.expectations(new Expectations(1, 0.5)));
        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
        fixture.clock.advance(Duration.ofDays(1));
        fixture.script.notes.put("a", "n");
        fixture.script.notes.put("b", "n");

        RunReport report = fixture.run(job);

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(report.warnings()).anySatisfy(warning -> assertThat(warning).contains("shrank"));
    }

    @Test
    void twoArtifactsMayNotShareAKey() {
        fixture.script.notes.put("a", "a note");
        Job job = fixture.job(
                parts -> parts.keys(new cloud.lvs.backup.core.catalog.KeyTemplate("{artifact}/{run}{ext}")));

        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
        assertThat(fixture.payload()).allMatch(key -> key.startsWith("note-"));
    }

    @Test
    void aSecondRunFindsTheJobLockedAndNamesTheHolder() {
        Job job = fixture.job();
        HeldLock lock = takeLock(job);

        RunReport report = fixture.run(job);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(Kind.LOCKED);
            assertThat(failure.problem())
                    .contains(String.valueOf(ProcessHandle.current().pid()));
        });
        lock.close();
        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void anExpiredLockIsTakenOver() {
        Job job = fixture.job();
        takeLock(job);
        fixture.clock.advance(job.lockTtl().plusSeconds(1));

        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
    }

    private HeldLock takeLock(Job job) {
        try {
            return HeldLock.take(
                    new EngineContext(
                            fixture.clock,
                            new java.util.Random(1),
                            java.util.Map.of(),
                            "other-host/" + ProcessHandle.current().pid(),
                            event -> {}),
                    job);
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aStoreWithoutConditionalCreatesIsUsedWithoutALockAndTheRunSaysSo() {
        InMemorySink sink = new InMemorySink(fixture.clock, InMemorySink.Trait.NO_CONDITIONAL_CREATE);

        RunReport report = fixture.run(fixture.job(sink, parts -> parts));

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(report.warnings()).singleElement().asString().contains("cannot lock");
    }

    @Test
    void aListenerThatThrowsHarmsNothing() {
        BackupEngine engine = new BackupEngine(fixture.clock, new java.util.Random(3), java.util.Map.of(), event -> {
            throw new IllegalStateException("listener");
        });

        assertThat(engine.run(fixture.job(), Mode.EXECUTE).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void aRunThatTakesHalfTheGracePeriodMakesNothingVisible() {
        Job job = fixture.job(parts -> parts.grace(Duration.ofHours(2)));
        BackupEngine slow = new BackupEngine(fixture.clock, new java.util.Random(5), java.util.Map.of(), event -> {
            if (event instanceof Event.StageStarted stage && stage.stage() == Stage.CAPTURE) {
                fixture.clock.advance(Duration.ofMinutes(61));
            }
        });

        RunReport report = slow.run(job, Mode.EXECUTE);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.problem()).contains("half the grace period"));
        assertThat(fixture.store.keys()).allMatch(key -> key.contains("/lock/"));
    }
}
