package cloud.lvs.backup.provider.longhorn.cluster;

import cloud.lvs.backup.spi.BackupException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a kind of Longhorn as they are now: one watch tells every change, and now and then they are listed anew, since
 * a watch may miss something, or end. One thread asks; the watch reports on its own.
 *
 * @param <T> what an object is read into
 */
public final class LiveObjects<T> implements AutoCloseable {
    private static final Duration LIST_EVERY = Duration.ofSeconds(15);
    private static final Duration LIST_EVERY_UNWATCHED = Duration.ofSeconds(1);

    private final Cluster cluster;
    private final ResourceType<T> type;
    private final Map<String, String> labels;
    private final Semaphore changes;
    private final Map<String, T> objects = new ConcurrentHashMap<>();
    private @Nullable Watch watch;
    private AtomicBoolean watching = new AtomicBoolean();
    private Instant listedAt = Instant.MIN;

    /**
     * @param labels only objects with all of these
     * @param changes a permit is released with every change
     */
    public LiveObjects(Cluster cluster, ResourceType<T> type, Map<String, String> labels, Semaphore changes) {
        this.cluster = cluster;
        this.type = type;
        this.labels = Map.copyOf(labels);
        this.changes = changes;
    }

    /** Sees to it that what is known is not old: to be called before each look. */
    public void refresh() throws BackupException, InterruptedException {
        Instant now = cluster.waiting().now();
        if (now.isBefore(listedAt.plus(watching.get() ? LIST_EVERY : LIST_EVERY_UNWATCHED))) {
            return;
        }
        Map<String, T> listed = new ConcurrentHashMap<>();
        String version = cluster.listInto(
                type, cluster.namespace(), labels, object -> listed.put(name(object), type.read(object)));
        objects.keySet().retainAll(listed.keySet());
        objects.putAll(listed);
        listedAt = now;
        if (!watching.get()) {
            watchFrom(version);
        }
    }

    private void watchFrom(String version) throws BackupException, InterruptedException {
        close();
        AtomicBoolean open = new AtomicBoolean(true);
        watching = open;
        try {
            watch = cluster.watch(type, labels, version, new Changes(open));
        } catch (BackupException | InterruptedException e) {
            open.set(false);
            throw e;
        }
    }

    /** The object of a name, as last told. */
    public Optional<T> get(String name) {
        return Optional.ofNullable(objects.get(name));
    }

    private static String name(ObjectNode object) {
        return object.path("metadata").path("name").asText();
    }

    /** Ends the watch. */
    @Override
    public void close() {
        watching.set(false);
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    private final class Changes implements Watcher<GenericKubernetesResource> {
        private final AtomicBoolean open;

        Changes(AtomicBoolean open) {
            this.open = open;
        }

        @Override
        public void eventReceived(Action action, GenericKubernetesResource resource) {
            if (!open.get()) {
                return;
            }
            switch (action) {
                case ADDED, MODIFIED ->
                    objects.put(resource.getMetadata().getName(), type.read(cluster.json(resource)));
                case DELETED -> objects.remove(resource.getMetadata().getName());
                case ERROR, BOOKMARK -> {}
            }
            changes.release();
        }

        @Override
        public void onClose(WatcherException cause) {
            open.set(false);
            changes.release();
        }

        @Override
        public void onClose() {
            open.set(false);
            changes.release();
        }
    }
}
