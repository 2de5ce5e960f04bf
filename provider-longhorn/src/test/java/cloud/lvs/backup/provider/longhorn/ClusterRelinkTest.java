package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.longhorn.LonghornFixture.Restored;
import cloud.lvs.backup.provider.longhorn.LonghornFixture.Run;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script.Restore;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes given back to their claims, and what is left when something is in the way. */
@Timeout(120)
@Tag("today")
class ClusterRelinkTest {
    private static final String CLAIM = "data-db-0";

    private ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private LonghornFixture fixture = new LonghornFixture(longhorn);

    @BeforeEach
    void makeNamespace() {
        namespace("shop");
    }

    private void namespace(String name) {
        longhorn.object(
                ResourceType.BUILT_IN.stream()
                        .filter(type -> type.plural().equals("namespaces"))
                        .findFirst()
                        .orElseThrow(),
                "",
                "{\"metadata\": {\"name\": \"" + name + "\"}}");
    }

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private static VolumeSeed seed() {
        return VolumeSeed.named("pvc-1")
                .claim(claim("shop", CLAIM))
                .statefulSet("db", 1)
                .claimLabel("app", "db")
                .label("recurring-job.longhorn.io/weekly", "enabled");
    }

    private Run captured() throws Exception {
        longhorn.volume(seed());
        await(() -> mounted() == 1);
        return fixture.capture("k7f3q2xw", Map.of());
    }

    private Restored relink(Run run) throws Exception {
        return relink(run, Mode.EXECUTE, Map.of());
    }

    private Restored relink(Run run, Mode mode, Map<String, ?> more) throws Exception {
        Map<String, Object> options = new HashMap<>(more);
        options.put("relink", true);
        return fixture.restore(run, new RestoreTarget.InPlace(), List.of("shop/" + CLAIM), mode, options);
    }

    private Restored undo() throws Exception {
        return fixture.restore(captureless(), new RestoreTarget.Undo(), List.of(), Mode.EXECUTE, Map.of());
    }

    private BackupReader captureless() {
        return new BackupReader() {
            @Override
            public Manifest manifest() {
                throw new IllegalStateException("an undo reads no backup");
            }

            @Override
            public InputStream open(StoredArtifact artifact) {
                throw new IllegalStateException("an undo reads no backup");
            }
        };
    }

    private ObjectNode claimNow() {
        return longhorn.find(ResourceType.CLAIMS, "shop", CLAIM).orElseThrow();
    }

    private ObjectNode persistentVolume(String name) {
        return longhorn.find(ResourceType.PERSISTENT_VOLUMES, "", name).orElseThrow();
    }

    /** The Longhorn volume behind the claim. */
    private String volumeNow() {
        return persistentVolume(claimNow().at("/spec/volumeName").asText())
                .at("/spec/csi/volumeHandle")
                .asText();
    }

    private int replicas(ResourceType type, String name) {
        return longhorn.find(type, "shop", name)
                .orElseThrow()
                .at("/spec/replicas")
                .asInt(-1);
    }

    private long mounted() {
        return longhorn.list(ResourceType.PODS).stream()
                .filter(pod -> pod.at("/spec/volumes").toString().contains(CLAIM))
                .count();
    }

    private List<String> volumes() {
        return longhorn.list(ResourceType.VOLUMES).stream()
                .map(volume -> volume.at("/metadata/name").asText())
                .toList();
    }

    private void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private void assertNothingChanged() {
        assertThat(volumeNow()).isEqualTo("pvc-1");
        assertThat(claimNow().at("/status/phase").asText()).isEqualTo("Bound");
        assertThat(claimNow().at("/metadata/labels/app").asText()).isEqualTo("db");
        assertThat(persistentVolume("pvc-1")
                        .at("/spec/persistentVolumeReclaimPolicy")
                        .asText())
                .isEqualTo("Delete");
        assertThat(persistentVolume("pvc-1").at("/metadata/annotations").has("backup.lvs.cloud/reclaim-policy-before"))
                .isFalse();
        assertThat(replicas(ResourceType.STATEFUL_SETS, "db")).isEqualTo(1);
        assertThat(volumes()).doesNotContain("lvs-restore").noneMatch(name -> name.startsWith("lvs-"));
        assertThat(longhorn.list(ResourceType.PERSISTENT_VOLUMES))
                .noneMatch(volume -> volume.at("/metadata/name").asText().startsWith("lvs-"));
    }

