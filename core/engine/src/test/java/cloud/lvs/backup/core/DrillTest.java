package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.DrillReport.Phase;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a rehearsed restore proves, measures and leaves behind. */
@Tag("today")
class DrillTest {
    private record NoOptions() {}

    private final EngineFixture fixture = new EngineFixture();
    private Job job = fixture.job();
    private BackupId id = new BackupId("notes", fixture.clock.instant(), new RunId("none"));

    @TempDir
    Path scratch;

    @BeforeEach
    void backUp() {
        id = fixture.runOnce(job);
        fixture.clock.advance(Duration.ofHours(3));
    }

    private DrillReport drill() throws Exception {
        return fixture.engine.drill(job, id, new NoOptions(), scratch, Mode.EXECUTE);
    }

    private static List<String> failed(DrillReport report) {
        return report.verification().checks().stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .map(check -> check.name() + ": " + check.detail())
                .toList();
    }

    private void assertFailedWithoutTrace(DrillReport report, String check) {
        assertThat(report.verification().passed()).isFalse();
        assertThat(failed(report)).singleElement().asString().contains(check);
        assertThat(fixture.journal(id)).doesNotContain("drilled.json");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void measuresWhatWouldBeLostAndHowLongItTakes() throws Exception {
        fixture.script.rehearsal = (directory, run) -> {
            fixture.clock.advance(Duration.ofSeconds(1));
            run.phase("fetch");
            fixture.clock.advance(Duration.ofSeconds(2));
            run.phase("check");
            fixture.clock.advance(Duration.ofSeconds(4));
            run.phase("fetch");
            fixture.clock.advance(Duration.ofSeconds(8));
        };

        DrillReport report = drill();

        assertThat(report.rpo()).isEqualTo(Duration.ofHours(3));
        assertThat(report.phases())
                .containsExactly(
                        new Phase("manifest", Duration.ZERO),
                        new Phase("fetch", Duration.ofSeconds(11)),
                        new Phase("check", Duration.ofSeconds(4)));
        assertThat(report.rto()).isEqualTo(Duration.ofSeconds(15));
        assertThat(fixture.events).contains(new Event.PhaseStarted("notes", "fetch"));
    }

    @Test
    void recordsADrillThatPassed() throws Exception {
        Instant began = fixture.clock.instant();
        fixture.script.rehearsal = (directory, run) -> fixture.clock.advance(Duration.ofMillis(1500));

        DrillReport report = drill();

        assertThat(report.verification().passed()).isTrue();
        assertThat(report.items()).extracting(ItemResult::item).containsExactly("a", "b");
        assertThat(report.verification().checks())
                .extracting(Check::name)
                .containsExactly("manifest", "readable", "checksum note of a", "checksum note of b");
        ObjectKey key = new ObjectKey(".lvs-backup/notes/" + id.directory() + "/drilled.json");
        JournalDocuments.Drilled drilled =
                new JournalDocuments().read(key, fixture.bytes(key.value()), JournalDocuments.Drilled.class);
        assertThat(drilled.at()).isEqualTo(began);
        assertThat(drilled.rpoSeconds()).isEqualTo(10_800);
        assertThat(drilled.rtoSeconds()).isEqualTo(1.5);
        assertThat(drilled.phases())
                .containsExactly(
                        new JournalDocuments.Drilled.Phase("manifest", 0),
                        new JournalDocuments.Drilled.Phase("restore", 1.5));
        assertThat(drilled.verification()).isEqualTo(report.verification());
    }

    @Test
    void givesTheSourceADirectoryNobodyElseReadsAndRemovesIt() throws Exception {
        List<String> seen = new ArrayList<>();
        fixture.script.rehearsal = (directory, run) -> {
            seen.add(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
            assertThat(directory).isEmptyDirectory().hasParent(scratch);
            Path outside = Files.writeString(scratch.resolveSibling("outside"), "stays");
            Files.createSymbolicLink(
                    Files.createDirectories(directory.resolve("deep/er")).resolve("link"), outside);
        };

        drill();

        assertThat(seen).containsExactly("rwx------");
        assertThat(scratch).isEmptyDirectory();
        assertThat(scratch.resolveSibling("outside")).hasContent("stays");
        Files.delete(scratch.resolveSibling("outside"));
    }

    @Test
    void removesWhatItRestoredWhenItIsInterrupted() {
        fixture.script.rehearsal = (directory, run) -> {
            Files.writeString(directory.resolve("half"), "of it");
            Thread.currentThread().interrupt();
            run.checkpoint();
        };

        assertThatThrownBy(this::drill).isInstanceOf(InterruptedException.class);

        assertThat(scratch).isEmptyDirectory();
        assertThat(fixture.journal(id)).doesNotContain("drilled.json");
    }

    @Test
    void removesWhatItRestoredWhenTheSourceFails() {
        fixture.script.rehearsal = (directory, run) -> {
            Files.writeString(directory.resolve("half"), "of it");
            throw new BackupException(Kind.SOURCE, "initdb", "is not there", "install it");
        };

        assertThatThrownBy(this::drill)
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SOURCE));

        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void leavesItToTheSourceToRemoveTheDirectoryFirst() throws Exception {
        fixture.script.unread.addAll(List.of("a", "b"));
        fixture.script.rehearsal = (directory, run) -> Files.delete(directory);

        assertThat(drill().warnings()).isEmpty();
    }

    @Test
    void failsWhenACheckOfTheSourceFails() throws Exception {
        fixture.script.restoreChecks.add(Check.failed("rows", "9 of 10"));

        assertFailedWithoutTrace(drill(), "rows: 9 of 10");
    }

    @Test
    void failsWhenTheSourceChecksNothing() throws Exception {
        fixture.script.restoreChecks.clear();

        assertFailedWithoutTrace(drill(), "the source checked nothing");
    }

    @Test
    void failsWhenAPartOfAnItemIsNotRestored() throws Exception {
        fixture.script.omissions.add(new Omission("b", "index u", "duplicates", "CREATE UNIQUE INDEX u ON b (u)"));

        assertFailedWithoutTrace(drill(), "restore b: index u: duplicates: CREATE UNIQUE INDEX u ON b (u)");
    }

    @Test
    void failsWhenACapturedItemIsNotRestored() throws Exception {
        fixture.script.unrestored.add("b");

        assertFailedWithoutTrace(drill(), "item b: was captured but not restored");
    }

    @Test
    void readsWhatTheSourceLeftUnreadAfterTheTimeThatCounts() throws Exception {
        fixture.script.unread.add("b");
        job = fixture.job(
                new FaultySink(fixture.store, FaultPlan.of(), (call, phase) -> {
                    if (call.operation() == FaultySink.Operation.OPEN
                            && call.key().contains("note-b-")) {
                        fixture.clock.advance(Duration.ofMinutes(5));
                    }
                }),
                parts -> parts);

        DrillReport report = drill();

        assertThat(report.rto()).isZero();
        assertThat(report.verification().passed()).isTrue();
        assertThat(report.verification().checks())
                .extracting(Check::name)
                .contains("checksum note of a", "checksum note of b");
    }

    @Test
    void failsOnBytesThatOnlyTheEngineReads() throws Exception {
        fixture.script.unread.add("b");
        flipLastBit(fixture.payload().get(1));

        assertFailedWithoutTrace(
                drill(), "checksum note of b: object " + fixture.payload().get(1));
    }

    @Test
    void failsOnBytesThatAreNotThoseStored() throws Exception {
        String key = fixture.payload().get(0);
        flipLastBit(key);

        assertFailedWithoutTrace(drill(), "restore: object " + key);
    }

    private void flipLastBit(String key) throws Exception {
        byte[] bytes = fixture.bytes(key);
        bytes[bytes.length - 1] ^= 1;
        fixture.put(key, bytes);
    }

    @Test
    void failsOnAManifestThatWasChangedAndRestoresNothing() throws Exception {
        int opened = fixture.script.opened;
        String key = ".lvs-backup/notes/" + id.directory() + "/committed-OK.json";
        fixture.put(
                key,
                new String(fixture.bytes(key), StandardCharsets.UTF_8)
                        .replace("test", "tost")
                        .getBytes(StandardCharsets.UTF_8));

        assertFailedWithoutTrace(
                drill(), "manifest: it is not the one that was committed: it does not fit SHA256SUMS beside it");
        assertThat(fixture.script.opened).isEqualTo(opened);
    }

    @Test
    void passesThoughTheResultCannotBeRecordedAndSaysSo() throws Exception {
        var sink = new FaultySink(
                fixture.store,
                FaultPlan.of(Fault.failBefore(FaultySink.Operation.COMMIT, 0).onKeysWith("drilled.json")));
        job = fixture.job(sink, parts -> parts);

        DrillReport report = drill();

        assertThat(report.verification().passed()).isTrue();
        assertThat(report.warnings()).singleElement().asString().contains("could not be recorded");
    }

    @Test
    void aDryRunProvesTheManifestAndMakesNothing() throws Exception {
        int objects = fixture.store.keys().size();

        DrillReport report = fixture.engine.drill(job, id, new NoOptions(), scratch, Mode.DRY_RUN);

        assertThat(report.steps()).containsExactly("write to a directory");
        assertThat(report.verification().checks()).extracting(Check::name).containsExactly("manifest");
        assertThat(scratch).isEmptyDirectory();
        assertThat(fixture.store.keys()).hasSize(objects);
    }

    @Test
    void refusesAScratchDirectoryThatIsNotThere() throws IOException {
        Files.delete(scratch);

        assertThatThrownBy(this::drill)
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("scratch directory " + scratch + ": cannot be used");
        Files.createDirectory(scratch);
    }

    @Test
    void aDrilledBackupIsPrunedWithItsRecord() throws Exception {
        drill();
        fixture.clock.advance(Duration.ofDays(1));
        job = fixture.job(parts -> parts.retention(EngineFixture.keepLast(1)));
        fixture.runOnce(job);

        assertThat(fixture.journal(id)).isEmpty();
    }
}
