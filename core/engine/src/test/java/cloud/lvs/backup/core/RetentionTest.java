package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.Fault.Effect;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Operation;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.Shard;
import cloud.lvs.backup.spi.Sink;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("today")
class RetentionTest {
    private final EngineFixture fixture = new EngineFixture();
    private final Job keepTwo = fixture.job(parts -> parts.retention(EngineFixture.keepLast(2)));

    private List<BackupId> listed() throws Exception {
        return fixture.engine.list(keepTwo).stream().map(BackupSummary::id).toList();
    }

    private PruneReport prune(Job job, Mode mode) throws Exception {
        return fixture.engine.prune(job, mode).get(0);
    }

    @Test
    void aRunPrunesWhatThePolicyDropsAndNothingOfItStays() throws Exception {
        BackupId first = fixture.runDaily(keepTwo);
        BackupId second = fixture.runDaily(keepTwo);
        RunReport report = fixture.run(keepTwo);

        assertThat(listed()).containsExactly(report.id(), second);
        assertThat(fixture.store.keys())
                .noneMatch(key -> key.contains(first.run().value()));
        assertThat(report.retention()).isNotNull().satisfies(retention -> {
            assertThat(retention.deleted()).containsExactly(first);
            assertThat(retention.freedBytes()).isPositive();
            assertThat(retention.decisions()).extracting(Decision::rule).containsOnly("keepLast 2");
        });
    }

    @Test
    void aDryRunTellsThePlanAndDeletesNothing() throws Exception {
        Job keepAll = fixture.job();
        for (int day = 0; day < 4; day++) {
            fixture.runDaily(keepAll);
        }
        List<String> before = fixture.store.keys();

        PruneReport report = prune(keepTwo, Mode.DRY_RUN);

        assertThat(report.decisions())
                .extracting(Decision::verdict)
                .containsExactly(Verdict.KEEP, Verdict.KEEP, Verdict.DROP, Verdict.DROP);
        assertThat(report.freedBytes()).isPositive();
        assertThat(report.deleted()).isEmpty();
        assertThat(fixture.store.keys()).isEqualTo(before);
    }

    @SuppressWarnings("NullAway") // what a policy must not give
    static Stream<Arguments> oddPolicies() {
        return Stream.of(
                arguments((RetentionPolicy) (backups, now) -> null, "its decide() gave null; nothing was deleted"),
                arguments(
                        (RetentionPolicy) (backups, now) ->
                                new RetentionPlan(List.of(new Decision(backups.get(0), Verdict.DROP, (String) null))),
                        "its decide() failed: IllegalArgumentException: a decision needs a backup, a verdict and a rule,"
                                + " was DROP of notes-"),
                arguments(
                        (RetentionPolicy) (backups, now) -> new RetentionPlan(Stream.of(backups.get(1), backups.get(0))
                                .map(backup -> new Decision(backup, Verdict.KEEP, "all"))
                                .toList()),
                        "decided about the 2 backups in another order than it was asked; nothing was deleted"));
    }

    @ParameterizedTest
    @MethodSource("oddPolicies")
    void aPlanThatIsNoneIsThePoliciesFailure(RetentionPolicy odd, String problem) throws Exception {
        fixture.runDaily(fixture.job());
        fixture.run(fixture.job());
        Job job = fixture.job(parts -> parts.retention(odd));

        assertThatThrownBy(() -> prune(job, Mode.DRY_RUN))
                .isInstanceOf(BackupException.class)
                .hasMessageStartingWith("retention policy " + odd.getClass().getName() + ": ")
                .hasMessageContaining(problem);
        assertThat(listed()).hasSize(2);
    }

    @Test
    void theLastWholeBackupStaysWhateverThePolicySays() throws Exception {
        Job keepNone = fixture.job(parts -> parts.retention(EngineFixture.keepLast(0)));
        fixture.runDaily(fixture.job());
        BackupId last = fixture.run(fixture.job()).id();

        prune(keepNone, Mode.EXECUTE);

        assertThat(listed()).containsExactly(last);
    }

