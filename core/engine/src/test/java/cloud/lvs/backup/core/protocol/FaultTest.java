package cloud.lvs.backup.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Operation;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stores that lie, lose replies, list short and refuse to delete, at the points where the protocol leans on them. */
@Tag("today")
class FaultTest {
    private final TestClock clock = new TestClock(World.NOW);
    private final InMemorySink sink = new InMemorySink(clock);
    private final BackupEngine engine = World.engine(clock, new Random(5));

    @BeforeEach
    void oneBackupFromYesterday() {
        clock.set(World.NOW.minusSeconds(86_400));
        assertThat(run(FaultPlan.of(), 9).outcome()).isEqualTo(Outcome.OK);
        clock.set(World.NOW);
    }

    private RunReport run(FaultPlan plan, int newest) {
        return engine.run(CrashSite.job(new FaultySink(sink, plan), newest), Mode.EXECUTE);
    }

    private PruneReport prune(FaultPlan plan, int newest) throws Exception {
        return engine.prune(CrashSite.job(new FaultySink(sink, plan), newest), Mode.EXECUTE)
                .get(0);
    }

    private List<BackupId> listed() throws Exception {
        List<BackupId> listed = engine.list(CrashSite.job(sink, 9)).stream()
                .map(BackupSummary::id)
                .toList();
        for (BackupId id : listed) {
            assertThat(engine.verify(CrashSite.job(sink, 9), id, Level.CHECKSUM)
                            .verification()
                            .passed())
                    .as(id.toString())
                    .isTrue();
        }
        return listed;
    }

    private List<String> keysOf(RunReport report) {
        String run = report.id() == null ? "?" : report.id().run().value();
        return sink.keys().stream().filter(key -> key.contains(run)).toList();
    }

    static Stream<Fault> liesBeforeTheCommit() {
        return Stream.of(
                Fault.flipAt(Operation.CREATE, 1, 3).onKeysWith("tiny1-"),
                Fault.cutAt(Operation.CREATE, 1, 3).onKeysWith("tiny0-"),
                Fault.failAt(Operation.CREATE, 1, 3).onKeysWith("tiny1-"),
                Fault.pretend(Operation.COMMIT, 1).onKeysWith("tiny1-"),
                Fault.failAfter(Operation.COMMIT, 1).onKeysWith("tiny0-"),
                Fault.flipAt(Operation.CREATE, 1, 3).onKeysWith("SHA256SUMS"),
                Fault.cutAt(Operation.CREATE, 1, 3).onKeysWith("SHA256SUMS"),
                Fault.failAfter(Operation.COMMIT, 1).onKeysWith("begun"));
    }

