package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Five clients that create, update and delete Secrets, ConfigMaps and custom resources until their server is gone. */
final class KubeStorm implements AutoCloseable {
    private static final int CLIENTS = 5;
    private static final String NAMESPACE = "/api/v1/namespaces/storm";
    private static final String WIDGETS = "/apis/lvs.test/v1/namespaces/storm/widgets";

    private final KubeClient client;
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final AtomicLong writes = new AtomicLong();
    private final Map<String, String> kept = new ConcurrentHashMap<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean serverIsKilled;

    private KubeStorm(KubeClient client) {
        this.client = client;
    }

    /** Makes the namespace, the service account {@code app} and the custom resource, and begins. */
    static KubeStorm over(KubeClient client) throws IOException, InterruptedException {
        client.post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"storm\"}}").expectOk();
        client.post(NAMESPACE + "/serviceaccounts", "{\"metadata\":{\"name\":\"app\"}}")
                .expectOk();
        client.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                {"metadata": {"name": "widgets.lvs.test"},
                 "spec": {"group": "lvs.test", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
                   "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                     {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}}""")
                .expectOk();
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!client.post(WIDGETS, widget("first")).isOk()) {
            assertThat(System.nanoTime())
                    .as("the custom resource is served within a minute")
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(200);
        }
        KubeStorm storm = new KubeStorm(client);
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            storm.threads.execute(() -> storm.write(number));
        }
        return storm;
    }

    private void write(int number) {
        Random random = new Random(number);
        try {
            for (int i = 0; !threads.isShutdown(); i++) {
                String name = "w" + number + "-" + i;
                create(NAMESPACE + "/secrets", name, secret(name, random));
                create(
                        NAMESPACE + "/configmaps",
                        name,
                        "{\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"n\":\"" + i + "\"}}");
                create(WIDGETS, name, widget(name));
                acknowledge(client.put(NAMESPACE + "/secrets/" + name, secret(name, random)));
                if (i % 3 == 2) {
                    String old = NAMESPACE + "/secrets/w" + number + "-" + (i - 2);
                    // Whether one that is not answered happened, nobody knows.
                    kept.remove(old);
                    acknowledge(client.delete(old));
                }
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (!serverIsKilled) {
                failures.add(e);
            }
        }
    }

    private void create(String path, String name, String json) throws IOException, InterruptedException {
        KubeClient.Answer answer = client.post(path, json);
        acknowledge(answer);
        kept.put(path + "/" + name, answer.json().get("metadata").get("uid").asText());
    }

    private void acknowledge(KubeClient.Answer answer) throws IOException {
        answer.expectOk();
        writes.incrementAndGet();
    }

    private static String secret(String name, Random random) {
        byte[] password = new byte[10 + random.nextInt(2000)];
        random.nextBytes(password);
        return "{\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"password\":\""
                + Base64.getEncoder().encodeToString(password) + "\"}}";
    }

    private static String widget(String name) {
        return "{\"apiVersion\":\"lvs.test/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"" + name
                + "\"},\"spec\":{\"of\":\"" + name + "\"}}";
    }

    /** Waits until so many more writes were acknowledged. */
    void awaitWrites(long more) throws InterruptedException {
        long wanted = writes.get() + more;
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (writes.get() < wanted) {
            assertThat(failures).as("failures of clients").isEmpty();
            assertThat(System.nanoTime())
                    .as(more + " more writes within 5 minutes")
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Kills the server in the middle of it all; what it had acknowledged by then stays known. */
    void kill(KubeServer server) throws InterruptedException {
        serverIsKilled = true;
        server.close();
        close();
        assertThat(failures).as("failures of clients before").isEmpty();
    }

    /** The objects that were acknowledged and not deleted: path → uid. */
    Map<String, String> kept() {
        return Map.copyOf(kept);
    }

    @Override
    public void close() throws InterruptedException {
        threads.shutdownNow();
        threads.awaitTermination(2, TimeUnit.MINUTES);
    }
}
