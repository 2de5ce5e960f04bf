package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectStore;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The objects as a controller reads and writes them: past the webhooks, under the server's lock. */
public final class Cluster {
    /** The namespace of Longhorn. */
    public static final String NAMESPACE = "longhorn-system";

    /** The finalizer of Longhorn. */
    public static final String FINALIZER = "longhorn.io";

    private final ObjectStore store;

    /** The objects of this store. */
    public Cluster(ObjectStore store) {
        this.store = store;
    }

    /** The key of an object of Longhorn, or of one without a namespace. */
    public static ObjectKey key(ResourceType type, String name) {
        return new ObjectKey(type, type.namespaced() ? NAMESPACE : "", name);
    }

    /** An object of Longhorn by its name. */
    public Optional<ObjectNode> find(ResourceType type, String name) {
        return find(key(type, name));
    }

    /** Any object. */
    public Optional<ObjectNode> find(ObjectKey key) {
        return store.find(key);
    }

    /** All objects of a kind in Longhorn's namespace, or of all namespaces for kinds of others. */
    public List<ObjectNode> list(ResourceType type) {
        return store.list(type, type.group().equals(ResourceType.LONGHORN) ? Optional.of(NAMESPACE) : Optional.empty());
    }

    /** Objects of Longhorn with this label. */
    public List<ObjectNode> labelled(ResourceType type, String label, String value) {
        return list(type).stream()
                .filter(object -> label(object, label).equals(value))
                .toList();
    }

    /** Stores a new object of Longhorn, with its finalizer. */
    public ObjectNode create(ResourceType type, ObjectNode object) {
        ObjectKey key = key(type, name(object));
        if (type.group().equals(ResourceType.LONGHORN)) {
            ((ObjectNode) object.get("metadata")).put("namespace", NAMESPACE);
        }
        return store.create(key, object);
    }

    /** Stores any new object. */
    public ObjectNode create(ObjectKey key, ObjectNode object) {
        return store.create(key, object);
    }

    /** Changes what is not status. */
    public void update(ObjectKey key, Consumer<ObjectNode> change) {
        store.find(key).ifPresent(object -> {
            change.accept(object);
            store.replace(key, object);
        });
    }

    /** Changes the status. */
    public void updateStatus(ObjectKey key, Consumer<ObjectNode> change) {
        store.find(key).ifPresent(object -> {
            JsonNode before = object.path("status").deepCopy();
            ObjectNode status = object.withObjectProperty("status");
            change.accept(status);
            if (!status.equals(before)) {
                store.replaceStatus(key, object);
            }
        });
    }

    /** Takes Longhorn's finalizer off, so that an object being deleted goes. */
    public void release(ObjectKey key) {
        release(key, FINALIZER);
    }

    /** Takes a finalizer off. */
    public void release(ObjectKey key, String finalizerName) {
        update(key, object -> {
            ArrayNode left = object.arrayNode();
            for (JsonNode finalizer : object.path("metadata").path("finalizers")) {
                if (!finalizer.asText().equals(finalizerName)) {
                    left.add(finalizer);
                }
            }
            ((ObjectNode) object.get("metadata")).set("finalizers", left);
        });
    }

    /** Deletes as a client would. */
    public void delete(ObjectKey key) {
        if (store.find(key).isPresent()) {
            store.delete(key);
        }
    }

    /** The value of a setting, or a default where it was never written. */
    public String setting(String name, String byDefault) {
        return find(ResourceType.SETTINGS, name)
                .map(setting -> setting.path("value").asText())
                .orElse(byDefault);
    }

    /** The name of an object. */
    public static String name(ObjectNode object) {
        return object.path("metadata").path("name").asText();
    }

    /** A label of an object, empty text where it is not there. */
    public static String label(ObjectNode object, String label) {
        return object.path("metadata").path("labels").path(label).asText();
    }

    /** Whether the object is being deleted. */
    public static boolean marked(ObjectNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }
}
