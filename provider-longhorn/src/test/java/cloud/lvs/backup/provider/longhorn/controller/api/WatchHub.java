package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The open watches. Events are sent by one thread, in the order of the changes. */
final class WatchHub implements AutoCloseable {
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final ExecutorService sender = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "scripted-longhorn-watches");
        thread.setDaemon(true);
        return thread;
    });

    /** A watch that starts with what changed after a version, or with all there is. */
    WebSocketListener open(ResourceType type, Optional<String> namespace, Predicate<ObjectNode> selector, Start start) {
        Watch watch = new Watch(type, namespace, selector, start);
        watches.add(watch);
        return watch;
    }

    /** How many watches are open on a kind. */
    long count(ResourceType type) {
        return watches.stream().filter(watch -> watch.type.equals(type)).count();
    }

    /** What a watch is told first. */
    record Start(List<ObjectNode> existing, List<Change> since) {}

    /** Tells the watches of a change. */
    void changed(Change change) {
        watches.forEach(watch -> watch.changed(change));
    }

    /** Ends all watches as the API server does when their version is compacted away. */
    void expire() {
        ObjectNode event = JsonNodeFactory.instance.objectNode().put("type", "ERROR");
        event.set("object", new Refusal(410, "Expired", "too old resource version: 1 (2)").status());
        watches.forEach(watch -> {
            watch.send(event);
            watch.end();
        });
    }

    /** Ends all watches without a word. */
    void cut() {
        watches.forEach(Watch::end);
    }

    @Override
    public void close() {
        sender.shutdownNow();
    }

    private final class Watch extends WebSocketListener {
        private final ResourceType type;
        private final Optional<String> namespace;
        private final Predicate<ObjectNode> selector;
        private volatile @Nullable WebSocket socket;

        Watch(ResourceType type, Optional<String> namespace, Predicate<ObjectNode> selector, Start start) {
            this.type = type;
            this.namespace = namespace;
            this.selector = selector;
            pending = start;
        }

        private @Nullable Start pending;
        private final java.util.ArrayDeque<Change> early = new java.util.ArrayDeque<>();

        @Override
        public synchronized void onOpen(WebSocket opened, Response response) {
            socket = opened;
            Start start = java.util.Objects.requireNonNull(pending);
            pending = null;
            start.existing().forEach(object -> send(event("ADDED", object)));
            start.since().forEach(this::tell);
            early.forEach(this::tell);
        }

        synchronized void changed(Change change) {
            if (pending != null) {
                early.add(change);
            } else {
                tell(change);
            }
        }

        private void tell(Change change) {
            if (!change.key().type().equals(type)
                    || namespace
                            .filter(name -> !name.equals(change.key().namespace()))
                            .isPresent()) {
                return;
            }
            boolean was = change.before().filter(selector).isPresent();
            boolean is = change.after().filter(selector).isPresent();
            if (is) {
                send(event(was ? "MODIFIED" : "ADDED", change.after().orElseThrow()));
            } else if (was) {
                ObjectNode last = change.latest().deepCopy();
                ((ObjectNode) last.get("metadata")).put("resourceVersion", Long.toString(change.version()));
                send(event("DELETED", last));
            }
        }

        private ObjectNode event(String what, ObjectNode object) {
            ObjectNode event = JsonNodeFactory.instance.objectNode().put("type", what);
            event.set("object", object);
            return event;
        }

        void send(ObjectNode event) {
            WebSocket open = socket;
            if (open != null && !sender.isShutdown()) {
                sender.execute(() -> open.send(event.toString()));
            }
        }

        void end() {
            WebSocket open = socket;
            watches.remove(this);
            if (open != null && !sender.isShutdown()) {
                sender.execute(() -> open.close(1000, ""));
            }
        }

        @Override
        public void onClosing(WebSocket closing, int code, @Nullable String reason) {
            end();
        }

        @Override
        public void onClosed(WebSocket closed, int code, @Nullable String reason) {
            watches.remove(this);
        }

        @Override
        public void onFailure(WebSocket failed, Throwable error, @Nullable Response response) {
            watches.remove(this);
        }
    }
}