    @Test
    void aClaimGetsItsVolumeOfTheBackupAndItsWorkloadRunsAgain() throws Exception {
        Run run = captured();

        Restored restored = relink(run);

        String volume = volumeNow();
        assertThat(volume).startsWith("lvs-relink-");
        ObjectNode claim = claimNow();
        assertThat(claim.at("/status/phase").asText()).isEqualTo("Bound");
        assertThat(claim.at("/metadata/labels/app").asText()).isEqualTo("db");
        assertThat(claim.at("/spec/storageClassName").asText()).isEqualTo("longhorn");
        ObjectNode now = longhorn.find(ResourceType.VOLUMES, volume).orElseThrow();
        assertThat(now.at("/status/kubernetesStatus/pvcName").asText()).isEqualTo(CLAIM);
        assertThat(now.at("/metadata/labels").properties().stream()
                        .map(Map.Entry::getKey)
                        .filter(label -> label.startsWith("recurring-job")))
                .containsExactly("recurring-job.longhorn.io/weekly");
        assertThat(persistentVolume(claim.at("/spec/volumeName").asText())
                        .at("/spec/persistentVolumeReclaimPolicy")
                        .asText())
                .isEqualTo("Delete");
        assertThat(persistentVolume("pvc-1")
                        .at("/spec/persistentVolumeReclaimPolicy")
                        .asText())
                .isEqualTo("Retain");
        assertThat(volumes()).contains("pvc-1");
        assertThat(replicas(ResourceType.STATEFUL_SETS, "db")).isEqualTo(1);
        await(() -> mounted() == 1);
        assertThat(restored.report().nextSteps().toString()).contains("kept as PersistentVolume pvc-1");
    }

    @Test
    void theUndoGivesTheVolumeBeforeBack() throws Exception {
        relink(captured());
        String restored = volumeNow();

        undo();

        assertThat(volumeNow()).isEqualTo("pvc-1");
        assertThat(persistentVolume("pvc-1")
                        .at("/spec/persistentVolumeReclaimPolicy")
                        .asText())
                .isEqualTo("Delete");
        assertThat(replicas(ResourceType.STATEFUL_SETS, "db")).isEqualTo(1);
        assertThat(volumes()).contains(restored);
        assertThatThrownBy(this::undo).hasMessageContaining("there is no relink");
    }

    @Test
    void withoutConsentOrTheWordForItNothingIsDone() throws Exception {
        Run run = captured();

        assertThatThrownBy(() -> fixture.restore(
                        run, new RestoreTarget.InPlace(), List.of("shop/" + CLAIM), Mode.EXECUTE, Map.of()))
                .hasMessageContaining("its workload is stopped meanwhile");
        assertNothingChanged();
    }

    @Test
    void aDryRunTellsEveryObjectAndTouchesNothing() throws Exception {
        Run run = captured();

        Restored told = relink(run, Mode.DRY_RUN, Map.of());

        assertThat(told.report().steps().toString())
                .contains(
                        "Create Volume longhorn-system/lvs-relink-",
                        "Scale StatefulSet db in namespace shop from 1 to 0",
                        "Keep PersistentVolume pvc-1",
                        "Create PersistentVolume lvs-relink-",
                        "Delete PersistentVolumeClaim shop/data-db-0",
                        "Create PersistentVolumeClaim shop/data-db-0",
                        "Scale StatefulSet db in namespace shop to 1");
        assertNothingChanged();
    }

