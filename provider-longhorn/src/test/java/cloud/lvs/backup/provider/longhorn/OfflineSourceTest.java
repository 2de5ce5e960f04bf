package cloud.lvs.backup.provider.longhorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.AdoptReport.Candidate;
import cloud.lvs.backup.core.report.AdoptReport.State;
import cloud.lvs.backup.core.report.DrillReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.provider.longhorn.stores.RealStores;
import cloud.lvs.backup.provider.longhorn.stores.RealStores.Told;
import cloud.lvs.backup.spi.AdoptableRecord;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup target through the engine: adopted, listed, verified, restored and drilled, without a cluster. */
class OfflineSourceTest {
    @TempDir
    Path directory;

    private final TestClock clock = TestClock.machine();
    private final BackupEngine engine = new BackupEngine(clock, new Random(7), Map.of(), event -> {});
    private RealStores stores;
    private Path target;
    private Job job;

    @BeforeEach
    void unpack() throws IOException, InterruptedException {
        stores = RealStores.in(Files.createDirectory(directory.resolve("stores")));
        target = stores.root("1.5.5");
        LonghornSourceProvider provider = new LonghornSourceProvider();
        TestProviderContext context =
                new TestProviderContext(directory, clock).with("longhorn", new DirectorySink(target));
        job = Job.named(
                        "volumes",
                        provider.type(),
                        () -> provider.create(
                                ConfigurationRecord.of(
                                        LonghornConfig.class, Map.of("offline", true, "backupTarget", "longhorn")),
                                context),
                        new NamedSink("records", new DirectorySink(directory.resolve("records"))))
                .verifiesFrom(provider.verifiesFrom())
                .build();
    }

    private AdoptReport adopt(Mode mode) throws Exception {
        return engine.adopt(job, mode);
    }

    private BackupId backupOf(String longhornBackup) throws Exception {
        for (BackupSummary summary : engine.list(job)) {
            if (longhornBackup.equals(facts(summary.id()).get("longhornBackup"))) {
                return summary.id();
            }
        }
        throw new AssertionError(longhornBackup + " is not in the catalog");
    }

    private Map<String, String> facts(BackupId id) throws Exception {
        return engine.show(job, id).items().get(0).facts();
    }

    private RestoreReport restore(BackupId id, Path place, RestoreRequest.Mode mode) throws Exception {
        return engine.restore(job, id, request(place, List.of(), mode));
    }

    private static RestoreRequest request(Path place, List<String> items, RestoreRequest.Mode mode) {
        return new RestoreRequest(
                new RestoreTarget.Place(place.toString()),
                items,
                ConfigurationRecord.of(LonghornRestoreOptions.class, Map.of("as", "image")),
                Consent.NOT_GIVEN,
                mode);
    }

