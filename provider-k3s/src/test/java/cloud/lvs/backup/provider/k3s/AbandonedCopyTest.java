package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a datastore that k3s does not use any more, one after the other: whole, sound and of no use. */
class AbandonedCopyTest {
    private final Instant began = TestClock.machine().instant();

    @TempDir
    Path dataDir;

    @TempDir
    Path scratch;

    private @Nullable Manifest newest;
    private List<String> warnings = List.of();

    @BeforeEach
    void makeServer() throws Exception {
        KineDatabase.create(dataDir).close();
        writtenAt(began);
    }

    @Test
    void tellsTheAgeAndHowManyBackupsHaveTheSameRevision() throws Exception {
        backUpAfter(Duration.ZERO);
        assertThat(warnings).isEmpty();

        backUpAfter(Duration.ofHours(24));
        assertThat(warnings).singleElement().asString().contains("same revision as the last backup", "24 h");

        for (int days = 2; days <= 10; days++) {
            CaptureReport report = backUpAfter(Duration.ofDays(days));
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .contains("same revision as the last " + days + " backups", days + " d, since " + began);
            assertThat(report.source()).containsEntry(CaptureReport.LAST_WRITTEN, began.toString());
        }
    }

    @Test
    void isNotDeceivedByFilesThatWereCopiedOrTouched() throws Exception {
        backUpAfter(Duration.ZERO);
        for (int days = 1; days <= 3; days++) {
            writtenAt(began.plus(Duration.ofDays(days)));

            CaptureReport report = backUpAfter(Duration.ofDays(days));

            assertThat(warnings).hasSize(1);
            assertThat(report.source()).containsEntry(CaptureReport.LAST_WRITTEN, began.toString());
        }
    }

    @Test
    void goesByTheFilesUntilThereIsABackupToCompareWith() throws Exception {
        Instant longAgo = began.minus(Duration.ofDays(20));
        writtenAt(longAgo);

        assertThat(backUpAfter(Duration.ZERO).source()).containsEntry(CaptureReport.LAST_WRITTEN, longAgo.toString());
        backUpAfter(Duration.ofMinutes(5));

        assertThat(warnings).singleElement().asString().contains("the last backup", "20 d, since " + longAgo);
    }

    @Test
    void takesAnEmptyLogForNoWrite() throws Exception {
        Instant longAgo = began.minus(Duration.ofDays(20));
        writtenAt(longAgo);
        Files.createFile(new DataDir(dataDir).databaseFile().wal());

        assertThat(backUpAfter(Duration.ZERO).source()).containsEntry(CaptureReport.LAST_WRITTEN, longAgo.toString());
    }

    @Test
    void saysNothingOfAServerThatWrites() throws Exception {
        backUpAfter(Duration.ZERO);
        for (int days = 1; days <= 3; days++) {
            try (KineDatabase kine = KineDatabase.open(dataDir)) {
                kine.put("/registry/leases/kube-node-lease/n", "day " + days);
            }
            Instant written = began.plus(Duration.ofDays(days));
            writtenAt(written);

            CaptureReport report = backUpAfter(Duration.ofDays(days));

            assertThat(warnings).isEmpty();
            assertThat(report.source()).containsEntry(CaptureReport.LAST_WRITTEN, written.toString());
            assertThat(report.items().get(0).facts()).containsEntry("sameRevisionBackups", "0");
        }
    }

    @Test
    void saysNothingOfTwoBackupsWithinAnHour() throws Exception {
        backUpAfter(Duration.ZERO);
        backUpAfter(Duration.ofMinutes(59));

        assertThat(warnings).isEmpty();
    }

    @Test
    void noneOfTenDailyBackupsOfACopyThatWasLeftCounts() throws Exception {
        Instant longAgo = began.minus(Duration.ofDays(20));
        writtenAt(longAgo);
        TestClock clock = new TestClock(began);
        NamedSink sink = new NamedSink("main", new InMemorySink(clock));
        BackupEngine engine = new BackupEngine(clock, new Random(7), Map.of("lvs-backup", "test"), event -> {});
        Job job = job(sink, clock);

        for (int days = 0; days < 10; days++) {
            RunReport report = engine.run(job, Mode.EXECUTE);

            assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
            assertThat(report.failures())
                    .singleElement()
                    .satisfies(failure -> assertThat(failure.problem()).contains("last written", "ago, at " + longAgo));
            assertThat(report.warnings()).anyMatch(warning -> warning.contains("was last written"));
            if (days > 1) {
                String earlier = "the same revision as the last " + days + " backups";
                assertThat(report.warnings()).anyMatch(warning -> warning.contains(earlier));
            }
            clock.advance(Duration.ofDays(1));
        }

        assertThat(engine.survey(job, sink)).satisfies(survey -> {
            assertThat(survey.backups().partial()).isEqualTo(10);
            assertThat(survey.newestWhole()).isNull();
        });
    }

    @Test
    void aServerThatIsStoppedForTwoHoursIsNoFailure() throws Exception {
        writtenAt(began.minus(Duration.ofHours(2)));
        TestClock clock = new TestClock(began);
        NamedSink sink = new NamedSink("main", new InMemorySink(clock));
        BackupEngine engine = new BackupEngine(clock, new Random(7), Map.of("lvs-backup", "test"), event -> {});
        Job job = job(sink, clock);

        assertThat(engine.run(job, Mode.EXECUTE)).satisfies(report -> {
            assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
            assertThat(report.failures()).isEmpty();
        });
    }

    private Job job(NamedSink sink, Clock clock) {
        return Job.named(
                        "k3s",
                        "k3s",
                        () -> new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch, clock)),
                        sink)
                .rpo(Duration.ofHours(26))
                .build();
    }

    private void writtenAt(Instant when) throws Exception {
        Files.setLastModifiedTime(KineDatabase.file(dataDir), FileTime.from(when));
    }

    private CaptureReport backUpAfter(Duration passed) throws Exception {
        Instant now = began.plus(passed);
        TestRunContext run = new TestRunContext("k3s", new RunId("k7f3q2xw"), now);
        if (newest != null) {
            run.after(newest);
        }
        InMemoryArtifacts written = new InMemoryArtifacts();
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch, clock))) {
            CaptureReport report = source.capture(written, run);
            newest = InMemoryBackup.of(written, report, run, "k3s").manifest();
            warnings = run.warnings();
            return report;
        }
    }
}
