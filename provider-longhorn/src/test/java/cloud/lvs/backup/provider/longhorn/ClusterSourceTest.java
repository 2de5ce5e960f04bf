package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.core.retention.StandardRetention;
import cloud.lvs.backup.core.retention.StandardRetentionConfig;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Upload;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Verification;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes of a cluster through the engine: in one catalog, under one retention, with what lies in Longhorn's target. */
@Tag("today")
class ClusterSourceTest {
    @TempDir
    Path directory;

    private final ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private final LonghornFixture fixture = new LonghornFixture(longhorn);
    private final BackupEngine engine = new BackupEngine(TestTime.machine(), new Random(7), Map.of(), event -> {});

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private Job.Builder job(Map<String, ?> config) {
        LonghornSourceProvider provider = new LonghornSourceProvider();
        return Job.named(
                        "volumes",
                        provider.type(),
                        () -> fixture.source(config),
                        new NamedSink("records", new DirectorySink(directory.resolve("records"))))
                .verifiesFrom(provider.verifiesFrom())
                .restoreType(provider.restoreType());
    }

    private Job keepingOne() {
        return job(Map.of())
                .retention(new StandardRetention(
                        ConfigurationRecord.of(StandardRetentionConfig.class, Map.of("keepLast", 1))))
                .build();
    }

    private RunReport run(Job job) {
        return engine.run(job, Mode.EXECUTE);
    }

    private static BackupId idOf(RunReport report) {
        return requireNonNull(report.id());
    }

    private List<String> stored(String volume) {
        return List.copyOf(
                longhorn.stores().backups(ScriptedLonghorn.TARGET_URL, volume).keySet());
    }

    private List<String> left(ResourceType type) {
        return longhorn.list(type).stream()
                .filter(object -> !object.path("metadata").has("deletionTimestamp"))
                .map(object -> object.at("/metadata/name").asText())
                .toList();
    }

    private String backupOf(Job job, BackupId id) throws Exception {
        return String.valueOf(engine.show(job, id).items().get(0).facts().get(VolumeRecord.BACKUP));
    }

    @Test
    void aRunIsABackupOfTheCatalogWithOneRecordPerVolume() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data")).volume("pvc-2", claim("blog", "posts"));
        Job job = job(Map.of()).build();

        RunReport report = run(job);

