package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.Change;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectStore;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Calls the controllers: 0.1 s after a change of an object, and for all objects every 30 s since the start. */
final class ControllerManager {
    private static final Duration RESYNC = Duration.ofSeconds(30);
    private static final Duration REACTION = Duration.ofMillis(100);

    private final ObjectStore store;
    private final SimulatedTime time;
    private final List<Controller> controllers = new ArrayList<>();
    private final Set<ObjectKey> queued = new HashSet<>();
    private Running running = Running.YES;

    private enum Running {
        YES,
        STOPPED
    }

    ControllerManager(ObjectStore store, SimulatedTime time) {
        this.store = store;
        this.time = time;
        store.listen(this::changed);
    }

    void add(Controller controller) {
        controllers.add(controller);
    }

    void start() {
        time.after(RESYNC, this::resync);
    }

    /** Nothing is looked at until {@link #resume}. */
    void stop() {
        running = Running.STOPPED;
    }

    void resume() {
        running = Running.YES;
        everything();
    }

    /** Looks at an object once more. */
    void soon(ObjectKey key) {
        again(key, REACTION);
    }

    /** Looks at an object after a while. */
    void again(ObjectKey key, Duration delay) {
        time.after(delay, () -> reconcile(key));
    }

    private void resync() {
        everything();
        time.after(RESYNC, this::resync);
    }

    private void everything() {
        for (Controller controller : controllers) {
            store.list(controller.type(), Optional.empty()).stream()
                    .map(object -> new ObjectKey(
                            controller.type(),
                            object.path("metadata").path("namespace").asText(),
                            Cluster.name(object)))
                    .forEach(this::reconcile);
        }
    }

    private void changed(Change change) {
        if (change.after().isEmpty()) {
            controllers.stream()
                    .filter(controller -> controller.type().equals(change.key().type()))
                    .forEach(controller ->
                            controller.gone(change.key(), change.before().orElseThrow()));
        } else if (queued.add(change.key())) {
            time.after(REACTION, () -> {
                queued.remove(change.key());
                reconcile(change.key());
            });
        }
    }

    private void reconcile(ObjectKey key) {
        boolean foreign = key.type().group().equals(ResourceType.LONGHORN)
                && !key.namespace().equals(Cluster.NAMESPACE);
        if (running == Running.STOPPED || foreign) {
            return;
        }
        for (Controller controller : controllers) {
            if (controller.type().equals(key.type())) {
                store.find(key).ifPresent(object -> controller.reconcile(key, object));
            }
        }
    }
}