    @ParameterizedTest
    @CsvSource({
        "DaemonSet, cannot be scaled down",
        "Job, cannot be scaled down",
        "VirtualMachineInstance, cannot be scaled down",
        "'', belongs to nothing"
    })
    void whatCannotBeScaledIsRefusedBeforeAnythingIsTouched(String kind, String told) throws Exception {
        Run run = captured();
        String owner = kind.isEmpty()
                ? ""
                : ", \"ownerReferences\": [{\"kind\": \"" + kind + "\", \"name\": \"x\", \"controller\": true}]";
        longhorn.object(ResourceType.PODS, "shop", """
                {"metadata": {"name": "other", "namespace": "shop"%s}, "spec": {"volumes": [
                 {"name": "d", "persistentVolumeClaim": {"claimName": "data-db-0"}}]}, "status": {"phase": "Running"}}
                """.formatted(owner));

        assertThatThrownBy(() -> relink(run)).hasMessageContaining(told);
        assertNothingChanged();
        assertThat(longhorn.server().requests()).noneMatch(request -> request.contains("/scale"));
    }

    @Test
    void aStatefulSetWhoseClaimsGoWithItsPodsIsRefused() throws Exception {
        Run run = captured();
        longhorn.edit(
                new ObjectKey(ResourceType.STATEFUL_SETS, "shop", "db"),
                set -> set.withObjectProperty("spec")
                        .withObjectProperty("persistentVolumeClaimRetentionPolicy")
                        .put("whenScaled", "Delete"));

        assertThatThrownBy(() -> relink(run)).hasMessageContaining("whose claims are deleted when it is scaled down");
        assertNothingChanged();
    }

    @Test
    void anEncryptedVolumeNeedsItsKey() throws Exception {
        longhorn.volume(seed().spec(spec -> spec.put("encrypted", true)));
        longhorn.edit(
                new ObjectKey(ResourceType.PERSISTENT_VOLUMES, "", "pvc-1"),
                volume -> volume.withObjectProperty("spec")
                        .withObjectProperty("csi")
                        .putObject("nodeStageSecretRef")
                        .put("name", "key")
                        .put("namespace", "shop"));
        await(() -> mounted() == 1);
        Run run = fixture.capture("k7f3q2xw", Map.of());

        assertThatThrownBy(() -> relink(run)).hasMessageContaining("its key, secret shop/key, is not in the cluster");
        assertNothingChanged();
    }

    @Test
    void aVolumeThatHasGrownSinceIsToldWithBothSizes() throws Exception {
        Run run = captured();
        longhorn.edit(
                ResourceType.VOLUMES,
                "pvc-1",
                volume -> volume.withObjectProperty("spec").put("size", Long.toString(2L << 30)));

        assertThat(relink(run, Mode.DRY_RUN, Map.of()).context().warnings())
                .anySatisfy(warning ->
                        assertThat(warning).contains("has 2147483648 bytes now, and had 1073741824 in the backup"));
    }

    @Test
    void whoMightInterfereIsNamed() throws Exception {
        Run run = captured();
        longhorn.edit(
                new ObjectKey(ResourceType.STATEFUL_SETS, "shop", "db"),
                set -> set.withObjectProperty("metadata")
                        .withObjectProperty("labels")
                        .put("kustomize.toolkit.fluxcd.io/name", "apps"));

        assertThat(relink(run).context().warnings())
                .anySatisfy(warning -> assertThat(warning).contains("flux suspend kustomization apps -n flux-system"));
    }

    @Test
    void severalDeploymentsAreStoppedAndStartedAgain() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", CLAIM)).deployment("web", 2));
        longhorn.object(ResourceType.DEPLOYMENTS, "shop", """
                {"metadata": {"name": "worker", "namespace": "shop"}, "spec": {"replicas": 1,
                 "selector": {"matchLabels": {"app": "worker"}}, "template": {"metadata": {"labels": {"app": "worker"}},
                 "spec": {"containers": [{"name": "m", "image": "i"}], "volumes": [
                 {"name": "d", "persistentVolumeClaim": {"claimName": "data-db-0"}}]}}}}
                """);
        await(() -> mounted() == 3);
        Run run = fixture.capture("k7f3q2xw", Map.of());

