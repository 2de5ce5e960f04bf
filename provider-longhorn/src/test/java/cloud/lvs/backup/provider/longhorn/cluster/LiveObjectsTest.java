package cloud.lvs.backup.provider.longhorn.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestClock;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.WatchEvent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveObjectsTest {
    private static final Map<String, String> OURS = Map.of("run", "r1");

    private final TestClock clock = TestClock.at("2026-11-22T03:00:00Z");
    private final Semaphore changes = new Semaphore(0);
    private MockApiServer server;
    private Cluster cluster;
    private LiveObjects<Backup> backups;

    @BeforeEach
    void start() {
        server = new MockApiServer();
        cluster = new Cluster(server.client(), "longhorn-system", Waiting.by(clock));
        backups = new LiveObjects<>(cluster, ResourceType.BACKUP, OURS, changes);
    }

    @AfterEach
    void stop() {
        backups.close();
        cluster.close();
        server.close();
    }

    private static ObjectNode backup(String name, String state) {
        return MockApiServer.yaml("""
                metadata: {name: %s, labels: {run: r1}}
                status: {state: "%s"}
                """.formatted(name, state));
    }

    private void awaitChange() throws InterruptedException {
        assertThat(changes.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
    }

    private void awaitState(String name, String state) throws InterruptedException {
        while (!state(name).equals(state)) {
            awaitChange();
        }
    }

    private String state(String name) {
        return backups.get(name).map(Backup::state).orElse("gone");
    }

    @Test
    void whatIsThereIsListedAndWhatHappensIsTold() throws Exception {
        cluster.create(ResourceType.BACKUP, backup("b1", "Pending"));
        backups.refresh();
        assertThat(state("b1")).isEqualTo("Pending");

        cluster.create(ResourceType.BACKUP, backup("b2", "InProgress"));
        awaitState("b2", "InProgress");
        cluster.patch(ResourceType.BACKUP, "longhorn-system", "b2", MockApiServer.yaml("status: {state: Completed}"));
        awaitState("b2", "Completed");
        cluster.delete(ResourceType.BACKUP, "b2");
        awaitState("b2", "gone");
    }

    @Test
    void othersAreNotSeen() throws Exception {
        ObjectNode foreign = backup("b1", "Pending");
        foreign.withObject("/metadata/labels").put("run", "r2");
        cluster.create(ResourceType.BACKUP, foreign);

        backups.refresh();

        assertThat(backups.get("b1")).isEmpty();
    }

    @Test
    void aWatchThatTheServerEndsIsBegunAnew() throws Exception {
        server.server
                .expect()
                .get()
                .withPath("/apis/longhorn.io/v1beta2/namespaces/longhorn-system/backups?allowWatchBookmarks=true"
                        + "&labelSelector=run%3Dr1&resourceVersion=0&watch=true")
                .andUpgradeToWebSocket()
                .open()
                .waitFor(10)
                .andEmit(new WatchEvent(
                        new StatusBuilder()
                                .withCode(410)
                                .withMessage("too old resource version")
                                .build(),
                        "ERROR"))
                .done()
                .once();
        backups.refresh();
        awaitChange();
        cluster.create(ResourceType.BACKUP, backup("b1", "Pending"));
        assertThat(backups.get("b1")).isEmpty();

        clock.advance(Duration.ofSeconds(2));
        backups.refresh();

        assertThat(state("b1")).isEqualTo("Pending");
        cluster.delete(ResourceType.BACKUP, "b1");
        awaitState("b1", "gone");
    }

    @Test
    void whatTheWatchDoesNotTellIsSeenByTheNextListing() throws Exception {
        backups.refresh();
        cluster.create(ResourceType.BACKUP, backup("b1", "Pending"));
        awaitChange();
        clock.advance(Duration.ofSeconds(16));

        backups.refresh();

        assertThat(state("b1")).isEqualTo("Pending");
    }
}
