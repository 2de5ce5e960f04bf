package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("today")
class CopyTest {
    private final EngineFixture fixture = new EngineFixture();
    private final InMemorySink elsewhere = new InMemorySink(fixture.clock);
    private final NamedSink second = new NamedSink("second", elsewhere);
    private final Job there = fixture.job(elsewhere, parts -> parts);

    @Test
    void eachRunIsCopiedAndEachSinkKeepsItsOwnNumber() throws Exception {
        Job job = fixture.job(parts -> parts.retention(EngineFixture.keepLast(3))
                .copies(List.of(new CopyTarget(second, EngineFixture.keepLast(1)))));
        for (int day = 0; day < 4; day++) {
            RunReport report = fixture.run(job);
            assertThat(report.failures()).isEmpty();
            assertThat(report.copies())
                    .singleElement()
                    .extracting(CopyReport::state)
                    .isEqualTo(CopyReport.State.COPIED);
            fixture.clock.advance(java.time.Duration.ofDays(1));
        }

        assertThat(fixture.engine.list(job)).hasSize(3);
        assertThat(fixture.engine.list(there)).hasSize(1);
        assertThat(elsewhere.keys())
                .filteredOn(key -> !key.startsWith(".lvs-backup"))
                .hasSize(2);
    }

    @Test
    void aRunReportsTheRetentionOfItsCopies() throws Exception {
        Job job = fixture.job(parts -> parts.copies(List.of(new CopyTarget(second, EngineFixture.keepLast(1)))));
        fixture.runDaily(job);

        RunReport report = fixture.run(job);

        assertThat(report.copyRetention()).singleElement().satisfies(copies -> {
            assertThat(copies.sink()).isEqualTo("second");
            assertThat(copies.deleted()).hasSize(1);
        });
        assertThat(report.retentions()).extracting(PruneReport::sink).containsExactly("main", "second");
    }

    @Test
    void oneSinkIsPrunedByWhatIsKeptThereAndNoOther() throws Exception {
        NamedSink third = new NamedSink("third", new InMemorySink(fixture.clock));
        Job job = fixture.job(parts -> parts.retention(EngineFixture.keepLast(1))
                .copies(List.of(new CopyTarget(second, EngineFixture.keepLast(2)))));
        Job keepAll = fixture.job(parts -> parts.copies(List.of(new CopyTarget(second))));
        for (int day = 0; day < 3; day++) {
            fixture.engine.copy(keepAll, fixture.runDaily(keepAll), third, Mode.EXECUTE);
        }

        PruneReport plan = fixture.engine.prune(job, second, Mode.DRY_RUN);
        assertThat(plan.dropped()).hasSize(1);
        assertThat(plan.deleted()).isEmpty();
        assertThat(fixture.engine.prune(job, second, Mode.EXECUTE).deleted()).isEqualTo(plan.dropped());
        assertThat(fixture.engine.list(job)).as("the job's own sink").hasSize(3);
        assertThat(fixture.engine.prune(job, third, Mode.EXECUTE).deleted())
                .as("nothing says what to keep there")
                .isEmpty();
        assertThat(fixture.engine.prune(job, job.sink(), Mode.EXECUTE).deleted())
                .hasSize(2);
        assertThat(fixture.engine.list(there)).hasSize(2);
    }

    @Test
    void aCopyIsABackupOfItsOwnThatKnowsItsOrigin() throws Exception {
        BackupId origin = fixture.runOnce(fixture.job());

        CopyReport report = fixture.engine.copy(fixture.job(), origin, second, Mode.EXECUTE);

        BackupId copy = fixture.engine.resolve(there, "latest");
        assertThat(report.id()).isEqualTo(copy).isNotEqualTo(origin);
        assertThat(copy.timestamp()).isEqualTo(origin.timestamp());
        Manifest manifest = fixture.engine.show(there, copy);
        assertThat(manifest.origin()).isEqualTo(new Manifest.Origin("main", origin));
        assertThat(manifest.artifacts())
                .allSatisfy(artifact ->
                        assertThat(artifact.key().value()).contains(copy.run().value()));
        assertThat(fixture.engine
                        .verify(there, copy, Level.CONTENT)
                        .verification()
                        .passed())
                .isTrue();
    }

    @Test
    void whatIsCopiedAlreadyIsNotCopiedAgain() throws Exception {
        BackupId origin = fixture.runOnce(fixture.job());
        fixture.engine.copy(fixture.job(), origin, second, Mode.EXECUTE);

        assertThat(fixture.engine
                        .copy(fixture.job(), origin, second, Mode.EXECUTE)
                        .state())
                .isEqualTo(CopyReport.State.PRESENT);
        assertThat(fixture.engine.list(there)).hasSize(1);
    }

    @Test
    void aDamagedBackupIsNotCopiedAndNothingStays() throws Exception {
        BackupId origin = fixture.runOnce(fixture.job());
        fixture.put(fixture.payload().get(1), new byte[] {1, 2, 3});

        assertThatThrownBy(() -> fixture.engine.copy(fixture.job(), origin, second, Mode.EXECUTE))
                .isInstanceOf(BackupException.class);
        assertThat(elsewhere.keys()).isEmpty();
        assertThat(elsewhere.unfinished()).isEmpty();
    }

    @Test
    void aCopyThatFailsLeavesTheBackupWhole() {
        fixture.script.notes.put("a", "a note");
        InMemorySink closed = new InMemorySink(fixture.clock);
        closed.close();
        Job job = fixture.job(parts ->
                parts.copies(List.of(new CopyTarget(new NamedSink("gone", closed), EngineFixture.keepLast(1)))));

        RunReport report = fixture.run(job);

        assertThat(report.outcome()).isEqualTo(cloud.lvs.backup.spi.Outcome.OK);
        assertThat(report.failures())
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure.toString()).contains("job notes"));
    }

    @Test
    void whatLiesOutsideStaysWhileACopyRefersToIt() throws Exception {
        fixture.script.external.add(new ExternalReference("snapshot", "s-1"));
        Job job = fixture.job(parts -> parts.retention(EngineFixture.keepLast(1))
                .copies(List.of(new CopyTarget(second, EngineFixture.keepLast(9)))));
        fixture.runDaily(job);
        fixture.script.external.clear();

        fixture.run(job);

        assertThat(fixture.engine.list(job)).hasSize(1);
        assertThat(fixture.script.discarded).isEmpty();
    }

    @Test
    void whatRefersToThingsOutsideIsCopiedOnlyToWhereAPruneLooks() {
        fixture.script.external.add(new ExternalReference("snapshot", "s-1"));
        BackupId origin = fixture.runOnce(fixture.job());

        assertThatThrownBy(() -> fixture.engine.copy(fixture.job(), origin, second, Mode.EXECUTE))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("is none of the copies of job notes");
    }
}
