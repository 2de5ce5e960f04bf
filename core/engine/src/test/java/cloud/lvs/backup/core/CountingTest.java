package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.catalog.JournalName.Plain;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Expectations;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.core.report.JobSurvey;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.Sink;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Existence by name is not soundness: what is damaged, hollow, partial or dated in the future does not count anywhere. */
@Tag("today")
class CountingTest {
    private final EngineFixture fixture = new EngineFixture();
    private final Job keepTwo = fixture.job(parts -> parts.retention(EngineFixture.keepLast(2)));

    /** How a store, or whoever reaches it, ruins a backup. */
    enum Ruin {
        CUT_MANIFEST,
        EMPTY_MANIFEST,
        FLIPPED_MANIFEST,
        FLIPPED_SUMS,
        MISSING_SUMS,
        MISSING_PAYLOAD,
        CUT_PAYLOAD
    }

    private void ruin(BackupId id, Ruin how) throws Exception {
        String directory = ".lvs-backup/notes/" + id.directory() + "/";
        String manifest = directory + "committed-OK.json";
        String sums = directory + "SHA256SUMS";
        String payload = fixture.payload().stream()
                .filter(key -> key.contains(id.run().value()))
                .findFirst()
                .orElseThrow();
        switch (how) {
            case CUT_MANIFEST -> cut(manifest);
            case EMPTY_MANIFEST -> fixture.put(manifest, new byte[0]);
            case FLIPPED_MANIFEST -> flip(manifest);
            case FLIPPED_SUMS -> flip(sums);
            case MISSING_SUMS -> fixture.store.removeForeign(sums);
            case MISSING_PAYLOAD -> fixture.store.removeForeign(payload);
            case CUT_PAYLOAD -> cut(payload);
        }
    }

    private void cut(String key) throws Exception {
        byte[] bytes = fixture.bytes(key);
        fixture.put(key, Arrays.copyOf(bytes, bytes.length - 3));
    }

    private void flip(String key) throws Exception {
        byte[] bytes = fixture.bytes(key);
        bytes[bytes.length - 20] ^= 1;
        fixture.put(key, bytes);
    }

    private List<BackupId> listed() throws Exception {
        return fixture.engine.list(keepTwo).stream().map(BackupSummary::id).toList();
    }

    private List<String> warnings() {
        return fixture.events.stream()
                .filter(Event.Warned.class::isInstance)
                .map(event -> ((Event.Warned) event).message())
                .toList();
    }

    private PruneReport prune(Job job) throws Exception {
        return fixture.engine.prune(job, Mode.EXECUTE).get(0);
    }

