package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.crud.AttributeSet;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The objects of the cluster, held by fabric8's CRUD server: resource versions, optimistic locks, finalizers and the status
 * subresource are its own. Added: a clock of ours, the changes in order (its watches begin anew whatever version they are
 * asked for), and objects parsed once. Used under the lock of {@link ApiServer}.
 */
public final class ObjectStore extends KubernetesCrudDispatcher {
    private static final int REMEMBERED = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Clock clock;
    private final TreeMap<ObjectKey, ObjectNode> objects = new TreeMap<>();
    private final List<Change> history = new ArrayList<>();
    private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
    private @Nullable ObjectKey writing;

    ObjectStore(Clock clock) {
        this.clock = clock;
    }

    /** Makes a custom kind known. */
    void define(ObjectNode definition) {
        String name = definition.path("metadata").path("name").asText();
        create(new ObjectKey(ResourceType.DEFINITIONS, "", name), definition);
    }

    /** Calls {@code listener} after each change, under the server's lock. */
    public void listen(Consumer<Change> listener) {
        listeners.add(listener);
    }

    /** A copy of the object. */
    public Optional<ObjectNode> find(ObjectKey key) {
        return Optional.ofNullable(objects.get(key)).map(ObjectNode::deepCopy);
    }

    /** Copies of all objects of a kind, in a namespace if one is named. */
    public List<ObjectNode> list(ResourceType type, Optional<String> namespace) {
        ObjectKey first = new ObjectKey(type, namespace.orElse(""), "");
        List<ObjectNode> found = new ArrayList<>();
        for (var entry : objects.tailMap(first).entrySet()) {
            ObjectKey key = entry.getKey();
            if (!key.type().equals(type)
                    || namespace.filter(name -> !name.equals(key.namespace())).isPresent()) {
                break;
            }
            found.add(entry.getValue().deepCopy());
        }
        return found;
    }

    /** The version of the latest change. */
    public long version() {
        return history.isEmpty() ? 1 : history.get(history.size() - 1).version();
    }

    /** What changed after a version, in order. */
    public List<Change> since(long version) {
        int from = history.size();
        while (from > 0 && history.get(from - 1).version() > version) {
            from--;
        }
        return List.copyOf(history.subList(from, history.size()));
    }

    /** Stores a new object. */
    public ObjectNode create(ObjectKey key, ObjectNode object) {
        ObjectNode sent = object.deepCopy();
        sent.put("apiVersion", key.type().apiVersion()).put("kind", key.type().kind());
        String path = key.path();
        return write(key, HttpMethod.POST, path.substring(0, path.lastIndexOf('/')), sent)
                .orElseThrow();
    }

    /** Stores the object but for its status; empty when its last finalizer went and it with it. */
    public Optional<ObjectNode> replace(ObjectKey key, ObjectNode object) {
        return write(key, HttpMethod.PUT, key.path(), object);
    }

    /** Stores the object's status only. */
    public Optional<ObjectNode> replaceStatus(ObjectKey key, ObjectNode object) {
        return write(key, HttpMethod.PUT, key.path() + "/status", object);
    }

    /** Removes the object, or marks it when finalizers hold it. */
    public Optional<ObjectNode> delete(ObjectKey key) {
        writing = key;
        handleDelete(key.path());
        return find(key);
    }

    /** Removes the object whatever holds it. */
    public void purge(ObjectKey key) {
        find(key).ifPresent(object -> {
            ((ObjectNode) object.get("metadata")).remove("finalizers");
            replace(key, object);
            if (objects.containsKey(key)) {
                delete(key);
            }
        });
    }

    /** Copies of all objects. */
    public Map<ObjectKey, ObjectNode> all() {
        Map<ObjectKey, ObjectNode> copies = new TreeMap<>();
        objects.forEach((key, object) -> copies.put(key, object.deepCopy()));
        return copies;
    }

    private Optional<ObjectNode> write(ObjectKey key, HttpMethod method, String path, ObjectNode object) {
        writing = key;
        MockResponse answer = dispatch(new RecordedRequest(
                "HTTP/1.1",
                method,
                path,
                Headers.builder().add("Content-Type", "application/json").build(),
                new Buffer().writeUtf8(object.toString())));
        if (answer.code() == 409 && method == HttpMethod.PUT) {
            throw new Refusal(
                            409,
                            "Conflict",
                            "Operation cannot be fulfilled on " + key.type().qualifiedPlural() + " \"" + key.name()
                                    + "\": the object has been modified; please apply your changes to the latest"
                                    + " version and try again")
                    .about(key.type(), key.name());
        }
        if (answer.code() >= 300) {
            throw new IllegalStateException(method + " " + path + " was answered by " + answer.code() + " "
                    + answer.getBody().readUtf8());
        }
        return find(key);
    }

    @Override
    public void processEvent(
            String path,
            AttributeSet pathAttributes,
            @Nullable AttributeSet oldAttributes,
            @Nullable GenericKubernetesResource resource,
            @Nullable String newState) {
        ObjectKey key = java.util.Objects.requireNonNull(writing);
        Optional<ObjectNode> before = Optional.ofNullable(objects.get(key));
        Optional<ObjectNode> after = Optional.ofNullable(newState).map(ObjectStore::parse);
        after.ifPresent(object -> stamp(object, before));
        super.processEvent(
                path,
                pathAttributes,
                oldAttributes,
                resource,
                after.map(ObjectNode::toString).orElse(null));
        if (after.equals(before)) {
            return;
        }
        after.ifPresentOrElse(object -> objects.put(key, object), () -> objects.remove(key));
        long version = after.map(object ->
                        object.path("metadata").path("resourceVersion").asLong())
                .orElseGet(this::requestResourceVersion);
        Change change = new Change(version, key, before, after);
        history.add(change);
        if (history.size() > REMEMBERED) {
            history.subList(0, REMEMBERED / 2).clear();
        }
        listeners.forEach(listener -> listener.accept(change));
    }

    private void stamp(ObjectNode object, Optional<ObjectNode> before) {
        ObjectNode metadata = (ObjectNode) object.get("metadata");
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        if (before.isEmpty()) {
            metadata.put("creationTimestamp", now);
        }
        Optional<JsonNode> marked = before.map(old -> old.path("metadata").path("deletionTimestamp"))
                .filter(JsonNode::isTextual);
        if (marked.isPresent()) {
            metadata.set("deletionTimestamp", marked.get());
        } else if (metadata.hasNonNull("deletionTimestamp")) {
            metadata.put("deletionTimestamp", now).put("deletionGracePeriodSeconds", 0);
        }
        if (metadata.path("namespace").isNull()) {
            metadata.remove("namespace");
        }
    }

    private static ObjectNode parse(String text) {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