    @Test
    void aHeldBackupStaysUntilItIsReleased() throws Exception {
        BackupId first = fixture.runDaily(fixture.job());
        fixture.engine.hold(keepTwo, first, "audit");
        for (int day = 0; day < 3; day++) {
            fixture.runDaily(keepTwo);
        }
        assertThat(listed()).contains(first).hasSize(3);

        assertThat(fixture.engine.reasonForHold(keepTwo, first))
                .hasValueSatisfying(hold -> assertThat(hold.reason()).isEqualTo("audit"));
        assertThat(fixture.engine.release(keepTwo, first)).isTrue();
        assertThat(fixture.engine.release(keepTwo, first)).isFalse();
        assertThat(fixture.engine.reasonForHold(keepTwo, first)).isEmpty();
        prune(keepTwo, Mode.EXECUTE);
        assertThat(listed()).doesNotContain(first).hasSize(2);
    }

    @Test
    void aBackupThatIsBeingDeletedCannotBeHeld() throws Exception {
        BackupId id = fixture.runOnce(fixture.job());
        new Journal(fixture.store)
                .put(id, new JournalName.Abandoned("other"), new Note("prune", "other", fixture.clock.instant()));

        assertThatThrownBy(() -> fixture.engine.hold(keepTwo, id, "audit"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("no such backup");
    }

    @Test
    void aPartialBackupStaysUntilANewerOneIsWhole() throws Exception {
        fixture.runDaily(keepTwo);
        fixture.script.failing.put("a", "torn");
        BackupId partial = fixture.runDaily(keepTwo);
        PruneReport skipped = prune(keepTwo, Mode.EXECUTE);
        assertThat(skipped.skipped()).contains("is PARTIAL");
        assertThat(listed()).contains(partial);

        fixture.script.failing.clear();
        fixture.run(keepTwo);
        assertThat(listed()).doesNotContain(partial).hasSize(2);
    }

    @Test
    void aBackupDatedInTheFutureNeitherCountsNorGoes() throws Exception {
        EngineFixture wrongClock = fixture;
        Instant now = fixture.clock.instant();
        fixture.clock.advance(Duration.ofDays(365));
        BackupId future = fixture.run(fixture.job()).id();
        // The store's clock was right all the time.
        InMemorySink store = new InMemorySink(fixture.clock);
        fixture.clock.set(now);
        for (String key : wrongClock.store.keys()) {
            store.putForeign(key, wrongClock.bytes(key));
        }
        Job job = fixture.job(store, parts -> parts.retention(EngineFixture.keepLast(1)));
        fixture.runDaily(job);
        RunReport report = fixture.run(job);

        assertThat(fixture.engine.list(job)).extracting(BackupSummary::id).containsExactly(future, report.id());
        assertThat(report.failures()).isEmpty();
    }

    @Test
    void nothingIsDroppedWhenTheClockIsBehindTheNewestBackup() throws Exception {
        for (int day = 0; day < 4; day++) {
            fixture.runDaily(fixture.job());
        }
        fixture.clock.advance(Duration.ofHours(-63));

        RunReport report = fixture.run(keepTwo);

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.problem()).contains("the clock here is behind"));
        assertThat(listed()).hasSize(5);
    }

    @Test
    void nothingIsDroppedWhenTheNewestBackupIsTooOld() throws Exception {
        for (int day = 0; day < 4; day++) {
            fixture.runDaily(fixture.job());
        }
        fixture.clock.advance(Duration.ofDays(8));

        PruneReport report = prune(keepTwo, Mode.EXECUTE);

        assertThat(report.skipped()).contains("is older than");
        assertThat(listed()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "begun.json", "intent-"})
    void whatStaysThoughTheStoreReportsItAsDeletedIsTold(String part) throws Exception {
        BackupId first = fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        Fault lie = new Fault(Operation.DELETE_KEY, part, 0, Effect.PRETEND, 0);
        Sink lying = new FaultySink(fixture.store, FaultPlan.of(lie));

        PruneReport report =
                prune(fixture.job(lying, parts -> parts.retention(EngineFixture.keepLast(2))), Mode.EXECUTE);

        assertThat(report.deleted()).isEmpty();
        assertThat(report.leftoversInWords())
                .singleElement()
                .asString()
                .contains(first.directory(), part, "the store reports it as deleted, but it is still there");
    }

