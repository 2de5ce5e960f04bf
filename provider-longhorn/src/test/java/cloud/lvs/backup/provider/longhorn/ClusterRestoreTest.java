package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.longhorn.LonghornFixture.Restored;
import cloud.lvs.backup.provider.longhorn.LonghornFixture.Run;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Restore;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes that Longhorn makes of backups: under a name, for a rehearsal, and what becomes of those that fail. */
@Tag("today")
class ClusterRestoreTest {
    private ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private LonghornFixture fixture = new LonghornFixture(longhorn);

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private Run captured() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1")
                .claim(claim("shop", "data"))
                .label("recurring-job-group.longhorn.io/default", "enabled"));
        return fixture.capture("k7f3q2xw", Map.of());
    }

    private Restored to(Run run, String name, Mode mode, Map<String, ?> more) throws Exception {
        Map<String, Object> options = new HashMap<>(more);
        options.put("as", "volume");
        return fixture.restore(run, new RestoreTarget.Place(name), List.of(), mode, options);
    }

    private Restored drill(Run run) throws Exception {
        return fixture.restore(run, new RestoreTarget.Scratch(Path.of("nowhere")), List.of(), Mode.EXECUTE, Map.of());
    }

    private List<String> volumes() {
        return longhorn.list(ResourceType.VOLUMES).stream()
                .map(volume -> volume.at("/metadata/name").asText())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5.5", "1.7.3", "1.9.2", "1.10.2", "1.12.1"})
    void aVolumeComesBackUnderAnotherName(String version) throws Exception {
        longhorn.close();
        longhorn = ScriptedLonghorn.start(version);
        fixture = new LonghornFixture(longhorn);

        Restored restored = to(captured(), "data-of-yesterday", Mode.EXECUTE, Map.of("replicas", 1));

        ObjectNode volume =
                longhorn.find(ResourceType.VOLUMES, "data-of-yesterday").orElseThrow();
        assertThat(volume.at("/spec/size").asText()).isEqualTo(Long.toString(1L << 30));
        assertThat(volume.at("/spec/numberOfReplicas").asInt()).isEqualTo(1);
        assertThat(volume.at("/spec/frontend").asText()).isEqualTo("blockdev");
        assertThat(volume.at("/spec/restoreVolumeRecurringJob").asText()).isEqualTo("disabled");
        assertThat(volume.at("/status/restoreRequired").asBoolean()).isFalse();
        assertThat(volume.at("/status/state").asText()).isEqualTo("detached");
        assertThat(volume.at("/metadata/labels").has("recurring-job-group.longhorn.io/default"))
                .isFalse();
        assertThat(volume.at("/metadata/labels/recurring-job-group.longhorn.io~1lvs-backup-restored")
                        .asText())
                .isEqualTo("enabled");
        assertThat(restored.report().checks())
                .singleElement()
                .satisfies(check -> assertThat(check.status()).isEqualTo(Check.Status.PASSED));
        assertThat(restored.context().progress()).isNotEmpty();
    }

    @Test
    void aDryRunTellsTheObjectAndWhatCannotBePlacedAndMakesNothing() throws Exception {
        Restored told = to(captured(), "copy", Mode.DRY_RUN, Map.of());

        assertThat(told.report().steps())
                .singleElement()
                .asString()
                .contains(
                        "Create Volume longhorn-system/copy", "\"fromBackup\":\"s3://lvs@eu-central/longhorn/?backup=");
        assertThat(told.context().warnings())
                .singleElement()
                .asString()
                .contains("can place 1 of its 3 replicas", "--set replicas=1");
        assertThat(volumes()).containsExactly("pvc-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Data", "a.b", "-a", "a-name-of-more-than-forty-characters-in-all"})
    void aNameThatLonghornWouldChangeIsRefused(String name) throws Exception {
        Run run = captured();

        assertThatThrownBy(() -> to(run, name, Mode.EXECUTE, Map.of())).hasMessageContaining("is no name of a volume");
    }

    @Test
    void aNameThatIsTakenIsRefused() throws Exception {
        Run run = captured();

        assertThatThrownBy(() -> to(run, "pvc-1", Mode.EXECUTE, Map.of())).hasMessageContaining("pvc-1: exists");
        assertThat(volumes()).containsExactly("pvc-1");
    }

    @Test
    void aRestoreThatFailsIsToldAndLeavesNoVolume() throws Exception {
        Run run = captured();
        longhorn.script().restore("pvc-1", new Restore.Fails("checksum verification failed for block 4a1b"));

        assertThatThrownBy(() -> to(run, "copy", Mode.EXECUTE, Map.of()))
                .hasMessageContaining("could not restore it: checksum verification failed for block 4a1b")
                .satisfies(e -> assertThat(((BackupException) e).kind()).isEqualTo(Kind.VERIFICATION));
        assertThat(volumes()).containsExactly("pvc-1");
    }

    @Test
    void aRestoreThatStandsStillIsGivenUp() throws Exception {
        Run run = captured();
        longhorn.script().restore("pvc-1", new Restore.Stuck(17));

        assertThatThrownBy(() -> to(run, "copy", Mode.EXECUTE, Map.of()))
                .hasMessageContaining("stands still at 17 % after 30m");
        assertThat(volumes()).containsExactly("pvc-1");
    }

    @Test
    void whatCannotBePlacedIsToldBeforeTheTimeIsUp() throws Exception {
        Run run = captured();
        longhorn.script().restore("pvc-1", new Restore.Unschedulable("insufficient storage"));

        assertThatThrownBy(() -> to(run, "copy", Mode.EXECUTE, Map.of()))
                .hasMessageContaining("cannot place its 3 replicas: insufficient storage")
                .satisfies(e -> assertThat(((BackupException) e).remedy()).contains("--set replicas=1"));
        assertThat(volumes()).containsExactly("pvc-1");
    }

    @Test
    void aRestoreHasATimeOfItsOwn() throws Exception {
        Run run = captured();
        longhorn.script().restoresTake(Duration.ofHours(1));

        assertThatThrownBy(() -> to(run, "copy", Mode.EXECUTE, Map.of("timeout", "1m")))
                .hasMessageContaining("after 1m");
        assertThat(volumes()).containsExactly("pvc-1");
    }

    @Test
    void theBackupIsFoundInATargetThatHasMoved() throws Exception {
        Run run = captured();
        longhorn.stores().move(ScriptedLonghorn.TARGET_URL, "s3://other@eu-west/elsewhere/");
        longhorn.edit(
                ResourceType.BACKUP_TARGETS,
                "default",
                target -> target.withObjectProperty("spec").put("backupTargetURL", "s3://other@eu-west/elsewhere/"));

        to(run, "copy", Mode.EXECUTE, Map.of());

        assertThat(longhorn.find(ResourceType.VOLUMES, "copy")
                        .orElseThrow()
                        .at("/spec/fromBackup")
                        .asText())
                .startsWith("s3://other@eu-west/elsewhere/?backup=");
    }

    @Test
    void aBackupThatIsInNoTargetIsToldWithWhatThereIs() throws Exception {
        Run run = captured();
        Run second = fixture.capture("m2f3q2xw", Map.of());
        String gone = VolumeRecord.in(run.backup()).backup();
        longhorn.delete(ResourceType.BACKUPS, gone);
        while (longhorn.find(ResourceType.BACKUPS, gone).isPresent()) {
            Thread.onSpinWait();
        }

        assertThatThrownBy(() -> to(run, "copy", Mode.EXECUTE, Map.of()))
                .hasMessageContaining("is in no backup target that Longhorn reads")
                .hasMessageContaining(VolumeRecord.in(second.backup()).backup());
    }

    @Test
    void aDrillRestoresUnderAScratchNameAndRemovesIt() throws Exception {
        Restored drilled = drill(captured());

        assertThat(drilled.report().checks())
                .singleElement()
                .satisfies(check -> assertThat(check.status()).isEqualTo(Check.Status.PASSED));
        assertThat(drilled.report().items())
                .singleElement()
                .satisfies(item -> assertThat(item.status()).isEqualTo(ItemResult.Status.DONE));
        assertThat(drilled.context().phases())
                .containsExactly("find shop/data", "restore shop/data", "clean up shop/data");
        assertThat(volumes()).containsExactly("pvc-1");
        assertThat(longhorn.server().requests())
                .noneSatisfy(request -> assertThat(request).contains("DELETE").contains("pvc-1"));
    }

    @Test
    void aDrillOfADamagedBackupDoesNotPass() throws Exception {
        Run run = captured();
        longhorn.script().restore("pvc-1", new Restore.Fails("checksum verification failed"));

        assertThat(drill(run).report().checks()).singleElement().satisfies(check -> {
            assertThat(check.status()).isEqualTo(Check.Status.FAILED);
            assertThat(check.detail()).contains("checksum verification failed");
        });
        assertThat(volumes()).containsExactly("pvc-1");
    }

    @Test
    void aDrillThatLeavesSomethingDoesNotPass() throws Exception {
        Run run = captured();
        longhorn.access().forbid("delete", "volumes");

        assertThat(drill(run).report().checks()).anySatisfy(check -> {
            assertThat(check.name()).isEqualTo("clean-up");
            assertThat(check.status()).isEqualTo(Check.Status.FAILED);
            assertThat(check.detail()).contains("could not be removed", "may not delete volumes");
        });
    }
}
