package cloud.lvs.backup.provider.longhorn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.controller.Requests.Outcome;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that is wrong in one point, and how it is refused: the rules of docs/longhorn-controller.md for requests. */
@Tag("today")
class AdmissionRulesTest {
    private static final String SPEC = "{'snapshotName':'s1','labels':{}}";
    private static final String EOF = "/v1/webhook/mutation?timeout=10s\": EOF";

    @ParameterizedTest
    @ValueSource(strings = {"1.5.5", "1.9.2"})
    void aBackupWithoutTheLabelOfItsVolumeMakesTheWebhookPanic(String version) {
        try (Scene scene = new Scene(version)) {
            refused(scene.backup("b-1", "{}", SPEC), 500, EOF);
        }
    }

    @Test
    void aBackupWithNeitherLabelNorSnapshotMakesTheWebhookPanic() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(scene.backup("b-1", "{}", "{'labels':{}}"), 500, EOF);
        }
    }

    @Test
    void labelsWithLonghornsPrefixAreNotTheLabels() {
        try (Scene scene = new Scene("1.9.2")) {
            refused(scene.backup("b-1", "{'longhorn.io/backup-volume':'pvc-1'}", SPEC), 500, EOF);
        }
    }

    @Test
    void aBackupWithoutSnapshotHasNoBlockSize() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(scene.backup("b-1", Scene.LABELS, "{'labels':{}}"), 422, "unsupported BackupBlockSize: 0");
        }
    }

    @Test
    void theVolumeOfTheLabelMustBeThatOfTheSnapshot() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().volume("pvc-2");
            refused(scene.backup("b-1", "{'backup-volume':'pvc-2'}", SPEC), 422, "does not match");
        }
    }

    @Test
    void theTargetOfTheLabelMustBeThatOfTheVolume() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.requests()
                    .create(
                            "backuptargets",
                            "{'metadata':{'name':'second'},'spec':{'backupTargetURL':'s3://lvs@x/2/'}}");
            scene.longhorn().editStatus(ResourceType.BACKUP_TARGETS, "second", status -> status.put("available", true));
            refused(
                    scene.backup("b-1", "{'backup-volume':'pvc-1','backup-target':'second'}", SPEC),
                    422,
                    "volume backup target default and label backup target second does not match");
        }
    }

    @Test
    void aTargetThatIsNotAvailableTakesNoBackups() {
        try (Scene scene = new Scene("1.9.2")) {
            scene.longhorn()
                    .editStatus(ResourceType.BACKUP_TARGETS, "default", status -> status.put("available", false));
            refused(scene.backup("b-1"), 422, "backup target default is not available");
        }
    }

    @Test
    void theSnapshotMustBeThere() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(
                    scene.backup("b-1", Scene.LABELS, "{'snapshotName':'s9','labels':{}}"),
                    422,
                    "snapshot <nil> is invalid");
        }
    }

    @Test
    void theModeOfABackupMustBeKnown() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(
                    scene.backup("b-1", Scene.LABELS, "{'snapshotName':'s1','labels':{},'backupMode':'Full'}"),
                    422,
                    "spec.backupMode: Unsupported value");
        }
    }

    @Test
    void theNameOfABackupFollowsTheStore() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(scene.backup("b"), 422, "invalid name b");
            refused(scene.backup("Backup-1"), 422, "metadata.name: Invalid value");
        }
    }

    @Test
    void theBlockSizeOfABackupCannotChange() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.backup("b-1");
            refused(
                    scene.requests().patch("backups/b-1", "{'spec':{'backupBlockSize':'16777216'}}"),
                    422,
                    "changing backup block size for backup b-1 is not supported");
        }
    }

    @Test
    void aWrongTypeIsAnsweredByTheWebhookWith500() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(
                    scene.backup("b-1", Scene.LABELS, "{'snapshotName':1,'labels':{}}"),
                    500,
                    "denied the request: json: cannot unmarshal number into Go struct field BackupSpec.spec.snapshotName");
            refused(
                    scene.requests().patch("backuptargets/default", "{'spec':{'syncRequestedAt':'now'}}"),
                    500,
                    "parsing time \"now\"");
        }
    }

    @Test
    void anObjectWithoutSpecIsAnsweredWith500() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(
                    scene.requests().create("backups", "{'metadata':{'name':'b-1','labels':" + Scene.LABELS + "}}"),
                    500,
                    "replace operation does not apply: doc is missing path: /spec/labels");
        }
    }

    @Test
    void aStrategicMergePatchIs415() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(
                    scene.requests()
                            .send("PATCH", "snapshots/s1", "application/strategic-merge-patch+json", "{'metadata':{}}"),
                    415,
                    "accepted media types include");
        }
    }

    @Test
    void aDryRunIsJudgedAndNotStored() {
        try (Scene scene = new Scene("1.12.1")) {
            String body = "{'metadata':{'name':'b-1','labels':" + Scene.LABELS + "},'spec':" + SPEC + "}";
            assertThat(scene.requests().create("backups?dryRun=All", body).code())
                    .isEqualTo(201);
            assertThat(scene.there("backups/b-1")).isFalse();
            refused(scene.requests().create("backups?dryRun=All", body.replace("s1", "s9")), 422, "is invalid");
        }
    }

    @Test
    void aStatusIsNotTakenFromTheMainResource() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.requests().patch("snapshots/s1", "{'status':{'readyToUse':false}}");
            assertThat(scene.status("snapshots/s1").path("readyToUse").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void theFinalizerOfALiveObjectComesBack() {
        try (Scene scene = new Scene("1.12.1")) {
            assertThat(scene.requests()
                            .patch("snapshots/s1", "{'metadata':{'finalizers':null}}")
                            .code())
                    .isEqualTo(200);
            assertThat(scene.requests()
                            .get("snapshots/s1")
                            .body()
                            .at("/metadata/finalizers/0")
                            .asText())
                    .isEqualTo("longhorn.io");
        }
    }

    @Test
    void aSnapshotNeedsItsVolumeAndKeepsIt() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(scene.snapshot("s2", "pvc-9"), 422, "failed to get volume pvc-9");
            refused(
                    scene.requests().patch("snapshots/s1", "{'spec':{'volume':'pvc-2'}}"),
                    422,
                    "spec.volume field is immutable");
        }
    }

    @Test
    void aSnapshotOfALongNameCannotBeDeleted() {
        String name = "s".repeat(64);
        try (Scene scene = new Scene("1.12.1");
                Scene older = new Scene("1.11.3")) {
            scene.snapshot(name, "pvc-1");
            older.snapshot(name, "pvc-1");
            refused(scene.requests().delete("snapshots/" + name), 500, "must be no more than 63 bytes");
            assertThat(older.requests().delete("snapshots/" + name).code()).isEqualTo(200);
        }
    }

    @Test
    void aVolumeNeedsItsFrontendAndReplicas() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            refused(
                    scene.requests()
                            .create(
                                    "volumes",
                                    "{'metadata':{'name':'v1'},'spec':{'fromBackup':'" + scene.url("b-1")
                                            + "','numberOfReplicas':1}}"),
                    422,
                    "invalid volume frontend specified");
            refused(
                    scene.requests()
                            .create(
                                    "volumes",
                                    "{'metadata':{'name':'v1'},'spec':{'fromBackup':'" + scene.url("b-1")
                                            + "','frontend':'blockdev'}}"),
                    422,
                    "the default-replica-count setting value for data engine  is not defined");
        }
    }

    @Test
    void theNameOfAVolumeIsRewrittenOrRefused() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            Outcome made = scene.restore("pvc-3f3bd369-2ab6-43ea-aff5-c8455a1dca9a-restored-by-lvs-backup", "b-1");
            assertThat(made.body().at("/metadata/name").asText()).isEqualTo("pvc-3f3bd369-2ab6-43ea-aff5-c84-fc70fb5b");
            refused(scene.restore("a.b", "b-1"), 422, "must not contain dots");
        }
    }

    @Test
    void aRestoreNeedsItsBackupAndBackupVolume() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            refused(scene.restore("v1", "b-9"), 422, "failed to get backup b-9");
            scene.longhorn()
                    .list(ResourceType.BACKUP_VOLUMES)
                    .forEach(object -> scene.longhorn()
                            .purge(
                                    ResourceType.BACKUP_VOLUMES,
                                    object.at("/metadata/name").asText()));
            refused(scene.restore("v1", "b-1"), 422, "cannot get backup volume");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.7.3", "1.12.1"})
    void aRestoreOfABackupThatWasNotReadBack(String version) {
        try (Scene scene = new Scene(version).completed("b-1")) {
            scene.longhorn().stopManagers();
            scene.longhorn().server().startWebhooks();
            scene.longhorn().editStatus(ResourceType.BACKUPS, "b-1", status -> status.removeAll());
            Outcome made = scene.restore("v1", "b-1");
            if (version.equals("1.7.3")) {
                assertThat(made.body().at("/spec/size").asText()).as("2 MiB").isEqualTo("2097152");
            } else {
                refused(made, 422, "backup target name and volume name cannot be empty");
            }
        }
    }

    @Test
    void theSizeOfARestoreIsTheBackups() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            assertThat(scene.restore("v1", "b-1").body().at("/spec/size").asText())
                    .isEqualTo(Long.toString(1L << 30));
        }
    }

    @Test
    void aTargetsUrlAndSecretAreLookedAt() {
        try (Scene scene = new Scene("1.12.1")) {
            refused(
                    scene.requests()
                            .create(
                                    "backuptargets",
                                    "{'metadata':{'name':'t1'},'spec':{'backupTargetURL':'"
                                            + ScriptedLonghorn.TARGET_URL + "'}}"),
                    422,
                    "is the same to backup target default");
            scene.requests()
                    .create(
                            "/api/v1/namespaces/longhorn-system/secrets",
                            "{'metadata':{'name':'sec1'},'stringData':{'AWS_SECRET_ACCESS_KEY':'abc\\n'}}");
            refused(
                    scene.requests().patch("backuptargets/default", "{'spec':{'credentialSecret':'sec1'}}"),
                    422,
                    "invalid trailing newline in AWS_SECRET_ACCESS_KEY");
            refused(scene.requests().delete("backuptargets/default"), 422, "deleting default backup target");
        }
    }

    @Test
    void aStandbyVolumeKeepsTargetsFromChanging() {
        try (Scene scene = new Scene("1.12.1")) {
            scene.longhorn().editStatus(ResourceType.VOLUMES, "pvc-1", status -> status.put("isStandby", true));
            refused(
                    scene.requests().patch("backuptargets/default", "{'spec':{'backupTargetURL':'s3://b@r/'}}"),
                    422,
                    "there are existing standby volumes: map[pvc-1:{}]");
        }
    }

    @Test
    void aRecurringJobIsLookedAt() {
        try (Scene scene = new Scene("1.12.1")) {
            String job = "{'metadata':{'name':'weekly'},'spec':{'task':'backup','cron':'0 3 * * 0','retain':%s}}";
            refused(scene.requests().create("recurringjobs", job.formatted("101")), 422, "less than or equal to 100");
            refused(
                    scene.requests().create("recurringjobs", job.formatted("1,'labels':{'KubernetesStatus':'x'}")),
                    422,
                    "reserved keyword KubernetesStatus");
        }
    }

    @Test
    void withoutWebhooksEveryWriteButTheDeletionOfABackupFails() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            scene.longhorn().server().stopWebhooks();
            refused(scene.backup("b-2"), 500, "failed calling webhook \"mutator.longhorn.io\"");
            assertThat(scene.requests().delete("backups/b-1").code()).isEqualTo(200);
        }
    }

    @Test
    void v1beta1IsServedUpTo18() {
        String path = "/apis/longhorn.io/v1beta1/namespaces/longhorn-system/volumes";
        try (Scene older = new Scene("1.8.2");
                Scene newer = new Scene("1.9.2")) {
            assertThat(older.requests().get(path).code()).isEqualTo(200);
            assertThat(newer.requests().get(path).code()).isEqualTo(404);
        }
    }

    @Test
    void aDryRunOfTheObjectOnlyLabelLabelsTheBackupsAllTheSame() {
        try (Scene scene = new Scene("1.12.1").completed("b-1")) {
            String name = scene.longhorn()
                    .list(ResourceType.BACKUP_VOLUMES)
                    .get(0)
                    .at("/metadata/name")
                    .asText();
            scene.requests()
                    .patch(
                            "backupvolumes/" + name + "?dryRun=All",
                            "{'metadata':{'labels':{'longhorn.io/delete-custom-resource-only':''}}}");
            assertThat(scene.requests()
                            .get("backups/b-1")
                            .body()
                            .at("/metadata/labels")
                            .toString())
                    .contains("delete-custom-resource-only");
        }
    }

    private static void refused(Outcome outcome, int code, String message) {
        assertThat(outcome.message()).contains(message);
        assertThat(outcome.code()).isEqualTo(code);
    }
}