    @Test
    void whatADeadRunLeftAndTheStoreOnlyPretendsToDeleteIsTold() throws Exception {
        BackupId dead = fixture.runDaily(fixture.job());
        fixture.journal(dead).stream()
                .filter(name -> name.startsWith("committed"))
                .forEach(name -> fixture.store.removeForeign(Journal.ROOT + "notes/" + dead.directory() + "/" + name));
        fixture.clock.advance(Duration.ofDays(3));
        List<String> payload = fixture.payload();
        Sink lying =
                new FaultySink(fixture.store, FaultPlan.of(new Fault(Operation.DELETE_KEY, "", 0, Effect.PRETEND, 0)));

        PruneReport report = prune(fixture.job(lying, parts -> parts), Mode.EXECUTE);

        assertThat(report.swept()).isEmpty();
        assertThat(report.leftoversInWords())
                .singleElement()
                .asString()
                .contains(dead.directory() + "/begun.json", "is still there");
        assertThat(fixture.payload()).as("what could still commit stays whole").isEqualTo(payload);
    }

    @Test
    void aRefusedDeleteIsToldAndTheNextPruneResumes() throws Exception {
        BackupId first = fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        RefusingSink refusing = new RefusingSink(
                fixture.store,
                key -> key.contains("/note-a") && key.contains(first.run().value()));
        Job job = fixture.job(refusing, parts -> parts.retention(EngineFixture.keepLast(2)));

        PruneReport refused = prune(job, Mode.EXECUTE);
        assertThat(refused.deleted()).isEmpty();
        assertThat(refused.leftovers()).containsKey(first.toString());
        assertThat(listed()).doesNotContain(first);
        assertThat(fixture.journal(first)).contains("deleting.json", "committed-OK.json", "intent-1.json");

        PruneReport resumed = prune(keepTwo, Mode.EXECUTE);
        assertThat(resumed.deleted()).containsExactly(first);
        assertThat(fixture.store.keys())
                .noneMatch(key -> key.contains(first.run().value()));
    }

    @Test
    void whatIsLockedIsToldAsAWarningAndGoesWithTheFirstPruneAfterThat() throws Exception {
        BackupId first = fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        RefusingSink locking = RefusingSink.locking(
                fixture.store,
                key -> key.contains("/note-a") && key.contains(first.run().value()));
        Job job = fixture.job(locking, parts -> parts.retention(EngineFixture.keepLast(2)));

        RunReport run = fixture.run(job);

        assertThat(run.outcome()).isEqualTo(Outcome.OK);
        assertThat(run.failures()).isEmpty();
        assertThat(run.warnings())
                .singleElement()
                .asString()
                .contains("/note-a")
                .endsWith(" is locked until tomorrow; the first run or prune after that deletes it");

        PruneReport pruned = prune(job, Mode.EXECUTE);
        assertThat(pruned.deleted()).isEmpty();
        assertThat(pruned.leftovers()).isEmpty();
        assertThat(pruned.locked()).hasSize(1).containsValue("is locked until tomorrow");
        assertThat(listed()).doesNotContain(first);
        assertThat(fixture.journal(first)).contains("deleting.json", "committed-OK.json", "intent-1.json");

        PruneReport afterwards = prune(keepTwo, Mode.EXECUTE);
        assertThat(afterwards.deleted()).containsExactly(first);
        assertThat(fixture.store.keys())
                .noneMatch(key -> key.contains(first.run().value()));
    }

    @Test
    void whatADeadRunLeftIsSweptAfterTheGraceByItsIntentsAndNothingElse() throws Exception {
        BackupId dead = new BackupId("notes", fixture.clock.instant(), new cloud.lvs.backup.spi.RunId("deadrun7"));
        Journal journal = new Journal(fixture.store);
        journal.put(dead, JournalName.Plain.BEGUN, new Note("x", "x", fixture.clock.instant()));
        ObjectKey announced = new ObjectKey("2026/11/note-a-deadrun7.txt");
        journal.put(dead, new JournalName.Intent(1), new JournalDocuments.Intended(announced, null));
        journal.put(
                dead,
                new JournalName.Intent(2),
                new JournalDocuments.Intended(null, new ExternalReference("snapshot", "s-1")));
        journal.put(
                dead,
                new JournalName.Intent(3),
                new JournalDocuments.Intended(new ObjectKey("2026/11/not-ours.txt"), null));
        fixture.put(announced.value(), new byte[] {1});
        fixture.put("2026/11/not-ours.txt", new byte[] {1});
        fixture.put("2026/11/deadrun7-but-not-announced.txt", new byte[] {1});

        prune(keepTwo, Mode.EXECUTE);
        assertThat(fixture.journal(dead)).contains("begun.json");

        fixture.clock.advance(keepTwo.grace().plusHours(1));
        PruneReport report = prune(keepTwo, Mode.EXECUTE);
        assertThat(report.swept()).containsExactly(dead.directory());
        assertThat(fixture.journal(dead)).isEmpty();
        assertThat(fixture.payload()).containsExactly("2026/11/deadrun7-but-not-announced.txt", "2026/11/not-ours.txt");
        assertThat(fixture.script.abandoned).singleElement().asString().contains("deadrun7", "s-1");
        assertThat(report.leftovers()).containsKey("2026/11/not-ours.txt");
    }