    @ParameterizedTest
    @EnumSource
    void latestIsTheNewestThatCountsAndTheNewerOneIsTold(Ruin ruin) throws Exception {
        BackupId sound = fixture.runDaily(fixture.job());
        BackupId ruined = fixture.runDaily(fixture.job());
        ruin(ruined, ruin);

        assertThat(fixture.engine.resolve(keepTwo, "latest")).isEqualTo(sound);
        assertThat(warnings())
                .singleElement()
                .asString()
                .startsWith("sink main: backup " + ruined + " does not count: it is ")
                .doesNotContain("jackson", "Exception", "end-of-input");
        assertThat(fixture.engine
                        .verify(keepTwo, sound, Level.CHECKSUM)
                        .verification()
                        .passed())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsRuinedKeepsNobodyFromBeingKept(Ruin ruin) throws Exception {
        BackupId oldest = fixture.runDaily(fixture.job());
        BackupId older = fixture.runDaily(fixture.job());
        BackupId first = fixture.runDaily(fixture.job());
        BackupId second = fixture.runDaily(fixture.job());
        ruin(first, ruin);
        ruin(second, ruin);

        PruneReport report = prune(keepTwo);

        assertThat(report.deleted()).isEmpty();
        assertThat(report.flaws()).extracting(Flaw::backup).containsExactly(second, first);
        assertThat(listed()).containsExactly(second, first, older, oldest);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsRuinedGoesOnceANewerOneCountsWithoutWaiting(Ruin ruin) throws Exception {
        BackupId sound = fixture.runDaily(fixture.job());
        BackupId ruined = fixture.runDaily(fixture.job());
        ruin(ruined, ruin);

        RunReport alarm = fixture.run(keepTwo);
        fixture.clock.advance(Duration.ofDays(1));

        assertThat(alarm.failures())
                .anySatisfy(failure -> assertThat(failure.problem()).contains(ruined.toString(), "does not count"));
        assertThat(listed()).containsExactly(Objects.requireNonNull(alarm.id()), sound);
        assertThat(fixture.store.keys())
                .noneMatch(key -> key.contains(ruined.run().value()));

        RunReport calm = fixture.run(keepTwo);
        assertThat(calm.failures()).isEmpty();
        assertThat(listed()).containsExactly(Objects.requireNonNull(calm.id()), alarm.id());
    }

    @ParameterizedTest
    @EnumSource
    void metricsDoNotVouchForWhatIsRuined(Ruin ruin) throws Exception {
        BackupId sound = fixture.runDaily(fixture.job());
        ruin(fixture.runDaily(fixture.job()), ruin);

        assertThat(fixture.engine.survey(keepTwo, keepTwo.sink()).newestWhole()).isEqualTo(sound.timestamp());
    }

    @ParameterizedTest
    @EnumSource
    void theShrinkIsMeasuredByTheOneBeforeThatCounts(Ruin ruin) throws Exception {
        fixture.script.notes.put("a", "a long note ".repeat(1000));
        fixture.runDaily(fixture.job());
        fixture.script.notes.put("a", "a short note");
        ruin(fixture.runDaily(fixture.job()), ruin);

        RunReport report = fixture.run(fixture.job(parts -> parts.expectations(new Expectations(1, 0.5))));

        assertThat(report.warnings()).anySatisfy(warning -> assertThat(warning).contains("it shrank by more"));
    }

    @Test
    void withoutOneThatCountsThereIsNoLatestAndNothingIsDropped() throws Exception {
        BackupId first = fixture.runDaily(fixture.job());
        BackupId second = fixture.runDaily(fixture.job());
        BackupId third = fixture.runDaily(fixture.job());
        ruin(first, Ruin.MISSING_PAYLOAD);
        ruin(second, Ruin.CUT_MANIFEST);
        ruin(third, Ruin.MISSING_PAYLOAD);

        assertThatThrownBy(() -> fixture.engine.resolve(keepTwo, "latest"))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION))
                .hasMessageContainingAll("no backup of job notes in sink main counts", third.toString(), "is missing");
        assertThat(prune(keepTwo).skipped()).contains("no backup counts");
        assertThat(listed()).containsExactly(third, second, first);
    }

    /** Such a backup looks like what a sweep has begun to remove; a sweep would have left its mark. */
    @Test
    void aWholeBackupWhoseBeginningTheStoreLostIsToldAndNeverSwept() throws Exception {
        BackupId id = fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        List<String> before = fixture.payload();
        fixture.store.delete(List.of(Plain.BEGUN.keyIn(id)));
        fixture.clock.advance(Duration.ofDays(3));

        for (int i = 0; i < 2; i++) {
            assertThat(prune(fixture.job()).leftovers())
                    .hasEntrySatisfying(
                            id.toString(), reason -> assertThat(reason).contains("begun.json", "have it back"));
        }

        assertThat(fixture.payload()).isEqualTo(before);
        fixture.put(Plain.BEGUN.keyIn(id).value(), new byte[] {'{', '}'});
        assertThat(listed()).contains(id);
        assertThat(fixture.engine
                        .verify(fixture.job(), id, Level.CONTENT)
                        .verification()
                        .passed())
                .isTrue();
    }

