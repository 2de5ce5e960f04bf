package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.longhorn.LonghornFixture.Run;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Restore;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Lock;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Work;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RunId;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What retention drops is removed from Longhorn's target when that is safe, and only what is ours. */
@Tag("today")
class ClusterRemovalTest {
    private ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1").volume("pvc-1", claim("shop", "data"));
    private LonghornFixture fixture = new LonghornFixture(longhorn);

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private TestRunContext discard(Run run) throws Exception {
        return discard(run, Map.of());
    }

    private TestRunContext discard(Run run, Map<String, ?> config) throws Exception {
        TestRunContext prune = fixture.run("prune");
        try (ClusterSource source = fixture.source(config)) {
            source.discard(run.backup(), prune);
        }
        return prune;
    }

    private static String name(Run run) throws Exception {
        return VolumeRecord.in(run.backup()).backup();
    }

    private List<String> names(ResourceType type) {
        return longhorn.list(type).stream()
                .filter(object -> !object.path("metadata").has("deletionTimestamp"))
                .map(object -> object.at("/metadata/name").asText())
                .toList();
    }

    /** Somebody else holds the lock of the volume in the target. */
    private void lock(Duration time) {
        requireNonNull(longhorn.stores().volumes(ScriptedLonghorn.TARGET_URL).get("pvc-1"))
                .lock(new Lock(
                        "other",
                        Work.BACKUP_OR_RESTORE,
                        longhorn.clock().instant().plus(time)));
    }

