package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.provider.longhorn.LonghornFixture.Restored;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster is lost with all that was in it; there are the catalog, the backup target, and a new cluster with Longhorn. */
@Tag("today")
class ClusterLossTest {
    private static final ResourceType NAMESPACES = ResourceType.BUILT_IN.stream()
            .filter(type -> type.plural().equals("namespaces"))
            .findFirst()
            .orElseThrow();

    @TempDir
    Path directory;

    private final ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private final LonghornFixture fixture = new LonghornFixture(longhorn);
    private @Nullable InMemoryBackup backup;

    @BeforeEach
    void loseTheCluster() throws Exception {
        longhorn.edit(
                ResourceType.BACKUP_TARGETS,
                "default",
                target -> target.withObjectProperty("spec")
                        .put("backupTargetURL", "")
                        .put("credentialSecret", ""));
        longhorn.delete(ResourceType.SECRETS, "longhorn-backup");
        try (ScriptedLonghorn lost = ScriptedLonghorn.start("1.12.1")) {
            lost.volume(VolumeSeed.named("pvc-1")
                    .claim(claim("shop", "data-db-0"))
                    .statefulSet("db", 1)
                    .claimLabel("app", "db")
                    .label("recurring-job-group.longhorn.io/default", "enabled"));
            backup = new LonghornFixture(lost).capture("k7f3q2xw", Map.of()).backup();
            longhorn.stores()
                    .volumes(ScriptedLonghorn.TARGET_URL)
                    .putAll(lost.stores().volumes(ScriptedLonghorn.TARGET_URL));
        }
    }

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private Restored restore(Mode mode, Map<String, ?> more) throws Exception {
        Map<String, Object> options = new HashMap<>(more);
        options.put("relink", true);
        return fixture.restore(requireNonNull(backup), new RestoreTarget.InPlace(), List.of(), mode, options);
    }

    private Map<String, ?> everything() throws Exception {
        Path credentials = Files.writeString(
                directory.resolve("credentials"),
                "# of the bucket\nAWS_ACCESS_KEY_ID=lvs\nAWS_SECRET_ACCESS_KEY = hush \n"
                        + "AWS_ENDPOINTS=http://127.0.0.1:7480\n");
        return Map.of("repairTarget", true, "targetCredentials", credentials.toString(), "createNamespace", true);
    }

    @Test
    void aClaimComesBackWithTheNamesItHadAndTheTargetAsWell() throws Exception {
        restore(Mode.EXECUTE, everything());

        ObjectNode target =
                longhorn.find(ResourceType.BACKUP_TARGETS, "default").orElseThrow();
        assertThat(target.at("/spec/backupTargetURL").asText()).isEqualTo(ScriptedLonghorn.TARGET_URL);
        ObjectNode secret = longhorn.find(
                        ResourceType.SECRETS,
                        target.at("/spec/credentialSecret").asText())
                .orElseThrow();
        assertThat(Base64.getDecoder()
                        .decode(secret.at("/data/AWS_SECRET_ACCESS_KEY").asText()))
                .isEqualTo("hush".getBytes(StandardCharsets.UTF_8));
        assertThat(longhorn.find(NAMESPACES, "shop")).isPresent();
        ObjectNode claim =
                longhorn.find(ResourceType.CLAIMS, "shop", "data-db-0").orElseThrow();
        assertThat(claim.at("/status/phase").asText()).isEqualTo("Bound");
        assertThat(claim.at("/metadata/labels/app").asText()).isEqualTo("db");
        assertThat(claim.at("/spec/volumeName").asText()).isEqualTo("pvc-1");
        assertThat(longhorn.find(ResourceType.PERSISTENT_VOLUMES, "", "pvc-1")
                        .orElseThrow()
                        .at("/spec/csi/volumeHandle")
                        .asText())
                .isEqualTo("pvc-1");
        ObjectNode volume = longhorn.find(ResourceType.VOLUMES, "pvc-1").orElseThrow();
        assertThat(volume.at("/metadata/labels/recurring-job-group.longhorn.io~1default")
                        .asText())
                .isEqualTo("enabled");
        assertThat(volume.at("/metadata/labels").has("recurring-job-group.longhorn.io/lvs-backup-restored"))
                .isFalse();
    }

    @Test
    void aDryRunSaysWhatWouldBeSetUpAndNoSecret() throws Exception {
        Restored told = restore(Mode.DRY_RUN, everything());

        assertThat(told.report().steps().toString())
                .contains("with the keys AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINTS")
                .contains("Set backup target default to " + ScriptedLonghorn.TARGET_URL)
                .doesNotContain("hush");
        assertThat(longhorn.find(ResourceType.BACKUP_TARGETS, "default")
                        .orElseThrow()
                        .at("/spec/backupTargetURL")
                        .asText())
                .isEmpty();
        assertThat(longhorn.list(ResourceType.VOLUMES)).isEmpty();
    }

    @Test
    void withoutTheWordForItNoTargetIsTouched() {
        assertThatThrownBy(() -> restore(Mode.EXECUTE, Map.of()))
                .hasMessageContaining("target default has no URL")
                .satisfies(e -> assertThat(((BackupException) e).remedy()).contains("--set repairTarget=true"));
        assertThat(longhorn.list(ResourceType.VOLUMES)).isEmpty();
    }

    @Test
    void aTargetThatCannotBeReadIsToldAndNothingIsRestored() throws Exception {
        longhorn.stores().disconnect();

        assertThatThrownBy(() -> restore(Mode.EXECUTE, everything()))
                .hasMessageContaining("Longhorn has not read it after 2m")
                .hasMessageContaining("connection refused");
        assertThat(longhorn.list(ResourceType.VOLUMES)).isEmpty();
    }

    @Test
    void theSecretHasToComeFromSomewhere() {
        assertThatThrownBy(() -> restore(Mode.EXECUTE, Map.of("repairTarget", true, "targetSecret", "bucket")))
                .hasMessageContaining("its secret bucket is not in namespace longhorn-system")
                .satisfies(e -> assertThat(((BackupException) e).remedy()).contains("targetCredentials=FILE"));
    }

    @Test
    void aUrlThatLonghornTakesAndCannotUseIsRefused() throws Exception {
        Map<String, Object> options = new HashMap<>(everything());
        options.put("targetUrl", "s3://lvs@eu-central");

        assertThatThrownBy(() -> restore(Mode.EXECUTE, options)).hasMessageContaining("cannot use the URL");
    }

    @Test
    void aNamespaceIsMadeOnlyWhenToldTo() throws Exception {
        Map<String, Object> options = new HashMap<>(everything());
        options.remove("createNamespace");

        assertThatThrownBy(() -> restore(Mode.EXECUTE, options))
                .hasMessageContaining("its namespace is not in the cluster");
        assertThat(longhorn.find(NAMESPACES, "shop")).isEmpty();
        assertThat(longhorn.list(ResourceType.VOLUMES)).isEmpty();
    }
}
