package cloud.lvs.backup.provider.longhorn.controller;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Restore;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Upload;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Lock;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Work;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that believes too early or too much: the rules of docs/longhorn-controller.md for what the controllers do. */
@Tag("today")
class ControllerRulesTest {
    @Test
    void completedComesBeforeTheBackupWasReadBack() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.backup("b-1");
            while (!scene.state("backups/b-1").equals("Completed")) {
                scene.pass(0.05);
            }
            assertThat(scene.status("backups/b-1").has("url")).isFalse();
            assertThat(scene.status("backups/b-1").has("lastSyncedAt")).isFalse();
            scene.pass(0.2);
            assertThat(scene.status("backups/b-1").path("url").asText()).isEqualTo(scene.url("b-1"));
        }
    }

    @Test
    void longhornAddsNoClaimToABackup() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().volume("pvc-2", claim("db", "data"));
            scene.snapshot("s2", "pvc-2");
            scene.pass(3);
            scene.backup("b-2", "{'backup-volume':'pvc-2'}", "{'snapshotName':'s2','labels':{}}");
            scene.pass(6);
            assertThat(scene.status("backups/b-2").path("labels").has("KubernetesStatus"))
                    .isFalse();
        }
    }

    @Test
    void anErrorIsFinal() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().script().upload("pvc-1", new Upload.Fails(40, "no space left on device"));
            scene.backup("b-1");
            scene.pass(3600);
            assertThat(scene.state("backups/b-1")).isEqualTo("Error");
        }
    }

    @Test
    void aFailedBackupIsRemovedOnlyWhereItsVolumeHasABackupVolume() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.setting("failed-backup-ttl", "1");
            scene.target("{'pollInterval':'0s'}");
            scene.pass(1);
            scene.longhorn().script().upload("pvc-1", new Upload.Fails(40, "x"));
            scene.backup("b-1");
            scene.pass(600);
            assertThat(scene.there("backups/b-1")).isTrue();
            scene.completed("b-2");
            scene.pass(120);
            assertThat(scene.there("backups/b-1")).isFalse();
        }
    }

    @Test
    void aBackupInAnotherNamespaceIsNeverLookedAt() {
        try (Scene scene = new Scene("1.12.1")) {
            String path = "/apis/longhorn.io/v1beta2/namespaces/shop/backups";
            scene.requests()
                    .create(
                            path,
                            "{'metadata':{'name':'b-1','labels':" + Scene.LABELS
                                    + "},'spec':{'snapshotName':'s1','labels':{}}}");
            scene.pass(3600);
            assertThat(scene.requests().get(path + "/b-1").body().has("status")).isFalse();
        }
    }

    @Test
    void aDetachedVolumeIsAttachedForItsSnapshotAndLetGo() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().volume("pvc-2");
            scene.snapshot("s2", "pvc-2");
            scene.pass(1);
            assertThat(scene.status("snapshots/s2").path("error").asText()).contains("Waiting for the volume");
            scene.pass(5);
            assertThat(scene.status("snapshots/s2").path("readyToUse").asBoolean())
                    .isTrue();
            assertThat(scene.status("snapshots/s2").path("error").asText()).isEmpty();
            scene.pass(5);
            assertThat(scene.state("volumes/pvc-2")).isEqualTo("detached");
        }
    }

    @Test
    void aSnapshotOfAFaultedVolumeWaitsForEver() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().volume(VolumeSeed.named("pvc-2").faulted());
            scene.snapshot("s2", "pvc-2");
            scene.pass(3600);
            assertThat(scene.status("snapshots/s2").path("readyToUse").asBoolean())
                    .isFalse();
        }
    }

    @Test
    void theSnapshotBehindTheVolumesHeadStaysMarked() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.requests().delete("snapshots/s1");
            scene.pass(120);
            assertThat(scene.status("snapshots/s1").path("markRemoved").asBoolean())
                    .isTrue();
            scene.snapshot("s2", "pvc-1");
            scene.pass(60);
            assertThat(scene.there("snapshots/s1")).isFalse();
        }
    }

    @Test
    void aBackupWaitsWhileAnotherOfItsVolumeIsDeleted() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.requests().delete("backups/b-1");
            scene.pass(0.3);
            scene.backup("b-2");
            scene.pass(1);
            assertThat(scene.state("backups/b-2")).isEqualTo("Pending");
            scene.pass(90);
            assertThat(scene.state("backups/b-2")).isEqualTo("Completed");
        }
    }

    @Test
    void aBackupThatMeetsTheLockOfADeletionFailsAtOnce() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            lock(scene, Work.DELETION);
            scene.backup("b-2");
            scene.pass(2);
            assertThat(scene.status("backups/b-2").path("error").asText())
                    .startsWith("failed to acquire lock")
                    .contains("when performing backup create/restore");
        }
    }

    @Test
    void aDeletedBackupLeavesItsStoreAtOnceAndItsObjectAtTheResync() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.pass(30 - scene.longhorn().clock().millis() % 1);
            scene.requests().delete("backups/b-1");
            scene.pass(0.5);
            assertThat(scene.state("backups/b-1")).isEqualTo("Deleting");
            scene.pass(3);
            assertThat(scene.stored("b-1")).isFalse();
            scene.pass(35);
            assertThat(scene.there("backups/b-1")).isFalse();
        }
    }

    @Test
    void aBackupDeletedWhileItsTargetIsUnavailableComesBack() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.longhorn().stores().disconnect();
            scene.longhorn()
                    .editStatus(ResourceType.BACKUP_TARGETS, "default", status -> status.put("available", false));
            scene.requests().delete("backups/b-1");
            scene.pass(1);
            assertThat(scene.there("backups/b-1")).isFalse();
            assertThat(scene.stored("b-1")).isTrue();
            scene.longhorn().stores().reconnect();
            scene.pass(60);
            scene.target("{'syncRequestedAt':'" + scene.longhorn().clock().instant() + "'}");
            scene.pass(60);
            assertThat(scene.state("backups/b-1")).isEqualTo("Completed");
            assertThat(scene.requests()
                            .get("backups/b-1")
                            .body()
                            .at("/spec/snapshotName")
                            .asText())
                    .isEmpty();
            assertThat(scene.status("backups/b-1").path("progress").asInt()).isZero();
        }
    }

    @Test
    void aDeletionThatMeetsALockIsAnErrorAndTriedAgain() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            lock(scene, Work.BACKUP_OR_RESTORE);
            scene.requests().delete("backups/b-1");
            scene.pass(35);
            assertThat(scene.state("backups/b-1")).isEqualTo("Error");
            assertThat(scene.status("backups/b-1").at("/messages/error").asText())
                    .contains("failed to acquire lock");
            scene.pass(300);
            assertThat(scene.there("backups/b-1")).isFalse();
        }
    }

    @Test
    void aDeletionWhoseStoreIsGoneSaysNothing() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.target("{'pollInterval':'0s'}");
            scene.pass(60);
            scene.longhorn().stores().disconnect();
            scene.requests().delete("backups/b-1");
            scene.pass(120);
            assertThat(scene.state("backups/b-1")).isEqualTo("Deleting");
            assertThat(scene.status("backups/b-1").has("messages")).isFalse();
            scene.longhorn().stores().reconnect();
            scene.pass(60);
            assertThat(scene.there("backups/b-1")).isFalse();
        }
    }

    @Test
    void anEngineThatRestoresHoldsADeletionBack() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.longhorn().script().restoresTake(Duration.ofMinutes(5));
            scene.restore("v1", "b-1");
            scene.pass(5);
            scene.requests().delete("backups/b-1");
            scene.pass(120);
            assertThat(scene.state("backups/b-1")).isEqualTo("Completed");
            assertThat(scene.stored("b-1")).isTrue();
            scene.pass(400);
            assertThat(scene.there("backups/b-1")).isFalse();
        }
    }

    @Test
    void beforeTheEnginesFirstReportNothingProtectsARestore() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.restore("v1", "b-1");
            scene.requests().delete("backups/b-1");
            scene.pass(3);
            assertThat(scene.status("volumes/v1").path("restoreRequired").asBoolean())
                    .isTrue();
            assertThat(scene.stored("b-1")).isFalse();
        }
    }

    @Test
    void withoutItsTargetsLabelABackupIsStuck() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.requests().patch("backups/b-1", "{'metadata':{'labels':{'backup-target':null}}}");
            scene.requests().delete("backups/b-1");
            scene.pass(3600);
            assertThat(scene.state("backups/b-1")).isEqualTo("Completed");
            assertThat(scene.stored("b-1")).isTrue();
        }
    }

    @Test
    void theObjectOnlyLabelLeavesTheDataWhateverItsValue() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.requests()
                    .patch(
                            "backups/b-1",
                            "{'metadata':{'labels':{'longhorn.io/delete-custom-resource-only':'false'}}}");
            scene.requests().delete("backups/b-1");
            scene.pass(1);
            assertThat(scene.there("backups/b-1")).isFalse();
            assertThat(scene.stored("b-1")).isTrue();
        }
    }

    @Test
    void aDeletedBackupVolumeErasesEveryBackup() {
        try (Scene scene = new Scene("1.12.1").completed("b-1").completed("b-2")) {
            String name = scene.longhorn()
                    .list(ResourceType.BACKUP_VOLUMES)
                    .get(0)
                    .at("/metadata/name")
                    .asText();
            scene.requests().delete("backupvolumes/" + name);
            scene.pass(3);
            assertThat(scene.there("backups/b-1") || scene.there("backups/b-2")).isFalse();
            assertThat(scene.stored("b-1") || scene.stored("b-2")).isFalse();
        }
    }

    @Test
    void withoutManagersADeletedBackupStaysForEver() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.longhorn().stopManagers();
            scene.requests().delete("backups/b-1");
            scene.pass(3600);
            assertThat(scene.there("backups/b-1")).isTrue();
        }
    }

    @Test
    void aRestoreIsDoneWhenItIsNoLongerRequiredAfterItBegan() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.restore("v1", "b-1");
            scene.pass(0.3);
            assertThat(scene.status("volumes/v1").path("restoreInitiated").asBoolean())
                    .isFalse();
            scene.pass(2);
            JsonNode running = scene.status("volumes/v1");
            assertThat(running.path("restoreInitiated").asBoolean()).isTrue();
            assertThat(running.path("restoreRequired").asBoolean()).isTrue();
            scene.pass(10);
            JsonNode done = scene.status("volumes/v1");
            assertThat(done.path("restoreRequired").asBoolean()).isFalse();
            assertThat(done.path("state").asText()).isEqualTo("detached");
        }
    }

    @Test
    void aRestoreThatFailsIsFaulted() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.longhorn().script().restore("pvc-1", new Restore.Fails("checksum verification failed for block"));
            scene.restore("v1", "b-1");
            scene.pass(60);
            assertThat(scene.status("volumes/v1").path("robustness").asText()).isEqualTo("faulted");
            assertThat(scene.status("volumes/v1").path("conditions").toString()).contains("RestoreFailure");
        }
    }

    @Test
    void aLimitOfZeroLetsNoRestoreBegin() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.setting("concurrent-volume-backup-restore-per-node-limit", "0");
            scene.restore("v1", "b-1");
            scene.pass(3600);
            assertThat(scene.status("volumes/v1").path("restoreInitiated").asBoolean())
                    .isFalse();
        }
    }

    @Test
    void anUnfinishedBackupInTheStoreIsAnObjectWithoutAState() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().script().uploadsTake(Duration.ofHours(10));
            scene.backup("b-1");
            scene.pass(5);
            scene.longhorn().purge(ResourceType.BACKUPS, "b-1");
            scene.target("{'syncRequestedAt':'" + scene.longhorn().clock().instant() + "'}");
            scene.pass(60);
            JsonNode object = scene.requests().get("backups/b-1").body();
            assertThat(object.at("/spec/backupBlockSize").asText()).isEqualTo("-1");
            assertThat(object.at("/status/state").asText()).isEmpty();
        }
    }

    @Test
    void aUrlWithoutSlashIsTakenAndNotAvailable() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.target("{'backupTargetURL':'s3://lvs@eu-central'}");
            scene.pass(3);
            JsonNode status = scene.status("backuptargets/default");
            assertThat(status.path("available").asBoolean()).isFalse();
            assertThat(status.at("/conditions/0/message").asText()).contains("invalid URL");
        }
    }

    @Test
    void aMissingSecretLeavesTheTargetAvailable() {
        try (Scene scene = new Scene("1.12.1")) {
            String before =
                    scene.status("backuptargets/default").path("lastSyncedAt").asText();
            scene.target("{'credentialSecret':'none','syncRequestedAt':'"
                    + scene.longhorn().clock().instant() + "'}");
            scene.pass(3600);
            assertThat(scene.status("backuptargets/default").path("available").asBoolean())
                    .isTrue();
            assertThat(scene.status("backuptargets/default")
                            .path("lastSyncedAt")
                            .asText())
                    .isEqualTo(before);
        }
    }

    @Test
    void anEmptiedUrlRemovesTheObjectsOnly() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.target("{'backupTargetURL':''}");
            scene.pass(3);
            assertThat(scene.there("backups/b-1")).isFalse();
            assertThat(scene.stored("b-1")).isTrue();
        }
    }

    @Test
    void upTo17TheTargetIsWrittenFromSettings() {
        try (Scene scene = new Scene("1.7.3")) {
            scene.target("{'backupTargetURL':'s3://mine@r/'}");
            scene.pass(35);
            assertThat(scene.requests()
                            .get("backuptargets/default")
                            .body()
                            .at("/spec/backupTargetURL")
                            .asText())
                    .isEqualTo(ScriptedLonghorn.TARGET_URL);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.7.3", "1.8.2", "1.12.1"})
    void aBackupVolumeIsNotCalledAsItsVolume(String version) {
        try (Scene scene = new Scene(version).completed("b-1")) {
            assertThat(scene.there("backupvolumes/pvc-1")).isEqualTo(version.equals("1.7.3"));
        }
    }

    @Test
    void aVolumeWithoutJobLabelsJoinsTheDefaultGroup() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().script().labelDefaultGroup();
            scene.longhorn().volume(VolumeSeed.named("pvc-2").label("recurring-job.longhorn.io/typo", "disabled"));
            scene.pass(60);
            String group = "recurring-job-group.longhorn.io/default";
            assertThat(scene.requests()
                            .get("volumes/pvc-1")
                            .body()
                            .at("/metadata/labels")
                            .has(group))
                    .isTrue();
            assertThat(scene.requests()
                            .get("volumes/pvc-2")
                            .body()
                            .at("/metadata/labels")
                            .has(group))
                    .isFalse();
        }
    }

    private static void lock(Scene scene, Work work) {
        scene.longhorn()
                .stores()
                .volumes(ScriptedLonghorn.TARGET_URL)
                .values()
                .forEach(volume -> volume.lock(new Lock(
                        "other", work, scene.longhorn().clock().instant().plusSeconds(150))));
    }
}
