package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectStore;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.BackupStores;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What all controllers share: the objects, the stores behind the targets, the time, the release and the script. */
public final class World {
    /** The only node. */
    public static final String NODE = "node-1";

    static final String OBJECT_ONLY = "longhorn.io/delete-custom-resource-only";

    private final Cluster cluster;
    private final BackupStores stores = new BackupStores();
    private final SimulatedTime time;
    private final Release release;
    private final Script script = new Script();
    private final Tickets tickets = new Tickets();
    private final ControllerManager manager;

    /** The controllers of a release, working on a store. */
    public World(ObjectStore store, SimulatedTime time, Release release) {
        this.cluster = new Cluster(store);
        this.time = time;
        this.release = release;
        manager = new ControllerManager(store, time);
        manager.add(new TargetSettings(this));
        manager.add(new TargetController(this));
        manager.add(new BackupVolumeController(this));
        manager.add(new VolumeController(this));
        manager.add(new SnapshotController(this));
        manager.add(new BackupController(this));
    }

    /** Lets the controllers work. */
    public void start() {
        manager.start();
    }

    /** The controllers stop: no manager of Longhorn runs. */
    public void stop() {
        manager.stop();
    }

    /** The controllers go on. */
    public void resume() {
        manager.resume();
    }

    /** The objects. */
    public Cluster cluster() {
        return cluster;
    }

    /** The stores behind the targets. */
    public BackupStores stores() {
        return stores;
    }

    /** What goes otherwise than well. */
    public Script script() {
        return script;
    }

    /** The release played. */
    public Release release() {
        return release;
    }

    /** The engine of a volume that is there from the start, running or not. */
    public void engine(String volume, boolean running) {
        Engines.set(this, volume, running ? "running" : "stopped");
    }

    Tickets tickets() {
        return tickets;
    }

    /** Adds a controller; before {@link #start}. */
    public void add(Controller controller) {
        manager.add(controller);
    }

    /** Looks at an object once more. */
    public void soon(ObjectKey key) {
        manager.soon(key);
    }

    /** Now, as a status says it. */
    public String timestamp() {
        return time();
    }

    ControllerManager manager() {
        return manager;
    }

    /** Now. */
    public Instant now() {
        return time.now();
    }

    /** Now, as a status says it. */
    String time() {
        return time.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Does something after a while of the cluster's time. */
    public void later(Duration delay, Runnable work) {
        time.after(delay, work);
    }

    void after(Duration delay, Runnable work) {
        time.after(delay, work);
    }

    /** Wants a volume attached; whether it is. */
    boolean attach(String volume, ObjectKey holder) {
        tickets.take(volume, holder.toString());
        ObjectKey key = Cluster.key(ResourceType.VOLUMES, volume);
        boolean attached = cluster.find(key)
                .filter(object -> object.path("status").path("state").asText().equals("attached"))
                .isPresent();
        if (!attached) {
            manager.soon(key);
            manager.again(holder, Duration.ofSeconds(1));
        }
        return attached;
    }

    /** No longer wants a volume attached. */
    void detach(String volume, ObjectKey holder) {
        tickets.drop(volume, holder.toString());
        manager.soon(Cluster.key(ResourceType.VOLUMES, volume));
    }

    /** A new object with a name, and with Longhorn's finalizer. */
    public static ObjectNode object(String name) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("name", name).putArray("finalizers").add(Cluster.FINALIZER);
        object.putObject("spec");
        return object;
    }

    static ObjectKey key(ResourceType type, String name) {
        return Cluster.key(type, name);
    }
}