        assertThat(report.failures()).isEmpty();
        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(engine.list(job)).hasSize(1);
        assertThat(report.items()).extracting(ItemResult::item).containsExactlyInAnyOrder("shop/data", "blog/posts");
        assertThat(report.artifacts())
                .hasSize(2)
                .allSatisfy(artifact ->
                        assertThat(artifact.facts()).containsKeys("volume", "longhornBackup", "uploadedBytes", "mode"));
    }

    @Test
    void whatRetentionDropsGoesFromTheTarget() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        Job job = keepingOne();
        run(job);

        RunReport second = run(job);

        assertThat(second.failures()).isEmpty();
        assertThat(second.outcome()).isEqualTo(Outcome.OK);
        assertThat(engine.list(job)).hasSize(1);
        assertThat(stored("pvc-1")).containsExactly(backupOf(job, idOf(second)));
        assertThat(left(ResourceType.BACKUPS)).hasSize(1);
        assertThat(left(ResourceType.SNAPSHOTS)).hasSize(1);
    }

    @Test
    void whatCannotBeRemovedNowIsRemovedByTheNextPrune() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        run(job(Map.of()).build());
        run(job(Map.of()).build());
        Job job = keepingOne();
        longhorn.access().forbid("delete", "backups");

        assertThatThrownBy(() -> engine.prune(job, Mode.EXECUTE)).hasMessageContaining("may not delete");
        longhorn.access().allowAll();
        longhorn.stores().disconnect();
        PruneReport later = engine.prune(job, Mode.EXECUTE).get(0);
        longhorn.stores().reconnect();
        engine.prune(job, Mode.EXECUTE);

        assertThat(later.leftovers().values()).singleElement().asString().contains("default is not available");
        assertThat(stored("pvc-1")).hasSize(1);
    }

    @Test
    void someFailedIsPartial() {
        longhorn.volume("pvc-1", claim("shop", "data")).volume("pvc-2", claim("blog", "posts"));
        longhorn.script().upload("pvc-2", new Upload.Fails(10, "connection reset"));

        RunReport report = run(job(Map.of()).build());

        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(report.failures()).singleElement().asString().contains("blog/posts", "connection reset");
    }

    @Test
    void aRunThatFailsLeavesNothingInLonghorn() {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().upload("pvc-1", new Upload.Fails(10, "connection reset"));

        RunReport report = run(job(Map.of()).build());

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(left(ResourceType.BACKUPS)).isEmpty();
        assertThat(left(ResourceType.SNAPSHOTS)).isEmpty();
    }

    @Test
    void verifyAsksLonghornForEveryVolume() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        Job job = job(Map.of()).build();
        BackupId id = idOf(run(job));
        String name = backupOf(job, id);

        Verification whole = engine.verify(job, id, Level.STORED).verification();
        assertThat(whole.passed()).isTrue();
        assertThat(whole.checks())
                .anySatisfy(check -> assertThat(check.detail()).contains(name, "complete"));
        assertThat(engine.verify(job, id, Level.CHECKSUM).verification().checks())
                .anySatisfy(check -> {
                    assertThat(check.status()).isEqualTo(Check.Status.WARNED);
                    assertThat(check.detail()).contains("names no backupTarget");
                });

        longhorn.delete(ResourceType.BACKUPS, name);
        while (!left(ResourceType.BACKUPS).isEmpty()
                || longhorn.find(ResourceType.BACKUPS, name).isPresent()) {
            Thread.onSpinWait();
        }
        Verification gone = engine.verify(job, id, Level.STORED).verification();
        assertThat(gone.passed()).isFalse();
        assertThat(gone.checks()).anySatisfy(check -> assertThat(check.detail()).contains("Longhorn does not know it"));
    }

    @Test
    void withoutTheTargetNoImageCanBeWritten() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        Job job = job(Map.of()).build();
        BackupId id = idOf(run(job));
        RestoreRequest request = new RestoreRequest(
                new RestoreTarget.Place(directory.resolve("images").toString()),
                List.of(),
                ConfigurationRecord.of(LonghornRestoreOptions.class, Map.of("as", "image")),
                RestoreRequest.Consent.NOT_GIVEN,
                RestoreRequest.Mode.EXECUTE);

        assertThatThrownBy(() -> engine.restore(job, id, request))
                .hasMessageContaining("where Longhorn keeps the blocks");
    }

    /** A RecurringJob that reports success every week, and not one volume was ever backed up. */
    @Test
    void theSituationThatLooksFineAndProtectsNothingFailsLoudly() {
        longhorn.object(ResourceType.RECURRING_JOBS, "longhorn-system", """
                        {"metadata": {"name": "weekly-bak"}, "spec": {"name": "weekly-bak", "task": "backup",
                         "groups": ["weekly"], "cron": "0 3 * * 0", "retain": 1, "concurrency": 1},
                         "status": {"executionCount": 52}}
                        """)
                .volume(VolumeSeed.named("pvc-1").claim(claim("platform", "registry")))
                .volume(VolumeSeed.named("pvc-2").claim(claim("platform", "data-postgresql-0")));
        longhorn.edit(
                new ObjectKey(ResourceType.CLAIMS, "platform", "registry"),
                object -> object.withObjectProperty("metadata")
                        .withObjectProperty("annotations")
                        .put("longhorn.io/recurring-jobs", "weekly-bak"));
        longhorn.edit(
                ResourceType.BACKUP_TARGETS,
                "default",
                target -> target.withObjectProperty("spec").put("backupTargetURL", "s3://lvs-backups@nbg1"));

        RunReport report = run(job(Map.of("recurringJob", "weekly-bak")).build());

        assertThat(report.outcome()).isEqualTo(Outcome.EMPTY);
        assertThat(report.failures()).extracting(Failure::kind).contains(Kind.EMPTY);
        assertThat(report.failures().toString())
                .contains("none of its 2 volumes is selected")
                .contains("platform/registry (pvc-1): has no label recurring-job.longhorn.io/weekly-bak=enabled")
                .contains("annotation longhorn.io/recurring-jobs, which means nothing to Longhorn")
                .contains("s3://lvs-backups@nbg1 lacks the slash at its end")
                .contains("write s3://lvs-backups@nbg1/ in BackupTarget default");
    }
}