    @Test
    void aDeadPrunersMarkHidesABackupOnlyForTheGrace() throws Exception {
        BackupId id = fixture.runOnce(fixture.job());
        new Journal(fixture.store)
                .put(id, new JournalName.Abandoned("dead"), new Note("prune", "dead", fixture.clock.instant()));
        assertThat(listed()).isEmpty();

        fixture.clock.advance(keepTwo.grace().plusHours(1));
        prune(keepTwo, Mode.EXECUTE);
        assertThat(listed()).containsExactly(id);
    }

    @Test
    void whatLiesOutsideIsDiscardedBeforeTheBackupGoesAndNotWhileAnotherRefersToIt() throws Exception {
        fixture.script.external.add(new ExternalReference("snapshot", "s-1"));
        BackupId first = fixture.runDaily(fixture.job());
        fixture.script.external.set(0, new ExternalReference("snapshot", "s-2"));
        BackupId second = fixture.runDaily(fixture.job());
        fixture.runDaily(fixture.job());
        fixture.run(fixture.job());

        prune(keepTwo, Mode.EXECUTE);

        assertThat(listed()).doesNotContain(first, second);
        assertThat(fixture.script.discarded).containsExactly(first.toString());
    }

    @Test
    void shardsOfAnIncompleteGroupShowAsPartialAndAreWholeTogether() throws Exception {
        BackupId one = commitShard(1);
        assertThat(fixture.engine.list(keepTwo))
                .extracting(BackupSummary::outcome)
                .containsExactly(Outcome.PARTIAL);
        fixture.clock.advance(Duration.ofSeconds(5));
        BackupId two = commitShard(2);

        assertThat(fixture.engine.list(keepTwo))
                .extracting(BackupSummary::id, BackupSummary::outcome)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(two, Outcome.OK),
                        org.assertj.core.groups.Tuple.tuple(one, Outcome.OK));
    }

    private BackupId commitShard(int index) throws Exception {
        Journal journal = new Journal(fixture.store);
        BackupId id = new BackupId("notes", fixture.clock.instant(), new cloud.lvs.backup.spi.RunId("shard" + index));
        Shard shard = new Shard("g1", index, 2);
        Instant now = fixture.clock.instant();
        journal.put(id, JournalName.Plain.BEGUN, new Note("x", "x", now));
        journal.put(
                id,
                new JournalName.Committed(Outcome.OK, shard),
                Manifest.builder(id, "notes")
                        .outcome(Outcome.OK)
                        .shard(shard)
                        .startedAt(now)
                        .finishedAt(now)
                        .build());
        return id;
    }

    @Test
    void foreignObjectsStayWhateverTheirName() throws Exception {
        List<String> foreign = List.of(
                "2026/11/notes-by-hand.txt",
                ".lvs-backup/notes/README",
                ".lvs-backup/notes/20260101T000000Z-abcdefgh/mine.txt",
                ".lvs-backup/notes/20260101T000000Z-abcdefgh/committed-SOMETIME.json",
                ".lvs-backup/notes/20269999T000000Z-abcdefgh/begun.json",
                ".lvs-backup/../escape",
                "a//b");
        for (String key : foreign) {
            fixture.store.putForeign(key, new byte[] {1});
        }
        fixture.clock.advance(Duration.ofDays(30));
        for (int day = 0; day < 3; day++) {
            fixture.runDaily(keepTwo);
        }

        assertThat(fixture.store.keys()).containsAll(foreign);
        assertThat(listed()).hasSize(2);
    }
}
