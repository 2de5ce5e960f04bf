package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.longhorn.LonghornFixture.Run;
import cloud.lvs.backup.provider.longhorn.VolumeDefinitions.Workload;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Readiness;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Upload;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.ItemResult.Status;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups of volumes through a Longhorn that is played: what becomes of each, whatever happens meanwhile. */
@Tag("today")
class ClusterCaptureTest {
    private ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private LonghornFixture fixture = new LonghornFixture(longhorn);

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private void use(String version) {
        longhorn.close();
        longhorn = ScriptedLonghorn.start(version);
        fixture = new LonghornFixture(longhorn);
    }

    private ItemResult failed(Run run) {
        assertThat(run.report().items())
                .singleElement()
                .satisfies(item -> assertThat(item.status()).isEqualTo(Status.FAILED));
        return run.report().items().get(0);
    }

    private List<ObjectNode> backups() {
        return longhorn.list(ResourceType.BACKUPS);
    }

    private List<String> snapshots() {
        return longhorn.list(ResourceType.SNAPSHOTS).stream()
                .filter(snapshot -> !snapshot.path("metadata").has("deletionTimestamp"))
                .map(snapshot -> snapshot.at("/metadata/name").asText())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5.5", "1.6.4", "1.7.3", "1.8.2", "1.9.2", "1.10.2", "1.11.3", "1.12.1"})
    void aVolumeBecomesABackupInTheTargetAndARecord(String version) throws Exception {
        use(version);
        longhorn.volume("pvc-1", claim("shop", "data"));

        Run run = fixture.capture("k7f3q2xw", Map.of());

        assertThat(run.item("shop/data").status()).isEqualTo(Status.DONE);
        VolumeRecord record = VolumeRecord.in(run.backup());
        assertThat(record.volume()).isEqualTo("pvc-1");
        assertThat(record.item()).isEqualTo("shop/data");
        assertThat(record.volumeSizeBytes()).isEqualTo(1L << 30);
        assertThat(longhorn.stores().backups(ScriptedLonghorn.TARGET_URL, "pvc-1"))
                .containsOnlyKeys(record.backup());
        assertThat(record.labels())
                .containsEntry("backup.lvs.cloud/job", "volumes")
                .containsEntry("backup.lvs.cloud/run", "k7f3q2xw")
                .containsKey("KubernetesStatus");
        assertThat(run.artifacts().intents())
                .singleElement()
                .satisfies(intent -> assertThat(intent.reference()).isEqualTo("longhorn-system/" + record.backup()));
        assertThat(run.report().source()).containsEntry("longhornVersion", version);
        assertThat(run.context().warnings()).isEmpty();
    }

    @Test
    void theRecordHoldsWhatGivesAVolumeBackToItsClaim() throws Exception {
        longhorn.volume(
                VolumeSeed.named("pvc-1").claim(claim("shop", "data-db-0")).statefulSet("db", 3));

        VolumeRecord record =
                VolumeRecord.in(fixture.capture("k7f3q2xw", Map.of()).backup());

        VolumeDefinitions kept = requireNonNull(record.definitions());
        assertThat(kept.url()).isEqualTo(ScriptedLonghorn.TARGET_URL + "?backup=" + record.backup() + "&volume=pvc-1");
        assertThat(kept.target()).isEqualTo("default");
        assertThat(kept.targetUrl()).isEqualTo(ScriptedLonghorn.TARGET_URL);
        assertThat(kept.workloads()).containsExactly(new Workload("StatefulSet", "db", 3));
        JsonNode claim = requireNonNull(kept.claim());
        assertThat(claim.at("/metadata/name").asText()).isEqualTo("data-db-0");
        assertThat(claim.at("/spec/volumeName").asText()).isEqualTo("pvc-1");
        assertThat(claim.path("metadata").has("uid")).isFalse();
        assertThat(claim.has("status")).isFalse();
        assertThat(claim.at("/metadata/annotations").has("pv.kubernetes.io/bind-completed"))
                .isFalse();
        assertThat(requireNonNull(kept.persistentVolume())
                        .at("/spec/csi/volumeHandle")
                        .asText())
                .isEqualTo("pvc-1");
        assertThat(requireNonNull(kept.persistentVolume()).at("/spec/claimRef").has("uid"))
                .isFalse();
        assertThat(requireNonNull(kept.storageClass()).path("provisioner").asText())
                .isEqualTo("driver.longhorn.io");
        assertThat(requireNonNull(kept.volume()).at("/spec/numberOfReplicas").asInt())
                .isEqualTo(3);
        assertThat(requireNonNull(kept.volume()).path("spec").has("nodeID")).isFalse();
        assertThat(record.storageClass()).isEqualTo("longhorn");
    }

    @Test
    void aDeploymentIsKnownByItsReplicaSet() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "data")).deployment("web", 2));

        VolumeRecord record =
                VolumeRecord.in(fixture.capture("k7f3q2xw", Map.of()).backup());

        assertThat(requireNonNull(record.definitions()).workloads())
                .containsExactly(new Workload("Deployment", "web", 2));
    }

    @Test
    void aDetachedVolumeWithoutAClaimIsBackedUpUnderItsName() throws Exception {
        longhorn.volume("pvc-1");

        assertThat(fixture.capture("k7f3q2xw", Map.of()).item("pvc-1").status()).isEqualTo(Status.DONE);
    }

    @Test
    void manyVolumesNeedOneWatchPerKind() throws Exception {
        IntStream.range(0, 12).forEach(i -> longhorn.volume("pvc-" + i, claim("shop", "data-" + i)));

        Run run = fixture.capture("k7f3q2xw", Map.of("concurrency", 4));

        assertThat(run.report().items())
                .hasSize(12)
                .allSatisfy(item -> assertThat(item.status()).isEqualTo(Status.DONE));
        assertThat(longhorn.server().requests().stream().filter(request -> request.contains("watch=true")))
                .hasSize(3);
        assertThat(run.context().progress())
                .anySatisfy(progress -> assertThat(progress.doneBytes()).isEqualTo(progress.totalBytes()));
    }

    @Test
    void aFailedVolumeLeavesTheOthersAloneAndNothingBehind() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "good")).volume("pvc-2", claim("shop", "bad"));
        longhorn.script().upload("pvc-2", new Upload.Fails(40, "no space left on device"));

        Run run = fixture.capture("k7f3q2xw", Map.of());

        assertThat(run.item("shop/good").status()).isEqualTo(Status.DONE);
        ItemResult bad = run.item("shop/bad");
        assertThat(bad.status()).isEqualTo(Status.FAILED);
        assertThat(bad.reason()).contains("volume pvc-2", "ended as Error", "no space left on device");
        assertThat(bad.kind()).isEqualTo(Kind.SOURCE);
        assertThat(bad.remedy()).isNotBlank();
        assertThat(backups())
                .noneMatch(backup -> backup.at("/status/state").asText().equals("Error"));
        assertThat(snapshots()).hasSize(1);
    }

    @Test
    void aSnapshotThatIsNeverReadyEndsWithItsReason() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().snapshot("pvc-1", new Readiness.Never("engine does not answer"));

        ItemResult failed = failed(fixture.capture("k7f3q2xw", Map.of("startTimeout", "2m")));

        assertThat(failed.reason()).contains("is not ready after 2m", "engine does not answer");
        assertThat(snapshots()).isEmpty();
    }

    @Test
    void aSnapshotThatVanishesIsToldAtOnce() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().snapshot("pvc-1", new Readiness.Vanishes());

        assertThat(failed(fixture.capture("k7f3q2xw", Map.of())).reason())
                .contains("its snapshot")
                .containsPattern("is gone|is being deleted");
    }

    @Test
    void aBackupThatIsStuckIsGivenUpAndDeleted() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().upload("pvc-1", new Upload.Stuck(17));

        ItemResult failed = failed(fixture.capture("k7f3q2xw", Map.of("stallTimeout", "5m")));

        assertThat(failed.reason()).contains("stands still at 17 %", "5m");
        assertThat(backups()).allMatch(backup -> backup.path("metadata").has("deletionTimestamp"));
    }

    @Test
    void aBackupThatOnlyComparesMayTakeItsTime() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().upload("pvc-1", new Upload.Stuck(0));

        ItemResult failed =
                failed(fixture.capture("k7f3q2xw", Map.of("stallTimeout", "1m", "firstProgressTimeout", "4m")));

        assertThat(failed.reason()).contains("stands still at 0 %", "4m");
    }

    @Test
    void completedWithAnErrorIsNoBackup() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().upload("pvc-1", new Upload.CompletedWithError(85, "failed to write block"));

        assertThat(failed(fixture.capture("k7f3q2xw", Map.of())).reason())
                .contains("Completed at 85 %", "failed to write block");
    }

    @Test
    void completedButNeverReadBackIsNoBackup() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().upload("pvc-1", new Upload.NeverSynced());

        assertThat(failed(fixture.capture("k7f3q2xw", Map.of("stallTimeout", "2m")))
                        .reason())
                .contains("stands still", "Completed");
    }

    @Test
    void aStateThatComesAndGoesIsWaitedOut() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().upload("pvc-1", new Upload.Flaps(3));

        assertThat(fixture.capture("k7f3q2xw", Map.of()).item("shop/data").status())
                .isEqualTo(Status.DONE);
    }

    @Test
    void aLockInTheTargetIsWaitedFor() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script()
                .upload(
                        "pvc-1",
                        new Upload.Fails(
                                0,
                                "failed to acquire lock lock-0123456789abcdef type 1 when performing backup create"));
        java.time.Instant begun = longhorn.clock().instant();

        Run run = fixture.capture("k7f3q2xw", Map.of());

        assertThat(run.item("shop/data").status()).isEqualTo(Status.DONE);
        assertThat(VolumeRecord.in(run.backup()).backup()).endsWith("-2");
        assertThat(run.artifacts().intents()).hasSize(2);
        assertThat(Duration.between(begun, longhorn.clock().instant())).isGreaterThan(Duration.ofSeconds(150));
    }

    @Test
    void everyNthBackupOfAVolumeIsFull() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));

        List<String> modes = new java.util.ArrayList<>();
        for (String id : List.of("run1", "run2", "run3", "run4", "run5", "run6")) {
            modes.add(
                    VolumeRecord.in(fixture.capture(id, Map.of("fullEvery", 3)).backup())
                            .mode());
        }

        assertThat(modes)
                .containsExactly("incremental", "incremental", "incremental", "full", "incremental", "incremental");
    }

    @Test
    void ofItsOwnSnapshotsAJobKeepsTheOneBehindTheNewestBackup() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        fixture.capture("run1", Map.of());
        Run second = fixture.capture("run2", Map.of());

        assertThat(snapshots()).containsExactly(VolumeRecord.in(second.backup()).snapshot());
    }

    @Test
    void aVolumeThatIsDeletedHalfWayIsToldSo() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().upload("pvc-1", new Upload.Stuck(17));
        Thread deleter = new Thread(() -> {
            while (backups().isEmpty()) {
                Thread.onSpinWait();
            }
            longhorn.delete(ResourceType.VOLUMES, "pvc-1");
        });
        deleter.start();

        ItemResult failed = failed(fixture.capture("k7f3q2xw", Map.of()));
        deleter.join();

        assertThat(failed.reason()).startsWith("volume pvc-1: ");
    }

    @Test
    void aWatchThatExpiresAndOneThatIsCutCostNothing() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.script().uploadsTake(Duration.ofSeconds(60));
        Thread cutter = new Thread(() -> {
            while (backups().isEmpty()) {
                Thread.onSpinWait();
            }
            longhorn.server().expireWatches();
            longhorn.server().cutWatches();
        });
        cutter.start();

        Run run = fixture.capture("k7f3q2xw", Map.of());
        cutter.join();

        assertThat(run.item("shop/data").status()).isEqualTo(Status.DONE);
    }

    @Test
    void aWebhookThatIsAwayForTwentySecondsIsSurvived() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.stopManagers();
        Thread starter = new Thread(() -> {
            var until = longhorn.clock().instant().plusSeconds(20);
            while (longhorn.clock().instant().isBefore(until)) {
                Thread.onSpinWait();
            }
            longhorn.startManagers();
        });
        try (ClusterSource source = fixture.source(Map.of())) {
            var run = fixture.run("k7f3q2xw");
            run.knowing(source.inventory(run));
            starter.start();

            var report = source.capture(new cloud.lvs.backup.contract.InMemoryArtifacts(), run);

            assertThat(report.items())
                    .singleElement()
                    .satisfies(item -> assertThat(item.status()).isEqualTo(Status.DONE));
        }
        starter.join();
    }

    @Test
    void aMissingRightIsNamedWithTheRuleToAdd() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.access().forbid("create", "backups");

        ItemResult failed = failed(fixture.capture("k7f3q2xw", Map.of()));

        assertThat(failed.kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(failed.reason()).contains("may not create backups.longhorn.io");
        assertThat(failed.remedy()).contains("resources: [backups], verbs: [create]");
    }

    @Test
    void definitionsThatMayNotBeReadAreMissedAndToldOnce() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "a")).volume("pvc-2", claim("shop", "b"));
        longhorn.access().forbid("list", "persistentvolumes");
        longhorn.access().forbid("get", "persistentvolumes");

        Run run = fixture.capture("k7f3q2xw", Map.of());

        assertThat(run.report().items())
                .allSatisfy(item -> assertThat(item.status()).isEqualTo(Status.DONE));
        assertThat(run.context().warnings()).singleElement().asString().contains("persistentvolumes", "verbs: [get]");
    }

    @Test
    void anExpiredTokenEndsTheRun() {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.access().expireToken();

        assertThatThrownBy(() -> fixture.source(Map.of()).inventory(fixture.run("k7f3q2xw")))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS));
    }

    @Test
    void whatIsOnlyTriedMakesNothing() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));

        try (ClusterSource source = fixture.source(Map.of())) {
            assertThat(source.preflight(fixture.run("k7f3q2xw"))).isEmpty();
            assertThat(source.inventory(fixture.run("k7f3q2xw"))).hasSize(1);
        }

        assertThat(backups()).isEmpty();
        assertThat(longhorn.list(ResourceType.SNAPSHOTS)).isEmpty();
        assertThat(longhorn.server().requests()).noneMatch(request -> request.startsWith("POST"));
    }
}