    @Test
    void aPlanTellsWhatThePruneDoesWithWhatIsNoBackup() throws Exception {
        BackupId begunLost = fixture.runDaily(fixture.job());
        BackupId markedAndDamaged = fixture.runDaily(fixture.job());
        BackupId marked = fixture.runDaily(fixture.job());
        BackupId dead = fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        fixture.store.delete(List.of(Plain.BEGUN.keyIn(begunLost)));
        ruin(markedAndDamaged, Ruin.CUT_MANIFEST);
        fixture.store.removeForeign(".lvs-backup/notes/" + dead.directory() + "/committed-OK.json");
        Journal journal = new Journal(fixture.store);
        for (BackupId each : List.of(markedAndDamaged, marked)) {
            journal.put(
                    each,
                    new JournalName.Abandoned("other"),
                    new JournalDocuments.Note("prune", "other", fixture.clock.instant()));
        }
        fixture.clock.advance(Duration.ofDays(3));
        List<String> before = fixture.store.keys();

        PruneReport plan = fixture.engine.prune(fixture.job(), Mode.DRY_RUN).get(0);

        assertThat(fixture.store.keys()).isEqualTo(before);
        assertThat(plan.sweepable()).containsExactlyInAnyOrder(markedAndDamaged.directory(), dead.directory());
        assertThat(plan.leftovers()).containsOnlyKeys(begunLost.toString());
        assertThat(plan.flaws()).extracting(Flaw::backup).containsExactly(markedAndDamaged);

        PruneReport deed = prune(fixture.job());

        assertThat(deed.deleted()).containsExactly(markedAndDamaged);
        assertThat(deed.swept()).containsExactly(dead.directory());
        assertThat(deed.leftovers()).isEqualTo(plan.leftovers());
        assertThat(deed.flaws()).isEqualTo(plan.flaws());
        assertThat(listed()).contains(marked);
    }

    @Test
    void aRuinedOneThatIsHeldStays() throws Exception {
        BackupId ruined = fixture.runDaily(fixture.job());
        fixture.engine.hold(keepTwo, ruined, "evidence");
        ruin(ruined, Ruin.CUT_MANIFEST);
        fixture.runDaily(keepTwo);
        fixture.runDaily(keepTwo);
        BackupId newest = fixture.runDaily(keepTwo);

        assertThat(listed()).hasSize(3).contains(newest, ruined);
    }

    @Test
    void aPartialOneIsNotLatestAndTheOneBeforeIsNotDroppedForIt() throws Exception {
        BackupId sound = fixture.runDaily(fixture.job());
        fixture.script.failing.put("a", "its page is torn");
        BackupId partial = fixture.runDaily(fixture.job());

        assertThat(fixture.engine.resolve(keepTwo, "latest")).isEqualTo(sound);
        assertThat(warnings())
                .contains("sink main: backup " + partial
                        + " does not count: it is partial: its run did not capture all that it expected");
        assertThat(fixture.engine.lacks(keepTwo, partial)).containsExactly("item a: its page is torn");
        assertThat(fixture.engine.lacks(keepTwo, sound)).isEmpty();
    }

