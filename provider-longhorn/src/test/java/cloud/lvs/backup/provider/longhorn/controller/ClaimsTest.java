package cloud.lvs.backup.provider.longhorn.controller;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Claims, persistent volumes and workloads as far as a relink needs them, after the recording ctl-kubernetesStatus. */
@Tag("today")
class ClaimsTest {
    private static final String CLAIMS = "/api/v1/namespaces/shop/persistentvolumeclaims";
    private static final String CLAIM = "{'metadata':{'name':'data-db-0'},'spec':{'accessModes':['ReadWriteOnce'],"
            + "'storageClassName':'longhorn-static','volumeName':'pv-k','resources':{'requests':{'storage':'1Gi'}}}}";

    private final ScriptedLonghorn longhorn = ScriptedLonghorn.startStanding("1.12.1");
    private final Requests requests = new Requests(longhorn);

    @AfterEach
    void stop() {
        longhorn.close();
    }

    @Test
    void tellsTheVolumeWhoUsesIt() {
        requests.create(
                "volumes",
                "{'metadata':{'name':'vol-k'},'spec':{'size':'1073741824','numberOfReplicas':1,'frontend':'blockdev'}}");
        requests.create(
                "/api/v1/persistentvolumes",
                "{'metadata':{'name':'pv-k'},'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],"
                        + "'persistentVolumeReclaimPolicy':'Retain','storageClassName':'longhorn-static',"
                        + "'claimRef':{'namespace':'shop','name':'data-db-0'},"
                        + "'csi':{'driver':'driver.longhorn.io','volumeHandle':'vol-k'}}}");
        assertThat(told()).isEqualTo("pv-k Available   ");

        requests.create(CLAIMS, CLAIM);
        assertThat(told()).isEqualTo("pv-k Bound shop data-db-0 ");

        requests.delete(CLAIMS + "/data-db-0");
        assertThat(told()).startsWith("pv-k Released shop data-db-0 20");

        requests.create(CLAIMS, CLAIM);
        assertThat(told()).startsWith("pv-k Released shop data-db-0 20");
        assertThat(requests.get(CLAIMS + "/data-db-0")
                        .body()
                        .at("/status/phase")
                        .asText())
                .isEqualTo("Pending");

        requests.patch("/api/v1/persistentvolumes/pv-k", "{'spec':{'claimRef':{'uid':null,'resourceVersion':null}}}");
        assertThat(told()).isEqualTo("pv-k Bound shop data-db-0 ");

        requests.delete(CLAIMS + "/data-db-0");
        longhorn.advance(Duration.ofSeconds(5));
        requests.delete("/api/v1/persistentvolumes/pv-k");
        assertThat(told()).startsWith("  shop data-db-0 20");
    }

    @Test
    void aClaimStaysWhilePodsUseIt() {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.advance(Duration.ofSeconds(5));
        String claim = CLAIMS + "/data";

        requests.delete(claim);
        longhorn.advance(Duration.ofSeconds(60));
        assertThat(requests.get(claim).code()).isEqualTo(200);
        requests.patch("/apis/apps/v1/namespaces/shop/statefulsets/app-pvc-1/scale", "{'spec':{'replicas':0}}");
        longhorn.advance(Duration.ofSeconds(5));

        assertThat(requests.get(claim).code()).isEqualTo(404);
        assertThat(requests.get("volumes/pvc-1").code())
                .as("reclaim policy Delete")
                .isEqualTo(404);
    }

    @Test
    void scalingDownDetachesTheVolumeAndUpAttachesIt() {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.advance(Duration.ofSeconds(5));
        String scale = "/apis/apps/v1/namespaces/shop/statefulsets/app-pvc-1/scale";
        assertThat(requests.get("volumes/pvc-1").body().at("/status/state").asText())
                .isEqualTo("attached");

        requests.patch(scale, "{'spec':{'replicas':0}}");
        longhorn.advance(Duration.ofSeconds(10));
        assertThat(requests.get("volumes/pvc-1").body().at("/status/state").asText())
                .isEqualTo("detached");

        requests.patch(scale, "{'spec':{'replicas':1}}");
        longhorn.advance(Duration.ofSeconds(10));
        assertThat(requests.get("volumes/pvc-1").body().at("/status/state").asText())
                .isEqualTo("attached");
        assertThat(longhorn.list(ResourceType.PODS))
                .singleElement()
                .satisfies(pod -> assertThat(pod.at("/status/phase").asText()).isEqualTo("Running"));
    }

    private String told() {
        longhorn.advance(Duration.ofSeconds(6));
        JsonNode told = requests.get("volumes/vol-k").body().at("/status/kubernetesStatus");
        return told.path("pvName").asText() + " " + told.path("pvStatus").asText() + " "
                + told.path("namespace").asText() + " " + told.path("pvcName").asText() + " "
                + told.path("lastPVCRefAt").asText();
    }
}