    private Iterable<String> stored() {
        return longhorn.stores().backups(ScriptedLonghorn.TARGET_URL, "pvc-1").keySet();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5.5", "1.7.3", "1.8.2", "1.10.2", "1.12.1"})
    void theOlderBackupGoesFromTheTargetAndTheNewerStays(String version) throws Exception {
        longhorn.close();
        longhorn = ScriptedLonghorn.start(version).volume("pvc-1", claim("shop", "data"));
        fixture = new LonghornFixture(longhorn);
        Run first = fixture.capture("run1", Map.of());
        Run second = fixture.capture("run2", Map.of());

        TestRunContext prune = discard(first);

        assertThat(names(ResourceType.BACKUPS)).containsExactly(name(second));
        assertThat(stored()).containsExactly(name(second));
        assertThat(names(ResourceType.SNAPSHOTS)).containsExactly(name(second));
        assertThat(names(ResourceType.BACKUP_VOLUMES)).hasSize(1);
        assertThat(prune.warnings()).isEmpty();
        assertThatCode(() -> discard(first)).doesNotThrowAnyException();
    }

    @Test
    void theNewestOfAVolumeStays() throws Exception {
        Run only = fixture.capture("run1", Map.of());

        assertThatThrownBy(() -> discard(only))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("newest that the target holds of this volume")
                .hasMessageContaining("delete backups.longhorn.io " + name(only));

        assertThat(stored()).containsExactly(name(only));
        assertThat(names(ResourceType.SNAPSHOTS)).containsExactly(name(only));
    }

    @Test
    void whatBearsNoLabelOfOursStays() throws Exception {
        Run first = fixture.capture("run1", Map.of());
        fixture.capture("run2", Map.of());
        String name = name(first);
        longhorn.editStatus(
                ResourceType.BACKUPS,
                name,
                status -> status.withObjectProperty("labels").removeAll());
        longhorn.edit(ResourceType.BACKUPS, name, backup -> {
            backup.withObjectProperty("spec").withObjectProperty("labels").removeAll();
            backup.withObjectProperty("metadata")
                    .withObjectProperty("labels")
                    .remove(List.of("backup.lvs.cloud/tool", "backup.lvs.cloud/run"));
        });

        TestRunContext prune = discard(first);

        assertThat(prune.warnings()).singleElement().asString().contains(name, "somebody else's");
        assertThat(stored()).contains(name);
    }

    @Test
    void nothingIsDeletedWhileTheTargetIsNotAvailable() throws Exception {
        Run first = fixture.capture("run1", Map.of());
        fixture.capture("run2", Map.of());
        longhorn.stores().disconnect();

        assertThatThrownBy(() -> discard(first)).hasMessageContaining("backup target default is not available");

        assertThat(names(ResourceType.BACKUPS)).hasSize(2);
    }

    @Test
    void nothingIsDeletedWhileTheTargetOnlySaysThatItIsAvailable() throws Exception {
        Run first = fixture.capture("run1", Map.of());
        fixture.capture("run2", Map.of());
        longhorn.edit(
                ResourceType.BACKUP_TARGETS,
                "default",
                target -> target.withObjectProperty("spec").put("credentialSecret", "gone"));

        assertThatThrownBy(() -> discard(first)).hasMessageContaining("its secret gone is not in namespace");

        assertThat(names(ResourceType.BACKUPS)).hasSize(2);
    }

    @Test
    void nothingIsDeletedWhileAVolumeIsRestoredFromIt() throws Exception {
        Run first = fixture.capture("run1", Map.of());
        fixture.capture("run2", Map.of());
        longhorn.script().restore("pvc-1", new Restore.Stuck(30));
        String url = longhorn.find(ResourceType.BACKUPS, name(first))
                .orElseThrow()
                .at("/status/url")
                .asText();
        try (var cluster = fixture.cluster()) {
            cluster.create(cloud.lvs.backup.provider.longhorn.cluster.ResourceType.VOLUME, (ObjectNode)
                    new com.fasterxml.jackson.databind.ObjectMapper().readTree("""
                            {"metadata": {"name": "restored"}, "spec": {"fromBackup": "%s", "frontend": "blockdev",
                             "numberOfReplicas": 1, "dataEngine": "v1"}}
                            """.formatted(url)));
        }

        assertThatThrownBy(() -> discard(first))
                .hasMessageContaining("volume restored is being restored from that volume's backups");

        assertThat(stored()).contains(name(first));
    }

    @Test
    void aDeletionThatALockHoldsUpIsNamedWithItsCause() throws Exception {
        Run first = fixture.capture("run1", Map.of());
        fixture.capture("run2", Map.of());
        lock(Duration.ofHours(2));

        assertThatThrownBy(() -> discard(first, Map.of("deleteTimeout", "2m")))
                .hasMessageContaining("backup " + name(first) + " of volume pvc-1 is still there")
                .hasMessageContaining("lock")
                .hasMessageContaining("it tries again by itself");
    }

    @Test
    void aDeletionThatATransientLockHoldsUpIsWaitedFor() throws Exception {
        Run first = fixture.capture("run1", Map.of());
        Run second = fixture.capture("run2", Map.of());
        lock(Duration.ofSeconds(50));

        discard(first);

        assertThat(stored()).containsExactly(name(second));
    }

    @Test
    void aBackupThatComesBackWasNotRemoved() throws Exception {
        Run first = fixture.capture("run1", Map.of());
        fixture.capture("run2", Map.of());
        longhorn.edit(
                ResourceType.BACKUPS,
                name(first),
                backup -> backup.withObjectProperty("metadata")
                        .withObjectProperty("labels")
                        .put("longhorn.io/delete-custom-resource-only", "true"));

        assertThatThrownBy(() -> discard(first))
                .hasMessageContaining("backup " + name(first) + " of volume pvc-1 came back");
    }

    @Test
    void aRunThatDiedLosesWhatItMade() throws Exception {
        Run kept = fixture.capture("run1", Map.of());
        Run dead = fixture.capture("run2", Map.of());

        try (ClusterSource source = fixture.source(Map.of())) {
            source.abandon(new RunId("run2"), dead.artifacts().intents(), fixture.run("prune"));
        }

        assertThat(stored()).containsExactly(name(kept));
        assertThat(names(ResourceType.SNAPSHOTS)).isEmpty();
    }

    @Test
    void aRunThatDiedHalfWayLosesWhatItHadBegun() throws Exception {
        longhorn.script().uploadsTake(Duration.ofHours(1));
        TestRunContext run = fixture.run("run1");
        var artifacts = new cloud.lvs.backup.contract.InMemoryArtifacts();
        Thread worker = new Thread(() -> {
            try (ClusterSource source = fixture.source(Map.of())) {
                run.knowing(source.inventory(run));
                source.capture(artifacts, run);
            } catch (java.io.IOException | InterruptedException e) {
                // It is to be interrupted.
            }
        });
        worker.start();
        while (longhorn.list(ResourceType.BACKUPS).isEmpty()) {
            Thread.onSpinWait();
        }
        worker.interrupt();
        worker.join();

        try (ClusterSource source = fixture.source(Map.of())) {
            source.abandon(new RunId("run1"), artifacts.intents(), fixture.run("prune"));
        }

        assertThat(names(ResourceType.BACKUPS)).isEmpty();
        assertThat(names(ResourceType.SNAPSHOTS)).isEmpty();
    }

    @Test
    void whatWasNeverMadeNeedsNoAbandoning() throws Exception {
        try (ClusterSource source = fixture.source(Map.of())) {
            source.abandon(
                    new RunId("run1"),
                    List.of(new cloud.lvs.backup.spi.ExternalReference("longhorn-backup", "longhorn-system/lvs-x")),
                    fixture.run("prune"));
        }
    }
}
