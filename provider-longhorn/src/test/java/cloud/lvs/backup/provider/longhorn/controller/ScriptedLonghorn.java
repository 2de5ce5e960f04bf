package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.provider.longhorn.controller.admission.Webhooks;
import cloud.lvs.backup.provider.longhorn.controller.api.Access;
import cloud.lvs.backup.provider.longhorn.controller.api.ApiServer;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Resources;
import cloud.lvs.backup.provider.longhorn.controller.api.TcpGate;
import cloud.lvs.backup.provider.longhorn.controller.kubernetes.ClaimController;
import cloud.lvs.backup.provider.longhorn.controller.kubernetes.PersistentVolumeController;
import cloud.lvs.backup.provider.longhorn.controller.kubernetes.PodController;
import cloud.lvs.backup.provider.longhorn.controller.kubernetes.ScalingHand;
import cloud.lvs.backup.provider.longhorn.controller.kubernetes.WorkloadController;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.loop.Script;
import cloud.lvs.backup.provider.longhorn.controller.loop.SimulatedTime;
import cloud.lvs.backup.provider.longhorn.controller.loop.World;
import cloud.lvs.backup.provider.longhorn.controller.store.BackupStores;
import cloud.lvs.backup.provider.longhorn.controller.store.BucketLayout;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A cluster with Longhorn in it, played for tests: an API server over HTTP, Longhorn's webhooks of a release, and its
 * controllers.
 *
 * <pre>{@code
 * try (ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1").volume("pvc-1", claim("db", "data"))) {
 *     KubernetesClient client = longhorn.client();
 *     // create a Snapshot of pvc-1: ready after 1 s; then a Backup: Completed after 4 s more, synced 0.1 s later
 * }
 * }</pre>
 *
 * <p>Time runs 100 times as fast as the real one (a resync of 30 s takes 300 ms); {@link #clock()} shows it, and what waits
 * for Longhorn should read it. With {@link #startStanding} time stands until {@link #advance}. From the start there is the
 * BackupTarget {@code default}, available, with an empty store behind it (up to 1.7 as Settings).
 *
 * <p>What goes wrong is told to {@link #script()} (uploads, restores, snapshots of a volume), {@link #stores()} (unreachable
 * stores), {@link #access()} (forbidden verbs, expired token) and {@link #server()} (watches, webhooks); {@link #edit} and
 * {@link #editStatus} change any object past the webhooks, as another hand would.
 */
public final class ScriptedLonghorn implements AutoCloseable {
    /** The URL of the target {@code default}. */
    public static final String TARGET_URL = "s3://lvs@eu-central/longhorn/";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double SPEED = 100;

    private final Release release;
    private final ApiServer server;
    private final SimulatedTime time;
    private final World world;
    private final TcpGate gate;

    private ScriptedLonghorn(String version, double speed) {
        release = Release.parse(version);
        Instant start = TestTime.now();
        LateClock clock = new LateClock(start);
        Resources resources = Releases.resources(release);
        Webhooks webhooks = new Webhooks(release);
        server = new ApiServer(clock, resources, webhooks.byType());
        webhooks.read(new Cluster(server.store()));
        time = speed > 0
                ? SimulatedTime.running(start, speed, server.lock())
                : SimulatedTime.standing(start, server.lock());
        clock.follow(time.clock());
        world = new World(server.store(), time, release);
        synchronized (server.lock()) {
            Furniture.put(world);
            world.add(new ClaimController(world));
            world.add(new PersistentVolumeController(world));
            world.add(new PodController(world));
            world.add(new WorkloadController(world, ResourceType.DEPLOYMENTS));
            world.add(new WorkloadController(world, ResourceType.STATEFUL_SETS));
            world.start();
        }
        server.start();
        gate = new TcpGate(server.port());
    }

    /** Starts a release, for example {@code 1.9.2}, whose time runs a hundred times as fast as the real one. */
    public static ScriptedLonghorn start(String version) {
        return new ScriptedLonghorn(version, SPEED);
    }

    /** Starts a release whose time stands still until {@link #advance}. */
    public static ScriptedLonghorn startStanding(String version) {
        return new ScriptedLonghorn(version, 0);
    }

    /** The release played. */
    public Release release() {
        return release;
    }

    /** A new client; close it. */
    public KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(config())
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    /** How a client finds the server. */
    public Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url())
                .withOauthToken("test-token")
                .withNamespace("backup")
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    /** The server's address. */
    public String url() {
        return "http://127.0.0.1:" + gate.port() + "/";
    }

    /** A volume of 1 GiB, attached, used by a claim with a PV and a pod of a StatefulSet. */
    public ScriptedLonghorn volume(String name, Claim claim) {
        return volume(VolumeSeed.named(name).claim(claim));
    }

    /** A volume of 1 GiB without a claim, detached. */
    public ScriptedLonghorn volume(String name) {
        return volume(VolumeSeed.named(name).detached());
    }

    /** A volume as described. */
    public ScriptedLonghorn volume(VolumeSeed seed) {
        synchronized (server.lock()) {
            seed.plant(world);
        }
        return this;
    }

    /** The engine of a volume, running or not. */
    public void engine(String volume, boolean running) {
        synchronized (server.lock()) {
            world.engine(volume, running);
        }
    }

    /** Any object, put there past the webhooks; with its status. */
    public ScriptedLonghorn object(ResourceType type, String namespace, String json) {
        synchronized (server.lock()) {
            try {
                ObjectNode object = (ObjectNode) JSON.readTree(json);
                ObjectKey key = new ObjectKey(type, namespace, Cluster.name(object));
                JsonNode status = object.path("status");
                server.store().create(key, object);
                if (status instanceof ObjectNode fields) {
                    world.cluster().updateStatus(key, now -> now.setAll(fields));
                }
            } catch (IOException e) {
                throw new IllegalArgumentException(json, e);
            }
        }
        return this;
    }

    /** An object of Longhorn, or one without a namespace, as it is now. */
    public Optional<ObjectNode> find(ResourceType type, String name) {
        return locked(() -> world.cluster().find(type, name));
    }

    /** Any object as it is now. */
    public Optional<ObjectNode> find(ResourceType type, String namespace, String name) {
        return locked(() -> world.cluster().find(new ObjectKey(type, namespace, name)));
    }

    /** All objects of a kind. */
    public List<ObjectNode> list(ResourceType type) {
        return locked(() -> world.cluster().list(type));
    }

    /** Changes an object of Longhorn past the webhooks. */
    public void edit(ResourceType type, String name, Consumer<ObjectNode> change) {
        edit(Cluster.key(type, name), change);
    }

    /** Changes any object past the webhooks. */
    public void edit(ObjectKey key, Consumer<ObjectNode> change) {
        synchronized (server.lock()) {
            world.cluster().update(key, change);
        }
    }

    /** Changes the status of an object of Longhorn. */
    public void editStatus(ResourceType type, String name, Consumer<ObjectNode> change) {
        synchronized (server.lock()) {
            world.cluster().updateStatus(Cluster.key(type, name), change);
        }
    }

    /** Deletes an object of Longhorn as another client would. */
    public void delete(ResourceType type, String name) {
        synchronized (server.lock()) {
            world.cluster().delete(Cluster.key(type, name));
        }
    }

    /** Removes an object of Longhorn at once, whatever holds it. */
    public void purge(ResourceType type, String name) {
        synchronized (server.lock()) {
            server.store().purge(Cluster.key(type, name));
        }
    }

    /** What goes otherwise than well. */
    public Script script() {
        return world.script();
    }

    /** The stores behind the targets. */
    public BackupStores stores() {
        return world.stores();
    }

    /** Who may do what. */
    public Access access() {
        return server.access();
    }

    /** The API server: its watches, webhooks and the requests it got. */
    public ApiServer server() {
        return server;
    }

    /** The API server goes away: connections are cut, and new ones refused. */
    public void stopApiServer() {
        gate.shut();
    }

    /** The API server is there again, on the same port, with all its objects. */
    public void startApiServer() {
        gate.reopen();
    }

    /** A hand scales a workload up again, a second after it was scaled down. */
    public void fightScaling(ResourceType type, String namespace, String name, int replicas) {
        synchronized (server.lock()) {
            world.add(new ScalingHand(world, new ObjectKey(type, namespace, name), replicas, Duration.ofSeconds(1)));
        }
    }

    /** Writes what lies in the store of the default target as files, in Longhorn's own layout, below a directory. */
    public void writeStore(Path directory) throws IOException {
        synchronized (server.lock()) {
            for (StoredVolume volume : world.stores().volumes(TARGET_URL).values()) {
                BucketLayout.write(directory, volume);
            }
        }
    }

    /** All managers of Longhorn stop: webhooks refuse connections, nothing moves. */
    public void stopManagers() {
        server.stopWebhooks();
        synchronized (server.lock()) {
            world.stop();
        }
    }

    /** The managers of Longhorn run again. */
    public void startManagers() {
        server.startWebhooks();
        synchronized (server.lock()) {
            world.resume();
        }
    }

    /** The time the cluster lives in. */
    public Clock clock() {
        return time.clock();
    }

    /** Lets time pass that stands still. */
    public void advance(Duration duration) {
        time.advance(duration);
    }

    @Override
    public void close() {
        gate.close();
        time.close();
        server.close();
    }

    private <T> T locked(Supplier<T> read) {
        synchronized (server.lock()) {
            return read.get();
        }
    }

    /** A clock that is known before the time it follows. */
    private static final class LateClock extends Clock {
        private Clock followed;

        LateClock(Instant start) {
            followed = Clock.fixed(start, java.time.ZoneOffset.UTC);
        }

        void follow(Clock clock) {
            followed = clock;
        }

        @Override
        public java.time.ZoneId getZone() {
            return followed.getZone();
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return followed.instant();
        }
    }
}