    @Test
    void oneDatedInTheFutureIsNotLatestNorInTheMetricsAndIsToldByEveryone() throws Exception {
        TestClock stores = new TestClock(fixture.clock.instant());
        InMemorySink store = new InMemorySink(stores);
        Job job = fixture.job(store, parts -> parts.retention(EngineFixture.keepLast(2)));
        fixture.clock.advance(Duration.ofDays(1826));
        RunReport wrong = fixture.run(job);
        BackupId future = Objects.requireNonNull(wrong.id());
        fixture.clock.set(stores.instant());
        BackupId sound = fixture.runOnce(job);

        assertThat(wrong.warnings())
                .anySatisfy(warning -> assertThat(warning)
                        .isEqualTo(
                                "the clock here is 1826 d ahead of the clock of sink main; set it right: backups are dated by it,"
                                        + " and retention goes by it"));
        assertThat(wrong.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.problem())
                        .contains("retention was not applied: the clock here is 1826 d ahead"));
        fixture.events.clear();
        assertThat(fixture.engine.resolve(job, "latest")).isEqualTo(sound);
        assertThat(warnings()).singleElement().asString().contains(future.toString(), "dated in the future");
        fixture.events.clear();
        fixture.engine.list(job);
        assertThat(warnings()).singleElement().asString().contains(future.toString(), "dated in the future");
        assertThat(prune(job).flaws()).extracting(Flaw::backup).containsExactly(future);
        assertThat(fixture.run(job).warnings())
                .anySatisfy(warning -> assertThat(warning).contains(future.toString(), "dated in the future"));
        JobSurvey survey = fixture.engine.survey(job, job.sink());
        assertThat(survey.newestWhole()).isEqualTo(sound.timestamp());
        assertThat(survey.newest()).isEqualTo(sound.timestamp());
    }

    @Test
    void aClockBehindTheStoresIsToldByTheRun() {
        TestClock stores = new TestClock(fixture.clock.instant().plus(Duration.ofHours(3)));

        RunReport report = fixture.run(fixture.job(new InMemorySink(stores), parts -> parts));

        assertThat(report.warnings()).singleElement().asString().startsWith("the clock here is 3 h behind the clock");
        assertThat(report.failures()).isEmpty();
    }

    @Test
    void aClockThatDisagreesWithTheSinkOfACopyIsToldByTheRun() {
        TestClock copies = new TestClock(fixture.clock.instant().plus(Duration.ofHours(3)));

        RunReport report = fixture.run(copiedTo(new InMemorySink(copies)));

        assertThat(report.warnings())
                .singleElement()
                .asString()
                .startsWith("the clock here is 3 h behind the clock of sink copies");
        assertThat(report.failures()).isEmpty();
    }

    /** The sink of the job has the clock of this machine; it is the copy's that tells that it is wrong. */
    @Test
    void aClockAheadOfTheSinkOfACopyKeepsRetentionFromBeingApplied() throws Exception {
        TestClock right = new TestClock(fixture.clock.instant().plus(Duration.ofDays(2)));
        InMemorySink copies = new InMemorySink(right);
        List<BackupId> before = List.of(fixture.runDaily(copiedTo(copies)), fixture.runDaily(copiedTo(copies)));
        fixture.clock.set(right.instant().plus(Duration.ofDays(300)));

        RunReport report = fixture.run(copiedTo(copies));

        assertThat(report.warnings())
                .singleElement()
                .asString()
                .startsWith("the clock here is 300 d ahead of the clock");
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.problem())
                        .contains("retention was not applied: the clock here is 300 d ahead", "sink copies"));
        assertThat(listed()).hasSize(3).containsAll(before);
    }

    @Test
    void aCopyDatedInTheFutureIsToldByEveryRun() throws Exception {
        TestClock right = new TestClock(fixture.clock.instant());
        InMemorySink copies = new InMemorySink(right);
        fixture.clock.advance(Duration.ofDays(300));
        CopyReport wrong = fixture.run(copiedTo(copies)).copies().get(0);
        String future = Objects.requireNonNull(wrong.id()).toString();
        right.set(fixture.clock.instant().plus(Duration.ofHours(24)));
        fixture.clock.set(right.instant());

        RunReport report = fixture.run(copiedTo(copies));

        assertThat(report.failures()).isEmpty();
        assertThat(report.warnings())
                .singleElement()
                .asString()
                .startsWith("sink copies: backup " + future + " does not count: it is dated in the future");
        assertThat(warnings()).contains(report.warnings().get(0));
        fixture.script.failing.put("a", "its page is torn");
        assertThat(fixture.run(copiedTo(copies)).warnings())
                .as("also by one that does not come to retention")
                .containsAll(report.warnings());
    }

    private Job copiedTo(InMemorySink copies) {
        return fixture.job(parts -> parts.retention(EngineFixture.keepLast(2))
                .copies(List.of(new CopyTarget(new NamedSink("copies", copies), EngineFixture.keepLast(2)))));
    }

    @Test
    void aPruneLooksAtNoMoreThanItNeedsAndAtNothingIfNothingIsToGo() throws Exception {
        for (int day = 0; day < 5; day++) {
            fixture.runDaily(fixture.job());
        }
        RefusingSink counting = new RefusingSink(fixture.store, key -> false);
        Job keepFive = fixture.job(counting, parts -> parts.retention(EngineFixture.keepLast(5)));

        fixture.engine.prune(keepFive, Mode.DRY_RUN);

        assertThat(counting.requests).isEqualTo(java.util.Map.of("list", 1, "open", 2, "stat", 2));
    }

    @Test
    void aPolicyThatKeepsOnlyRuinedOnesLeavesThoseThatCount() throws Exception {
        BackupId oldest = fixture.runDaily(fixture.job());
        BackupId older = fixture.runDaily(fixture.job());
        BackupId ruined = fixture.runDaily(fixture.job());
        ruin(ruined, Ruin.MISSING_PAYLOAD);
        Job lastDay = fixture.job(parts ->
                parts.retention((newestFirst, now) -> new cloud.lvs.backup.spi.RetentionPlan(newestFirst.stream()
                        .map(backup -> new Decision(
                                backup,
                                backup.timestamp().isBefore(now.minus(Duration.ofHours(30)))
                                        ? Verdict.DROP
                                        : Verdict.KEEP,
                                "the last day"))
                        .toList())));

        PruneReport report = prune(lastDay);

        assertThat(report.deleted()).isEmpty();
        assertThat(listed()).containsExactly(ruined, older, oldest);
    }

    /** A store that keeps other bytes than it was sent, and says that all is well. */
    @Test
    void aRunWhoseCommitTheStoreKeptOtherwiseMarksItAndNothingIsLost() throws Exception {
        BackupId first = fixture.runDaily(keepTwo);
        BackupId second = fixture.runDaily(keepTwo);
        Job lying =
                fixture.job(UnsoundStores.altering(fixture.store, key -> key.contains("/committed-")), parts -> parts);

        RunReport failed = fixture.run(lying);
        fixture.clock.advance(Duration.ofDays(1));

        assertThat(failed.failures()).extracting(Failure::kind).containsExactly(Kind.SINK);
        assertThat(fixture.journal(Objects.requireNonNull(failed.id())))
                .anyMatch(name -> name.startsWith("abandoned-"));
        assertThat(listed()).containsExactly(second, first);
        prune(keepTwo);
        assertThat(listed()).containsExactly(second, first);

        RunReport next = fixture.run(keepTwo);
        assertThat(listed()).contains(Objects.requireNonNull(next.id()), second);
        assertThat(fixture.journal(failed.id())).isEmpty();
    }

    @Test
    void anArtifactThatTheStoreKeptOtherwiseIsTheStoresFault() {
        Job lying = fixture.job(UnsoundStores.altering(fixture.store, key -> key.matches("\\d{4}/.*")), parts -> parts);

        RunReport report = fixture.run(lying);

        assertThat(report.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(Kind.SINK);
            assertThat(failure.toString()).contains("this store does not keep what it is given");
        });
    }

    @Test
    void documentsThatTheStoreDamagedHarmNobody() throws Exception {
        BackupId first = fixture.runDaily(fixture.job());
        fixture.engine.hold(keepTwo, first, "audit");
        fixture.engine.verify(keepTwo, first, Level.CHECKSUM);
        for (String name : fixture.journal(first)) {
            if (!name.startsWith("committed") && !name.equals("SHA256SUMS")) {
                fixture.put(".lvs-backup/notes/" + first.directory() + "/" + name, new byte[] {'?'});
            }
        }
        fixture.runDaily(keepTwo);
        fixture.runDaily(keepTwo);
        assertThat(listed()).as("held by its name").contains(first);
        fixture.engine.release(keepTwo, first);

        PruneReport report = prune(keepTwo);

        assertThat(report.deleted()).containsExactly(first);
        assertThat(report.leftovers()).isEmpty();
        assertThat(fixture.store.keys())
                .noneMatch(key -> key.contains(first.run().value()));
    }

    @Test
    void aDeadRunWhoseIntentIsDamagedIsSweptAndWhatMayStayIsToldOnce() throws Exception {
        Job dying = fixture.job();
        BackupId dead = new BackupId("notes", fixture.clock.instant(), new cloud.lvs.backup.spi.RunId("deadrun7"));
        new cloud.lvs.backup.core.catalog.Journal(fixture.store)
                .put(dead, Plain.BEGUN, new JournalDocuments.Note("x", "x", fixture.clock.instant()));
        fixture.put(".lvs-backup/notes/" + dead.directory() + "/intent-1.json", new byte[] {'{'});
        fixture.clock.advance(dying.grace().plusHours(1));

        PruneReport report = prune(keepTwo);

        assertThat(report.swept()).containsExactly(dead.directory());
        assertThat(report.leftovers()).containsOnlyKeys("objects with deadrun7 in their keys");
        assertThat(prune(keepTwo).leftovers()).isEmpty();
    }

    @Test
    void aDeadRunWhoseIntentCannotBeReadNowStaysAndIsNoFailure() throws Exception {
        BackupId dead = fixture.runDaily(fixture.job());
        fixture.store.removeForeign(".lvs-backup/notes/" + dead.directory() + "/committed-OK.json");
        fixture.clock.advance(Duration.ofDays(30));
        Job archiving = fixture.job(
                UnsoundStores.archiving(
                        fixture.store, key -> key.contains(dead.run().value()) && key.contains("/intent-")),
                parts -> parts);

        fixture.run(archiving);
        RunReport report = fixture.run(archiving);

        assertThat(report.failures()).isEmpty();
        assertThat(report.warnings()).singleElement().asString().contains(dead.directory(), "is archived");
        assertThat(fixture.journal(dead)).noneMatch(name -> name.startsWith("abandoned"));
        assertThat(prune(keepTwo).swept()).containsExactly(dead.directory());
        assertThat(fixture.payload()).noneMatch(key -> key.contains(dead.run().value()));
    }

    @Test
    void aBackupThatCannotBeReadNowStopsNothingAndIsNotTakenForLost() throws Exception {
        BackupId archived = fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        BackupId newest = fixture.runDaily(fixture.job());
        Sink archiving = UnsoundStores.archiving(
                fixture.store, key -> key.contains(archived.run().value()));
        Job job = fixture.job(archiving, parts -> parts.retention(EngineFixture.keepLast(4)));

        assertThat(fixture.engine.list(job)).hasSize(3);
        assertThat(fixture.engine.resolve(job, "latest")).isEqualTo(newest);
        assertThat(fixture.engine.survey(job, job.sink()).storedBytes()).isEmpty();
        RunReport report = fixture.run(job);
        assertThat(report.failures()).isEmpty();
        assertThat(listed()).hasSize(4).contains(archived);
        Job keepThree = fixture.job(archiving, parts -> parts.retention(EngineFixture.keepLast(3)));
        PruneReport pruned = prune(keepThree);
        assertThat(pruned.leftovers()).isEmpty();
        assertThat(pruned.unreadable())
                .as("what it consists of is archived as well")
                .containsOnlyKeys(archived.toString());
        assertThat(pruned.unreadable().get(archived.toString())).contains("is archived", "have the store restore it");
        assertThat(listed()).hasSize(4).contains(archived);
        RunReport next = fixture.run(keepThree);
        assertThat(next.failures()).isEmpty();
        assertThat(next.warnings())
                .singleElement()
                .asString()
                .startsWith("sink main: " + archived + " is not kept by retention and stays")
                .contains("is archived");
        assertThat(prune(fixture.job(parts -> parts.retention(EngineFixture.keepLast(3))))
                        .unreadable())
                .as("once it can be read")
                .isEmpty();
        assertThat(listed()).doesNotContain(archived);

        List<BackupId> newer = listed().subList(0, 2);
        Job newestArchived = fixture.job(
                UnsoundStores.archiving(
                        fixture.store,
                        key -> newer.stream()
                                .anyMatch(id -> key.contains(id.run().value()))),
                parts -> parts);
        assertThat(fixture.engine.resolve(newestArchived, "latest")).isEqualTo(newest);
        assertThat(warnings()).anySatisfy(warning -> assertThat(warning).contains("it cannot be read now"));
    }

    @Test
    void aStoreThatDoesNotAnswerStopsAPruneBeforeItDeletes() throws Exception {
        for (int day = 0; day < 4; day++) {
            fixture.runDaily(fixture.job());
        }
        List<String> before = fixture.store.keys();
        Sink down = UnsoundStores.archiving(fixture.store, key -> true, 1);
        Job job = fixture.job(down, parts -> parts.retention(EngineFixture.keepLast(1)));

        assertThatThrownBy(() -> fixture.engine.prune(job, Mode.DRY_RUN)).isInstanceOf(BackupException.class);
        assertThat(fixture.store.keys()).isEqualTo(before);
    }

    @Test
    void aDamagedManifestIsToldInPlainWords() throws Exception {
        BackupId id = fixture.runDaily(fixture.job());
        String key = ".lvs-backup/notes/" + id.directory() + "/committed-OK.json";
        String whole = new String(fixture.bytes(key), java.nio.charset.StandardCharsets.UTF_8);
        var journal = new cloud.lvs.backup.core.catalog.Journal(fixture.store);
        var objectKey = new cloud.lvs.backup.spi.ObjectKey(key);
        for (String[] each : new String[][] {
            {"", "is damaged: it is empty"},
            {whole.substring(0, 100), "is damaged: it is cut off after 100 bytes"},
            {"<html>", "is damaged: it is not JSON"},
            {"{}", "is damaged: it is JSON, but not the document that belongs there"}
        }) {
            fixture.put(key, each[0].getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThatThrownBy(() -> journal.read(objectKey, cloud.lvs.backup.spi.Manifest.class))
                    .hasMessage("object " + key + ": " + each[1]);
        }
    }
}