        relink(run);

        assertThat(volumeNow()).startsWith("lvs-relink-");
        assertThat(replicas(ResourceType.DEPLOYMENTS, "web")).isEqualTo(2);
        assertThat(replicas(ResourceType.DEPLOYMENTS, "worker")).isEqualTo(1);
    }

    @Test
    void aWorkloadAtRestStaysAtRest() throws Exception {
        Run run = captured();
        longhorn.edit(
                new ObjectKey(ResourceType.STATEFUL_SETS, "shop", "db"),
                set -> set.withObjectProperty("spec").put("replicas", 0));
        await(() -> mounted() == 0);

        relink(run);

        assertThat(volumeNow()).startsWith("lvs-relink-");
        assertThat(replicas(ResourceType.STATEFUL_SETS, "db")).isZero();
    }

    @Test
    void aRestoreThatFailsStopsNoWorkload() throws Exception {
        Run run = captured();
        longhorn.script().restore("pvc-1", new Restore.Fails("checksum verification failed"));

        assertThatThrownBy(() -> relink(run)).hasMessageContaining("checksum verification failed");
        assertNothingChanged();
        assertThat(longhorn.server().requests()).noneMatch(request -> request.contains("/scale"));
    }

    @ParameterizedTest
    @CsvSource({
        "patch, persistentvolumes",
        "create, persistentvolumes",
        "delete, persistentvolumeclaims",
    })
    void aStepThatFailsIsTakenBackWithAllBeforeIt(String verb, String plural) throws Exception {
        Run run = captured();
        longhorn.access().forbid(verb, plural);

        assertThatThrownBy(() -> relink(run)).hasMessageContaining("may not " + verb + " " + plural);
        longhorn.access().allowAll();
        if (verb.equals("patch") || !volumes().equals(List.of("pvc-1"))) {
            undoIfAny();
        }
        assertNothingChanged();
    }

    private void undoIfAny() throws Exception {
        try {
            undo();
        } catch (BackupException e) {
            assertThat(e).hasMessageContaining("there is no relink");
        }
    }

    @Test
    void aWorkloadThatIsScaledUpMeanwhileIsSeenAndAllIsTakenBack() throws Exception {
        Run run = captured();
        ObjectKey set = new ObjectKey(ResourceType.STATEFUL_SETS, "shop", "db");
        hand(() -> {
            if (replicas(ResourceType.STATEFUL_SETS, "db") == 0) {
                longhorn.edit(set, object -> object.withObjectProperty("spec").put("replicas", 1));
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> relink(run))
                .hasMessageContaining("StatefulSet db was scaled up again to 1")
                .hasMessageContaining("all of it was taken back");
        assertNothingChanged();
    }

    @Test
    void aClaimThatIsMadeAgainEmptyMeanwhileIsNotTaken() throws Exception {
        Run run = captured();
        ObjectKey key = new ObjectKey(ResourceType.CLAIMS, "shop", CLAIM);
        hand(() -> {
            if (longhorn.find(ResourceType.CLAIMS, "shop", CLAIM).isPresent()) {
                return false;
            }
            longhorn.object(ResourceType.CLAIMS, "shop", """
                        {"metadata": {"name": "data-db-0", "namespace": "shop",
                         "finalizers": ["kubernetes.io/pvc-protection"]}, "spec": {"storageClassName": "longhorn",
                         "volumeName": "pvc-empty", "accessModes": ["ReadWriteOnce"],
                         "resources": {"requests": {"storage": "1Gi"}}}}
                        """);
            return true;
        });
        assertThatThrownBy(() -> relink(run))
                .hasMessageContaining("made again by somebody else meanwhile, and got the empty volume pvc-empty")
                .hasMessageContaining("all of it was taken back");
        assertNothingChanged();
    }

    @Test
    void aClaimThatAnotherHandMakesAgainGetsTheRestoredVolume() throws Exception {
        Run run = captured();
        hand(() -> {
            if (longhorn.find(ResourceType.CLAIMS, "shop", CLAIM).isPresent()) {
                return false;
            }
            longhorn.object(ResourceType.CLAIMS, "shop", """
                        {"metadata": {"name": "data-db-0", "namespace": "shop",
                         "finalizers": ["kubernetes.io/pvc-protection"]}, "spec": {"storageClassName": "longhorn",
                         "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
                        """);
            return true;
        });
        relink(run);
        assertThat(volumeNow()).startsWith("lvs-relink-");
    }

    /** A hand that does something once, as soon as it can. */
    private void hand(BooleanSupplier act) {
        AtomicBoolean done = new AtomicBoolean();
        longhorn.server().onRequest(request -> {
            synchronized (longhorn.server().lock()) {
                if (!done.get() && act.getAsBoolean()) {
                    done.set(true);
                }
            }
        });
    }

    private static boolean isWrite(String request) {
        return !request.startsWith("GET ");
    }

    /** After so many of its writes the relink is killed: nothing of it reaches the cluster any more. */
    private boolean killedAfter(int writes, Run run) throws Exception {
        AtomicInteger left = new AtomicInteger(writes);
        longhorn.server().onRequest(request -> {
            if (left.get() == 0) {
                longhorn.access().expireToken();
            } else if (isWrite(request)) {
                left.decrementAndGet();
            }
        });
        boolean killed = false;
        try {
            relink(run);
        } catch (BackupException e) {
            assertThat(e).hasMessageContaining("does not accept the credentials");
            killed = true;
        }
        longhorn.server().onRequest(request -> {});
        longhorn.access().renewToken();
        return killed;
    }

    @Test
    void whereverOneIsKilledTheNextCallSucceeds() throws Exception {
        Run run = captured();
        int writes = 1;
        while (killedAfter(writes, run)) {
            relink(run);

            assertThat(volumeNow()).as("after " + writes + " writes").startsWith("lvs-relink-");
            assertThat(claimNow().at("/status/phase").asText()).isEqualTo("Bound");
            assertThat(replicas(ResourceType.STATEFUL_SETS, "db")).isEqualTo(1);
            undo();
            assertThat(volumeNow()).as("undone after " + writes + " writes").isEqualTo("pvc-1");
            removeKept();
            writes++;
        }
        assertThat(writes).isGreaterThan(8);
    }

    @Test
    void whereverOneIsKilledTheUndoTakesItBack() throws Exception {
        Run run = captured();
        int writes = 1;
        while (killedAfter(writes, run)) {
            undo();

            assertThat(volumeNow()).as("after " + writes + " writes").isEqualTo("pvc-1");
            assertThat(claimNow().at("/status/phase").asText()).isEqualTo("Bound");
            assertThat(replicas(ResourceType.STATEFUL_SETS, "db")).isEqualTo(1);
            assertThat(persistentVolume("pvc-1")
                            .at("/spec/persistentVolumeReclaimPolicy")
                            .asText())
                    .isEqualTo("Delete");
            removeKept();
            writes++;
        }
        assertThat(writes).isGreaterThan(8);
    }

    /** What an undo keeps is for the operator to delete. */
    private void removeKept() {
        for (ObjectNode volume : longhorn.list(ResourceType.PERSISTENT_VOLUMES)) {
            String name = volume.at("/metadata/name").asText();
            if (name.startsWith("lvs-")) {
                longhorn.delete(ResourceType.PERSISTENT_VOLUMES, name);
            }
        }
        volumes().stream()
                .filter(name -> name.startsWith("lvs-"))
                .forEach(name -> longhorn.delete(ResourceType.VOLUMES, name));
        await(() -> volumes().equals(List.of("pvc-1")));
    }
}
