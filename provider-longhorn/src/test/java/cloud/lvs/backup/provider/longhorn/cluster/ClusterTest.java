package cloud.lvs.backup.provider.longhorn.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterTest {
    private static final String BACKUPS = "/apis/longhorn.io/v1beta2/namespaces/longhorn-system/backups";
    private static final String WEBHOOK =
            "Internal error occurred: failed calling webhook \"validator.longhorn.io\": failed to"
                    + " call webhook: Post \"https://longhorn-admission-webhook.longhorn-system.svc:9502/v1/webhook/validation\": ";

    private final TestClock clock = TestClock.at("2026-11-22T03:00:00Z");
    private final Waiting waiting = new Waiting(clock, (changes, atMost) -> clock.advance(atMost));
    private MockApiServer server;
    private Cluster cluster;

    @BeforeEach
    void start() {
        server = new MockApiServer();
        cluster = new Cluster(server.client(), null, waiting);
    }

    @AfterEach
    void stop() {
        cluster.close();
        server.close();
    }

    private void setting(String namespace, String name, String value) throws Exception {
        ObjectNode manifest = named(name);
        manifest.withObject("/metadata").put("namespace", namespace);
        manifest.put("value", value);
        cluster.create(ResourceType.SETTING, manifest);
    }

    private static ObjectNode named(String name) {
        return MockApiServer.yaml("metadata: {name: " + name + "}");
    }

    private static Status status(int code, String message) {
        return new StatusBuilder().withCode(code).withMessage(message).build();
    }

    @Test
    void theNamespaceIsFoundWhereLonghornKeepsItsVersion() throws Exception {
        setting("storage", "current-longhorn-version", "v1.10.1");

        assertThat(cluster.namespace()).isEqualTo("storage");
        assertThat(cluster.version()).isEqualTo(new LonghornVersion(1, 10, 1));
    }

    @Test
    void aClusterWithoutLonghornIsToldSo() {
        assertThatThrownBy(() -> cluster.namespace())
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SOURCE))
                .hasMessageContaining("is not in this cluster");
    }

    @Test
    void severalLonghornsHaveToBeToldApart() throws Exception {
        setting("a", "current-longhorn-version", "v1.10.1");
        setting("b", "current-longhorn-version", "v1.10.1");

        assertThatThrownBy(() -> cluster.namespace())
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIG))
                .hasMessageContaining("a, b");
    }

    @Test
    void whereTheSettingSaysNothingTheDefinitionsTellTheVersion() throws Exception {
        setting("longhorn-system", "current-longhorn-version", "");
        for (String plural : List.of("volumes", "backups")) {
            cluster.create(ResourceType.DEFINITION, MockApiServer.yaml("""
                    metadata: {name: %s.longhorn.io}
                    spec:
                      group: longhorn.io
                      scope: Namespaced
                      names: {plural: %s, kind: X}
                      versions:
                      - name: v1beta2
                        served: true
                        storage: true
                        schema: {openAPIV3Schema: {properties: {spec: {properties: {backupMode: {type: string}}}}}}
                    """.formatted(plural, plural)));
        }

        assertThat(cluster.version().hasBackupMode()).isTrue();
        assertThat(cluster.version().hasSeveralTargets()).isFalse();
    }

    @Test
    void objectsAreMadeFoundListedPatchedAndDeleted() throws Exception {
        setting("longhorn-system", "current-longhorn-version", "v1.12.1");
        cluster.create(ResourceType.BACKUP, MockApiServer.yaml("""
                metadata: {name: b1, labels: {backup-volume: pvc-1}}
                spec: {snapshotName: s1, labels: {x: "y"}}
                """));
        cluster.create(ResourceType.BACKUP, named("b2"));

        assertThat(cluster.list(ResourceType.BACKUP)).hasSize(2);
        assertThat(cluster.list(ResourceType.BACKUP, Map.of("backup-volume", "pvc-1")))
                .singleElement()
                .satisfies(backup -> assertThat(backup.requestedLabels()).containsEntry("x", "y"));

        cluster.requestSync(ResourceType.BACKUP, "b1");
        assertThat(cluster.find(ResourceType.BACKUP, "b1")).isPresent();
        assertThat(cluster.delete(ResourceType.BACKUP, "b1")).isTrue();
        assertThat(cluster.delete(ResourceType.BACKUP, "b1")).isFalse();
        assertThat(cluster.find(ResourceType.BACKUP, "b1")).isEmpty();
    }

    @Test
    void objectsOfAllNamespacesAreListed() throws Exception {
        for (String namespace : List.of("shop", "blog")) {
            ObjectNode claim = named("data");
            claim.withObject("/metadata").put("namespace", namespace);
            cluster.create(ResourceType.CLAIM, claim);
        }

        assertThat(cluster.list(ResourceType.CLAIM, "", Map.of())).hasSize(2);
        assertThat(cluster.list(ResourceType.CLAIM, "shop", Map.of())).hasSize(1);
        assertThat(cluster.find(ResourceType.CLAIM, "blog", "data")).isPresent();
    }

    @Test
    void aWebhookThatIsAwayForAWhileIsAskedAgain() throws Exception {
        setting("longhorn-system", "current-longhorn-version", "v1.12.1");
        server.server
                .expect()
                .post()
                .withPath(BACKUPS)
                .andReturn(500, status(500, WEBHOOK + "dial tcp 10.0.0.1:9502: connect: connection refused"))
                .times(3);

        assertThat(cluster.create(ResourceType.BACKUP, named("b1")).name()).isEqualTo("b1");
        assertThat(clock.instant()).isAfter(TestClock.at("2026-11-22T03:00:00Z").instant());
    }

    @Test
    void anApiServerThatDoesNotAnswerForTwentySecondsIsSurvived() throws Exception {
        setting("longhorn-system", "current-longhorn-version", "v1.12.1");
        server.server
                .expect()
                .get()
                .withPath(BACKUPS + "?limit=500")
                .andReply(503, request -> status(503, "apiserver is shutting down"))
                .times(5);

        assertThat(cluster.list(ResourceType.BACKUP)).isEmpty();
        assertThat(Duration.between(TestClock.at("2026-11-22T03:00:00Z").instant(), clock.instant()))
                .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(60));
    }

    @Test
    void aRefusalIsNotRepeated() throws Exception {
        setting("longhorn-system", "current-longhorn-version", "v1.12.1");
        server.server
                .expect()
                .post()
                .withPath(BACKUPS)
                .andReturn(500, status(500, "admission webhook \"mutator.longhorn.io\" denied the request: json: no"))
                .once();

        assertThatThrownBy(() -> cluster.create(ResourceType.BACKUP, named("b1")))
                .hasMessage("Backup longhorn-system/b1: Longhorn refuses: json: no");
    }

    @Test
    void aLostAnswerIsNoSecondObject() throws Exception {
        setting("longhorn-system", "current-longhorn-version", "v1.12.1");
        cluster.create(ResourceType.BACKUP, named("b1"));
        server.server
                .expect()
                .post()
                .withPath(BACKUPS)
                .andReturn(504, status(504, "timeout"))
                .once();

        assertThat(cluster.create(ResourceType.BACKUP, named("b1")).name()).isEqualTo("b1");
        assertThatThrownBy(() -> cluster.create(ResourceType.BACKUP, named("b1")))
                .hasMessageContaining("exists");
    }
}