    private static List<String> contents(Path root) throws IOException {
        List<String> contents = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted().toList()) {
                contents.add(file + " " + Files.getLastModifiedTime(file) + " "
                        + (Files.isRegularFile(file) ? Files.size(file) : -1));
            }
        }
        return contents;
    }

    @Test
    void aPlanListsEveryBackupInWhateverState() throws Exception {
        AdoptReport report = adopt(Mode.DRY_RUN);

        assertThat(report.candidates()).hasSize(16);
        assertThat(report.candidates())
                .filteredOn(candidate -> candidate.state() == State.PLANNED)
                .hasSize(12)
                .allSatisfy(candidate -> assertThat(candidate.facts())
                        .containsKeys("volume", "longhornBackup", "mode", "volumeSizeBytes"));
        assertThat(report.candidates())
                .filteredOn(candidate -> candidate.state() == State.IN_PROGRESS)
                .extracting(candidate -> candidate.facts().get("longhornBackup"))
                .containsExactlyInAnyOrder("pvc-lz4-b5", "pvc-gzip-b5", "pvc-none-b5", "pvc-crash-b1");
        assertThat(engine.list(job)).isEmpty();
    }

    @Test
    void eachCompleteBackupBecomesOneBackupHoweverOftenItIsAdopted() throws Exception {
        adopt(Mode.EXECUTE);
        List<BackupSummary> first = engine.list(job);
        AdoptReport again = adopt(Mode.EXECUTE);

        assertThat(first)
                .hasSize(12)
                .allSatisfy(summary -> assertThat(summary.outcome()).isEqualTo(Outcome.ADOPTED));
        assertThat(again.candidates()).extracting(Candidate::state).containsOnly(State.CLAIMED, State.IN_PROGRESS);
        assertThat(engine.list(job)).isEqualTo(first);
        Manifest manifest = engine.show(job, backupOf("pvc-lz4-b2"));
        assertThat(manifest.items().get(0).item()).isEqualTo("shop/data-db-0");
        assertThat(manifest.items().get(0).facts()).containsEntry("volume", "pvc-lz4");
        assertThat(manifest.id().timestamp()).isEqualTo(Instant.parse("2026-11-30T15:36:43Z"));
    }

    @Test
    void twoBackupsOfOneSecondStayTwo() throws Exception {
        for (String volume : List.of("pvc-lz4", "pvc-gzip")) {
            try (Stream<Path> files = Files.walk(target)) {
                for (Path file : files.filter(path -> path.toString().endsWith(volume + "-b1.cfg"))
                        .toList()) {
                    Files.writeString(
                            file,
                            Files.readString(file)
                                    .replaceFirst(
                                            "\"SnapshotCreatedAt\":\"[^\"]*\"",
                                            "\"SnapshotCreatedAt\":\"2026-11-30T15:30:00Z\""));
                }
            }
        }

        adopt(Mode.EXECUTE);

        assertThat(engine.list(job))
                .filteredOn(summary -> summary.id().timestamp().equals(Instant.parse("2026-11-30T15:30:00Z")))
                .hasSize(2);
    }

    @Test
    void aCompleteBackupPassesAtEveryLevel() throws Exception {
        adopt(Mode.EXECUTE);

        for (Level level : Level.values()) {
            VerifyReport report = engine.verify(job, backupOf("pvc-gzip-b4"), level);
            assertThat(report.verification().passed()).as(level.toString()).isTrue();
        }
    }

    @Test
    void aMissingBlockFailsFromTheLevelOfChecksumsOn() throws Exception {
        adopt(Mode.EXECUTE);
        try (Stream<Path> files = Files.walk(target)) {
            for (Path block : files.filter(path -> path.toString().contains("pvc-gzip/blocks/")
                            && path.toString().endsWith(".blk"))
                    .toList()) {
                Files.delete(block);
            }
        }

        for (Level level : List.of(Level.CHECKSUM, Level.CONTENT)) {
            VerifyReport report = engine.verify(job, backupOf("pvc-gzip-b4"), level);
            assertThat(report.verification().checks())
                    .filteredOn(check -> check.status() == Check.Status.FAILED)
                    .singleElement()
                    .satisfies(check ->
                            assertThat(check.detail()).contains("volume pvc-gzip", "backup pvc-gzip-b4", "is missing"));
        }
    }

    @Test
    void aBackupThatLonghornDeletedFails() throws Exception {
        adopt(Mode.EXECUTE);
        BackupId id = backupOf("pvc-none-b1");
        try (Stream<Path> files = Files.walk(target)) {
            for (Path file : files.filter(path -> path.endsWith("backup_pvc-none-b1.cfg"))
                    .toList()) {
                Files.delete(file);
            }
        }

        assertThat(engine.verify(job, id, Level.CHECKSUM).verification().passed())
                .isFalse();
    }

    @Test
    void aRestoreWritesTheImageThatTheWriterOfTheStoreTells() throws Exception {
        adopt(Mode.EXECUTE);
        Told told = stores.told().stream()
                .filter(line -> line.name().equals("pvc-none-b4"))
                .findFirst()
                .orElseThrow();
        Path place = directory.resolve("restored");

        assertThat(restore(backupOf("pvc-none-b4"), place, RestoreRequest.Mode.DRY_RUN)
                        .steps())
                .singleElement()
                .asString()
                .contains("pvc-none.img");
        assertThat(place).doesNotExist();
        restore(backupOf("pvc-none-b4"), place, RestoreRequest.Mode.EXECUTE);

        byte[] image = Files.readAllBytes(place.resolve("pvc-none.img"));
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(image)))
                .isEqualTo(told.sha256());
    }

    @Test
    void anItemThatABackupDoesNotHoldIsRefused() throws Exception {
        TestRunContext run = new TestRunContext();
        InMemoryArtifacts written = new InMemoryArtifacts();
        try (Source source = job.openSource()) {
            AdoptableRecord.Content record = source.adoptableRecords(run).stream()
                    .filter(each -> each.identity().equals("pvc-lz4/pvc-lz4-b2"))
                    .map(AdoptableRecord::content)
                    .findFirst()
                    .orElseThrow();
            written.write(record.artifact(), record.body());
            InMemoryBackup backup = InMemoryBackup.of(
                    written,
                    new CaptureReport(List.of(ItemResult.done("shop/data-db-0", Map.of())), Map.of()),
                    run,
                    "longhorn");
            RestoreRequest request = request(directory, List.of("shop/other"), RestoreRequest.Mode.DRY_RUN);

            assertThat(record.artifact().stem()).isEqualTo("longhorn-pvc-lz4");
            assertThatThrownBy(() -> source.restore(backup, request, run))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("item shop/other: is not in this backup; there is shop/data-db-0");
        }
    }

    @Test
    void aDrillExtractsAndSaysThatItKnowsNoFilesystem() throws Exception {
        adopt(Mode.EXECUTE);
        Path scratch = Files.createDirectory(directory.resolve("scratch"));

        DrillReport report = engine.drill(
                job,
                backupOf("pvc-lz4-b2"),
                ConfigurationRecord.of(LonghornRestoreOptions.class, Map.of("as", "image")),
                scratch,
                Mode.EXECUTE);

        assertThat(report.verification().passed()).isTrue();
        assertThat(report.verification().checks())
                .filteredOn(check -> check.name().equals("filesystem"))
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).startsWith("not checked: "));
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void theTargetIsNeverWrittenTo() throws Exception {
        List<String> before = contents(target);

        adopt(Mode.EXECUTE);
        BackupId id = backupOf("pvc-lz4-b1");
        engine.verify(job, id, Level.CONTENT);
        restore(id, directory.resolve("restored"), RestoreRequest.Mode.EXECUTE);
        engine.prune(job, Mode.EXECUTE);

        assertThat(contents(target)).isEqualTo(before);
    }

    @Test
    void aRunIsRefusedAndNamesTheCommandThatFits() {
        assertThat(engine.run(job, Mode.EXECUTE).failures()).singleElement().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(Kind.CONFIG);
            assertThat(failure.remedy()).contains("adopt -j volumes --yes");
        });
    }

    @Test
    void aPlaceInTheClusterIsRefused() throws Exception {
        adopt(Mode.EXECUTE);
        BackupId id = backupOf("pvc-lz4-b1");

        assertThatThrownBy(() -> engine.restore(
                        job,
                        id,
                        new RestoreRequest(
                                new RestoreTarget.InPlace(),
                                List.of(),
                                ConfigurationRecord.of(LonghornRestoreOptions.class, Map.of("as", "image")),
                                Consent.GIVEN,
                                RestoreRequest.Mode.EXECUTE)))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("without a cluster");
    }
}
