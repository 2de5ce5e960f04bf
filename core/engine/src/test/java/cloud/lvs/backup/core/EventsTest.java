package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.context.ProgressEvents;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.event.Event.Ended;
import cloud.lvs.backup.core.event.Event.Progress;
import cloud.lvs.backup.core.event.Event.Transferred;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.CopyReport;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("today")
class EventsTest {
    private record NoOptions() {}

    private final EngineFixture fixture = new EngineFixture();
    private final BackupEngine engine = fixture.engine;
    private final Job job = fixture.job();

    @TempDir
    Path directory = Path.of("");

    private <T extends Event> List<T> events(Class<T> type) {
        return fixture.events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private RestoreRequest request(String... items) {
        return new RestoreRequest(
                new RestoreTarget.Place(directory.toString()),
                List.of(items),
                new NoOptions(),
                Consent.NOT_GIVEN,
                RestoreRequest.Mode.EXECUTE);
    }

    /** The one end since the last, which is the last event. */
    private Event lastAndOnlyEnd() {
        List<Ended> ends = events(Ended.class);
        assertThat(ends).hasSize(1);
        assertThat(fixture.events.get(fixture.events.size() - 1)).isSameAs(ends.get(0));
        fixture.events.clear();
        return ends.get(0);
    }

    @Test
    void everyVerbTellsItsEndWithItsReport() throws Exception {
        RunReport run = fixture.run(job);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.RunFinished("notes", run));
        BackupId id = engine.resolve(job, "latest");

        VerifyReport verified = engine.verify(job, id, Level.CONTENT);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.VerifyFinished("notes", verified));

        RestoreReport restored = engine.restore(job, id, request());
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.RestoreFinished("notes", id, restored));

        DrillReport drilled = engine.drill(job, id, new NoOptions(), directory, Mode.EXECUTE);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.DrillFinished("notes", drilled));

        CopyReport copied =
                engine.copy(job, id, new NamedSink("second", new InMemorySink(fixture.clock)), Mode.EXECUTE);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.CopyFinished("notes", copied));

        List<PruneReport> pruned = engine.prune(job, Mode.EXECUTE);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.PruneFinished("notes", pruned));

        PruneReport prunedHere = engine.prune(job, job.sink(), Mode.EXECUTE);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.PruneFinished("notes", List.of(prunedHere)));

        AdoptReport adopted = engine.adopt(job, Mode.EXECUTE);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.AdoptFinished("notes", adopted));

        DiagnosisReport diagnosis = engine.diagnose(job);
        assertThat(lastAndOnlyEnd()).isEqualTo(new Event.DiagnoseFinished("notes", diagnosis));
    }

    @Test
    void workThatThrowsTellsItsEndToo() throws Exception {
        BackupId id = fixture.runOnce(job);
        fixture.events.clear();

        assertThatThrownBy(() -> engine.restore(job, id, request("no-such-item")))
                .isInstanceOf(BackupException.class);

        assertThat(lastAndOnlyEnd()).isInstanceOfSatisfying(Event.WorkFailed.class, end -> {
            assertThat(end.failure().stage()).isEqualTo("restore");
            assertThat(end.failure().problem()).isEqualTo("holds no item no-such-item");
        });
    }

    @Test
    void theStagesOfTheEngineAreTypedAndReportedInOrder() {
        RunReport report = fixture.run(job);

        assertThat(events(Event.StageStarted.class))
                .extracting(Event.StageStarted::stage)
                .containsExactly(
                        Stage.LOCK,
                        Stage.CATALOG,
                        Stage.PREFLIGHT,
                        Stage.BEGIN,
                        Stage.CAPTURE,
                        Stage.COMMIT,
                        Stage.RETAIN);
        assertThat(report.stages().keySet())
                .containsExactly("begin", "lock", "catalog", "preflight", "capture", "commit", "retain");
    }

    @Test
    void whatWentToTheSinkIsToldByObjectAndInTotalToTheLastByte() {
        RunReport report = fixture.run(job);

        long total = 0;
        for (StoredArtifact artifact : report.artifacts()) {
            List<Transferred> ofKey = events(Transferred.class).stream()
                    .filter(event -> event.key().equals(artifact.key().value()))
                    .toList();
            total += artifact.storedBytes();
            assertThat(ofKey.get(ofKey.size() - 1))
                    .isEqualTo(new Transferred("notes", artifact.key().value(), artifact.storedBytes(), total));
        }
    }

    @Test
    void progressIsToldAFewTimesASecondAndAlwaysTheLast() {
        List<Event> told = new ArrayList<>();
        TestClock clock = TestClock.today();
        ProgressEvents progress = new ProgressEvents(clock, told::add);
        for (int n = 1; n <= 100; n++) {
            progress.reached(new Progress("notes", "one", n, 100));
            progress.transferred("notes", "key", 10);
            clock.advance(Duration.ofMillis(10));
        }
        progress.tell(new Event.Noted("notes", "done"));

        assertThat(told.stream().filter(Progress.class::isInstance))
                .extracting(event -> ((Progress) event).doneBytes())
                .containsExactly(1L, 26L, 51L, 76L, 100L);
        assertThat(told.stream().filter(Transferred.class::isInstance))
                .hasSize(4)
                .last()
                .isEqualTo(new Transferred("notes", "key", 1000, 1000));
        assertThat(told.get(told.size() - 1)).isEqualTo(new Event.Noted("notes", "done"));
    }

    @Test
    void aNewPieceOfWorkCountsAnew() throws Exception {
        BackupId id = fixture.runOnce(job);
        fixture.events.clear();

        engine.verify(job, id, Level.CHECKSUM);

        StoredArtifact first = engine.show(job, id).artifacts().get(0);
        assertThat(events(Transferred.class).get(0))
                .isEqualTo(new Transferred("notes", first.key().value(), first.storedBytes(), first.storedBytes()));
    }
}
