package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Phase;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.AdoptReport.Candidate;
import cloud.lvs.backup.core.report.AdoptReport.State;
import cloud.lvs.backup.spi.AdoptableRecord;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records of what another program keeps elsewhere become backups: once each, and whole or not at all. */
@Tag("today")
class RecordAdoptTest {
    private final EngineFixture fixture = new EngineFixture();
    private final Instant shown =
            fixture.clock.instant().minus(Duration.ofDays(2)).truncatedTo(ChronoUnit.SECONDS);
    private final List<AdoptableRecord> offered = new ArrayList<>();

    /** Offers records, and has nothing of its own. */
    private record RecordsSource(List<AdoptableRecord> offered) implements Source {
        @Override
        public List<Finding> preflight(RunContext run) {
            return List.of();
        }

        @Override
        public List<Item> inventory(RunContext run) {
            return List.of();
        }

        @Override
        public CaptureReport capture(ArtifactWriter out, RunContext run) throws BackupException {
            throw new BackupException(Kind.EMPTY, "records", "are only adopted", "adopt");
        }

        @Override
        public Verification verify(BackupReader backup, Level level, RunContext run) {
            return new Verification(List.of(Check.passed("record", level.name())));
        }

        @Override
        public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run) {
            return new RestoreReport(List.of(), List.of(), List.of(), List.of());
        }

        @Override
        public List<AdoptableRecord> adoptableRecords(RunContext run) {
            return offered;
        }

        @Override
        public void close() {}
    }

    private static AdoptableRecord whole(String identity, Instant shown) {
        return new AdoptableRecord(
                identity,
                shown,
                AdoptableRecord.State.WHOLE,
                "",
                Map.of("name", identity),
                new AdoptableRecord.Content(
                        new Artifact("item", "record", "record", ".json", 0, Sensitivity.ORDINARY, "> record.json"),
                        out -> {
                            out.write(identity.getBytes(StandardCharsets.UTF_8));
                            return Map.of("name", identity);
                        }));
    }

    private Job job(Sink sink) {
        return Job.named("records", "records", () -> new RecordsSource(offered), new NamedSink("main", sink))
                .verifiesFrom(Level.CHECKSUM)
                .grace(Duration.ofHours(10))
                .build();
    }

    private List<State> adopt(Sink sink) throws Exception {
        return fixture.engine.adopt(job(sink), Mode.EXECUTE).candidates().stream()
                .map(Candidate::state)
                .toList();
    }

    @Test
    void aWholeRecordBecomesABackupAtTheMomentItShows() throws Exception {
        offered.add(whole("volume/one", shown));

        assertThat(adopt(fixture.store)).containsExactly(State.ADOPTED);

        BackupId id = fixture.engine.resolve(job(fixture.store), "latest");
        assertThat(id.timestamp()).isEqualTo(shown);
        assertThat(fixture.engine.show(job(fixture.store), id).outcome()).isEqualTo(Outcome.ADOPTED);
        assertThat(fixture.engine
                        .verify(job(fixture.store), id, Level.CHECKSUM)
                        .verification()
                        .checks())
                .contains(Check.passed("record", "CHECKSUM"));
        assertThat(fixture.engine
                        .verify(job(fixture.store), id, Level.STORED)
                        .verification()
                        .checks())
                .noneMatch(check -> check.name().equals("record"));
    }

    @Test
    void twoRecordsOfOneMomentAreTwoBackupsAndEachIsAdoptedOnce() throws Exception {
        offered.add(whole("volume/one", shown));
        offered.add(whole("volume/two", shown));

        assertThat(adopt(fixture.store)).containsExactly(State.ADOPTED, State.ADOPTED);
        assertThat(adopt(fixture.store)).containsExactly(State.CLAIMED, State.CLAIMED);
        assertThat(fixture.engine.list(job(fixture.store))).hasSize(2);
    }

    @Test
    void whatIsNotWholeIsToldAndWritesNothing() throws Exception {
        offered.add(new AdoptableRecord(
                "volume/one", shown, AdoptableRecord.State.IN_PROGRESS, "is being made", Map.of(), null));
        offered.add(
                new AdoptableRecord("volume/two", shown, AdoptableRecord.State.FAILED, "broke off", Map.of(), null));

        assertThat(adopt(fixture.store)).containsExactly(State.IN_PROGRESS, State.FAILED);
        assertThat(fixture.store.keys()).allMatch(key -> key.contains("/lock/"));
    }

    @Test
    void aRecordThatRetentionDroppedCanBeAdoptedAgain() throws Exception {
        offered.add(whole("volume/one", shown));
        offered.add(whole("volume/two", shown.plusSeconds(60)));
        adopt(fixture.store);
        Job keepsOne = Job.named(
                        "records", "records", () -> new RecordsSource(offered), new NamedSink("main", fixture.store))
                .retention(EngineFixture.keepLast(1))
                .build();

        assertThat(fixture.engine.prune(keepsOne, Mode.EXECUTE).get(0).deleted())
                .hasSize(1);

        assertThat(fixture.payload()).hasSize(1);
        assertThat(adopt(fixture.store)).containsExactly(State.ADOPTED, State.CLAIMED);
    }

    /** Whichever request is the last that takes effect: nothing half is listed, the next call adopts, and nothing stays for ever. */
    @ParameterizedTest
    @EnumSource(Phase.class)
    void aProcessThatDiesAtAnyRequestLeavesNothingHalf(Phase phase) throws Exception {
        offered.add(whole("volume/one", shown));
        int fatal = 1;
        while (true) {
            EngineFixture other = new EngineFixture();
            int number = fatal;
            AtomicBoolean dead = new AtomicBoolean();
            FaultySink dying = new FaultySink(other.store, (call, now) -> {
                if (call.overall() == number && now == phase) {
                    dead.set(true);
                }
                if (dead.get()) {
                    throw new IOException("the process is dead");
                }
            });
            boolean finished = diesAdopting(other, dying);

            for (BackupSummary listed : other.engine.list(job(other.store))) {
                assertThat(other.engine
                                .verify(job(other.store), listed.id(), Level.CHECKSUM)
                                .verification()
                                .passed())
                        .as("%s after request %d", phase, number)
                        .isTrue();
            }
            // Past the lock of the dead.
            other.clock.advance(Duration.ofMinutes(11));
            other.engine.adopt(job(other.store), Mode.EXECUTE);
            assertThat(other.engine.list(job(other.store)))
                    .as("%s request %d", phase, number)
                    .hasSize(1);
            other.clock.advance(Duration.ofHours(11));
            other.engine.prune(job(other.store), Mode.EXECUTE);
            assertThat(other.payload()).as("%s request %d", phase, number).hasSize(1);
            if (finished) {
                assertThat(fatal).isGreaterThan(8);
                return;
            }
            fatal++;
        }
    }

    private boolean diesAdopting(EngineFixture other, Sink dying) throws InterruptedException {
        try {
            other.engine.adopt(job(dying), Mode.EXECUTE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
