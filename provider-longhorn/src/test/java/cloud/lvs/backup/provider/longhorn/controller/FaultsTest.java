package cloud.lvs.backup.provider.longhorn.controller;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a test can make go wrong, seen through fabric8's client. */
@Tag("today")
class FaultsTest {
    private static final ResourceDefinitionContext VOLUMES = new ResourceDefinitionContext.Builder()
            .withGroup("longhorn.io")
            .withVersion("v1beta2")
            .withKind("Volume")
            .withPlural("volumes")
            .withNamespaced(true)
            .build();

    @Test
    void theApiServerIsGoneForAWhileAndKeepsWhatItHeld() {
        try (ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1").volume("pvc-1");
                KubernetesClient client = longhorn.client()) {
            longhorn.stopApiServer();
            assertThatThrownBy(() -> volumes(client)).isInstanceOf(KubernetesClientException.class);

            longhorn.startApiServer();
            assertThat(volumes(client)).isEqualTo(1);
        }
    }

    @Test
    void aWatchIsEndedByAnEventThatSays410() throws Exception {
        CompletableFuture<WatcherException> closed = new CompletableFuture<>();
        try (ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1").volume("pvc-1");
                KubernetesClient client = longhorn.client();
                var watch = client.genericKubernetesResources(VOLUMES)
                        .inNamespace("longhorn-system")
                        .watch(new Watcher<GenericKubernetesResource>() {
                            @Override
                            public void eventReceived(Action action, GenericKubernetesResource resource) {}

                            @Override
                            public void onClose(WatcherException cause) {
                                closed.complete(cause);
                            }
                        })) {
            assertThat(watch).isNotNull();
            longhorn.server().expireWatches();

            assertThat(closed.get(60, TimeUnit.SECONDS).isHttpGone()).isTrue();
        }
    }

    @Test
    void aForbiddenVerbIsToldAsTheAuthorizerDoes() {
        try (ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
                KubernetesClient client = longhorn.client()) {
            longhorn.access().forbid("list", "volumes");

            assertThatThrownBy(() -> volumes(client))
                    .hasMessageContaining("volumes.longhorn.io is forbidden: User"
                            + " \"system:serviceaccount:backup:lvs-backup\" cannot list resource \"volumes\" in API group"
                            + " \"longhorn.io\" in the namespace \"longhorn-system\"");
        }
    }

    @Test
    void anExpiredTokenIs401() {
        try (ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
                KubernetesClient client = longhorn.client()) {
            longhorn.access().expireToken();

            assertThatThrownBy(() -> volumes(client))
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            refused -> assertThat(refused.getCode()).isEqualTo(401));
        }
    }

    @Test
    void aFailingTargetRewritesItsStatusSeveralTimesASecond() {
        try (ScriptedLonghorn longhorn = ScriptedLonghorn.startStanding("1.12.1")) {
            new Requests(longhorn).patch("backuptargets/default", "{'spec':{'backupTargetURL':'s3://lvs@eu-central'}}");
            longhorn.advance(Duration.ofSeconds(5));
            long before = version(longhorn);

            longhorn.advance(Duration.ofSeconds(10));

            assertThat(version(longhorn) - before).isGreaterThan(20);
            assertThat(longhorn.find(ResourceType.BACKUP_TARGETS, "default")
                            .orElseThrow()
                            .at("/status/conditions/0/message")
                            .asText())
                    .contains("error=\"invalid URL. Must be either s3://bucket@region/path/, or s3://bucket/path\"");
        }
    }

    @Test
    void aHandScalesUpAgain() {
        try (ScriptedLonghorn longhorn =
                ScriptedLonghorn.startStanding("1.12.1").volume("pvc-1", claim("db", "data"))) {
            longhorn.fightScaling(ResourceType.STATEFUL_SETS, "db", "app-pvc-1", 1);
            Requests requests = new Requests(longhorn);
            String scale = "/apis/apps/v1/namespaces/db/statefulsets/app-pvc-1/scale";

            requests.patch(scale, "{'spec':{'replicas':0}}");
            assertThat(requests.get(scale).body().at("/spec/replicas").asInt()).isZero();
            longhorn.advance(Duration.ofSeconds(3));

            assertThat(requests.get(scale).body().at("/spec/replicas").asInt()).isEqualTo(1);
        }
    }

    private static int volumes(KubernetesClient client) {
        return client.genericKubernetesResources(VOLUMES)
                .inNamespace("longhorn-system")
                .list()
                .getItems()
                .size();
    }

    private static long version(ScriptedLonghorn longhorn) {
        return longhorn.find(ResourceType.BACKUP_TARGETS, "default")
                .orElseThrow()
                .at("/metadata/resourceVersion")
                .asLong();
    }
}
