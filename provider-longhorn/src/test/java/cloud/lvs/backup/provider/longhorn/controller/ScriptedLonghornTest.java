package cloud.lvs.backup.provider.longhorn.controller;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("today")
class ScriptedLonghornTest {
    private static final String NAMESPACE = "longhorn-system";

    @ParameterizedTest
    @ValueSource(strings = {"1.5.5", "1.6.4", "1.7.3", "1.8.2", "1.9.2", "1.10.2", "1.11.3", "1.12.1"})
    void takesABackupFromSnapshotToDeletion(String version) throws Exception {
        try (ScriptedLonghorn longhorn = ScriptedLonghorn.start(version).volume("pvc-1", claim("db", "data"));
                KubernetesClient client = longhorn.client()) {
            List<String> seen = new CopyOnWriteArrayList<>();
            CountDownLatch synced = new CountDownLatch(1);
            CountDownLatch gone = new CountDownLatch(1);
            of(client, "snapshots", "Snapshot")
                    .resource(object("Snapshot", "s1", Map.of(), Map.of("volume", "pvc-1", "createSnapshot", true)))
                    .create();
            of(client, "snapshots", "Snapshot")
                    .withName("s1")
                    .waitUntilCondition(
                            snapshot -> Boolean.TRUE.equals(snapshot.get("status", "readyToUse")),
                            10,
                            TimeUnit.SECONDS);
            try (var watch = of(client, "backups", "Backup").watch(new Watcher<GenericKubernetesResource>() {
                @Override
                public void eventReceived(Action action, GenericKubernetesResource backup) {
                    String state = String.valueOf((Object) backup.get("status", "state"));
                    if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(state)) {
                        seen.add(state);
                    }
                    if (backup.get("status", "lastSyncedAt") != null) {
                        synced.countDown();
                    }
                    if (action == Action.DELETED) {
                        gone.countDown();
                    }
                }

                @Override
                public void onClose(WatcherException cause) {}
            })) {
                of(client, "backups", "Backup")
                        .resource(object(
                                "Backup",
                                "backup-1",
                                Map.of("backup-volume", "pvc-1", "backup-target", "default"),
                                Map.of("snapshotName", "s1", "labels", Map.of("lvs-backup-job", "weekly"))))
                        .create();
                assertThat(synced.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(seen).endsWith("InProgress", "Completed");
                GenericKubernetesResource backup =
                        of(client, "backups", "Backup").withName("backup-1").get();
                assertThat((Object) backup.get("status", "url"))
                        .isEqualTo("s3://lvs@eu-central/longhorn/?backup=backup-1&volume=pvc-1");
                assertThat((Object) backup.get("status", "labels", "lvs-backup-job"))
                        .isEqualTo("weekly");
                of(client, "backups", "Backup").withName("backup-1").delete();
                assertThat(gone.await(60, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(longhorn.stores().backups(ScriptedLonghorn.TARGET_URL, "pvc-1"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5.5", "1.12.1"})
    void restoresAVolumeAndDetachesIt(String version) {
        try (ScriptedLonghorn longhorn = ScriptedLonghorn.start(version).volume("pvc-1");
                KubernetesClient client = longhorn.client()) {
            of(client, "snapshots", "Snapshot")
                    .resource(object("Snapshot", "s1", Map.of(), Map.of("volume", "pvc-1", "createSnapshot", true)))
                    .create();
            of(client, "snapshots", "Snapshot")
                    .withName("s1")
                    .waitUntilCondition(
                            snapshot -> Boolean.TRUE.equals(snapshot.get("status", "readyToUse")),
                            10,
                            TimeUnit.SECONDS);
            of(client, "backups", "Backup")
                    .resource(object(
                            "Backup",
                            "backup-1",
                            Map.of("backup-volume", "pvc-1", "backup-target", "default"),
                            Map.of("snapshotName", "s1", "labels", Map.of())))
                    .create();
            GenericKubernetesResource backup = of(client, "backups", "Backup")
                    .withName("backup-1")
                    .waitUntilCondition(
                            one -> one != null && one.get("status", "lastSyncedAt") != null, 10, TimeUnit.SECONDS);
            of(client, "volumes", "Volume")
                    .resource(object(
                            "Volume",
                            "restored",
                            Map.of(),
                            Map.of(
                                    "fromBackup",
                                    (Object) backup.get("status", "url"),
                                    "frontend",
                                    "blockdev",
                                    "numberOfReplicas",
                                    1,
                                    "dataEngine",
                                    "v1")))
                    .create();
            of(client, "volumes", "Volume")
                    .withName("restored")
                    .waitUntilCondition(
                            volume -> Boolean.TRUE.equals(volume.get("status", "restoreInitiated"))
                                    && Boolean.FALSE.equals(volume.get("status", "restoreRequired"))
                                    && "detached".equals(volume.get("status", "state")),
                            10,
                            TimeUnit.SECONDS);
            assertThat(longhorn.find(ResourceType.VOLUMES, "restored")
                            .orElseThrow()
                            .at("/spec/size")
                            .asText())
                    .isEqualTo(Long.toString(1L << 30));
        }
    }

    private static NonNamespaceOperation<
                    GenericKubernetesResource,
                    io.fabric8.kubernetes.api.model.GenericKubernetesResourceList,
                    Resource<GenericKubernetesResource>>
            of(KubernetesClient client, String plural, String kind) {
        return client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup("longhorn.io")
                        .withVersion("v1beta2")
                        .withKind(kind)
                        .withPlural(plural)
                        .withNamespaced(true)
                        .build())
                .inNamespace(NAMESPACE);
    }

    private static GenericKubernetesResource object(
            String kind, String name, Map<String, String> labels, Map<String, Object> spec) {
        return new GenericKubernetesResourceBuilder()
                .withApiVersion("longhorn.io/v1beta2")
                .withKind(kind)
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .withLabels(labels)
                .endMetadata()
                .addToAdditionalProperties("spec", spec)
                .build();
    }
}