    @ParameterizedTest
    @MethodSource("liesBeforeTheCommit")
    void aRunFailsBeforeItsCommitAndLeavesNothing(Fault fault) throws Exception {
        List<BackupId> before = listed();
        List<String> keys = sink.keys();

        RunReport report = run(FaultPlan.of(fault), 9);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures())
                .extracting(Failure::kind)
                .isNotEmpty()
                .allMatch(kind -> kind == Kind.SINK || kind == Kind.VERIFICATION);
        assertThat(listed()).isEqualTo(before);
        assertThat(sink.keys().stream().filter(key -> !key.contains("/lock/") && !key.contains("/verified-")))
                .isSubsetOf(keys);
        assertThat(sink.unfinished()).isEmpty();
    }

    @Test
    void aLostReplyToTheCommitMakesNoDifference() throws Exception {
        RunReport report = run(FaultPlan.of(Fault.failAfter(Operation.COMMIT, 1).onKeysWith("/committed-")), 9);

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.failures()).isEmpty();
        assertThat(listed()).hasSize(2).contains(report.id());
    }

    @Test
    void aRunDeletesNothingOnceItSentItsCommitAndASweepTakesTheRest() throws Exception {
        RunReport report =
                run(FaultPlan.of(Fault.failBefore(Operation.COMMIT, 1).onKeysWith("/committed-")), 9);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(keysOf(report)).anyMatch(key -> key.endsWith("begun.json")).anyMatch(key -> key.endsWith(".db"));
        assertThat(listed()).hasSize(1);

        clock.advance(World.GRACE.plusHours(1));
        assertThat(prune(FaultPlan.of(), 9).swept()).hasSize(1);
        assertThat(keysOf(report)).isEmpty();
    }

    @Test
    void aManifestThatTheStoreKeepsOtherwiseIsAFailure() {
        RunReport report =
                run(FaultPlan.of(Fault.flipAt(Operation.CREATE, 1, 40).onKeysWith("/committed-")), 9);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures()).extracting(Failure::kind).containsExactly(Kind.SINK);
        assertThat(keysOf(report))
                .as("nothing is deleted any more")
                .hasSize(8)
                .filteredOn(key -> key.contains("/abandoned-"))
                .hasSize(1);
    }

    @Test
    void aListingThatBreaksOffDeletesNothing() throws Exception {
        assertThat(run(FaultPlan.of(), 9).outcome()).isEqualTo(Outcome.OK);
        List<String> before =
                sink.keys().stream().filter(key -> !key.contains("/lock/")).toList();
        FaultPlan plan = FaultPlan.of(Fault.failAt(Operation.LIST, 0, 3).onKeysWith(".lvs-backup/demo/"));

        assertThatThrownBy(() -> prune(plan, 1))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SINK));
        assertThat(sink.keys()).containsAll(before);
        assertThat(run(plan, 1).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(sink.keys()).containsAll(before);
    }

    static Stream<String> partsOfABackup() {
        return Stream.of("tiny0-", "tiny1-", "begun", "/committed-", "intent-2", "SHA256SUMS", "abandoned", "deleting");
    }

    @ParameterizedTest
    @MethodSource("partsOfABackup")
    void aRefusedDeletionIsToldAndTheNextPruneGoesOn(String part) throws Exception {
        BackupId dropped = listed().get(0);
        assertThat(run(FaultPlan.of(), 9).outcome()).isEqualTo(Outcome.OK);

        PruneReport refused = prune(FaultPlan.of(Fault.refuseToDelete(part)), 1);

        assertThat(refused.leftovers().keySet()).anyMatch(what -> what.contains(part));
        assertThat(refused.deleted()).isEmpty();
        assertThat(listed()).as("what is half deleted is no backup").hasSize(1).doesNotContain(dropped);

        PruneReport resumed = prune(FaultPlan.of(), 1);
        assertThat(resumed.deleted()).containsExactly(dropped);
        assertThat(resumed.leftovers()).isEmpty();
        assertThat(sink.keys()).noneMatch(key -> key.contains(dropped.run().value()));
    }

    @Test
    void anAppendOnlyKeyMakesValidBackupsAndSaysWhatItLeft() throws Exception {
        RunReport report = run(FaultPlan.of(Fault.refuseToDelete("")), 1);

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.failures())
                .isNotEmpty()
                .allMatch(failure -> failure.stage().equals("retain"));
        assertThat(listed()).contains(report.id());
    }

    @Test
    void anExternalThingIsFreedOnceNeitherOriginNorCopyRefersToIt() throws Exception {
        World world = InterleavingTest.copying(TinySource.Trait.EXTERNAL)
                .withBackup(3)
                .withBackup(2)
                .keeping(1)
                .copy();
        List<BackupId> backups = world.backups();
        BackupEngine workers = world.engine(1);
        Job job = world.job(Gate.OPEN);
        for (BackupId id : backups) {
            workers.copy(job, id, job.copies().get(0).sink(), Mode.EXECUTE);
        }
        workers.prune(world.job(Gate.OPEN), Mode.EXECUTE);
        assertThat(workers.list(world.jobAt(World.MAIN))).hasSize(1);
        assertThat(world.externals().things())
                .as("the older copy refers to one")
                .hasSize(2);

        workers.prune(world.jobAt(World.COPIES, 1), Mode.EXECUTE);
        workers.prune(world.job(Gate.OPEN), Mode.EXECUTE);

        assertThat(world.externals().things()).hasSize(1);
        assertThat(world.depot(World.MAIN).sink().keys())
                .noneMatch(key -> key.contains(backups.get(1).run().value()));
    }
}
