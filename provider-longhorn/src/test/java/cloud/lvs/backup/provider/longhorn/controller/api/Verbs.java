package cloud.lvs.backup.provider.longhorn.controller.api;

import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What the server does for each verb, in the order of a real one: decode, mutate, validate, ask the validator, store. */
final class Verbs {
    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

    private final ObjectStore store;
    private final Admission admission;
    private final Resources resources;
    private final RandomGenerator random = RandomGenerator.getDefault();

    Verbs(ObjectStore store, Admission admission, Resources resources) {
        this.store = store;
        this.admission = admission;
        this.resources = resources;
    }

    /** An object that was patched, and whether a server-side apply made it (201). */
    record Patched(int code, ObjectNode object) {}

    ObjectNode get(RequestPath path, ResourceType type) {
        ObjectNode object = existing(key(path, type));
        return path.subresource().filter("scale"::equals).isPresent() ? Scale.of(object) : object;
    }

    ObjectNode create(RequestPath path, ResourceType type, JsonNode body) {
        return create(path, type, (ObjectNode) body.deepCopy());
    }

    private ObjectNode create(RequestPath path, ResourceType type, ObjectNode object) {
        resources.decode(path, type, object);
        ObjectNode metadata = object.withObjectProperty("metadata");
        String prefix = metadata.path("generateName").asText();
        if (metadata.path("name").asText().isEmpty() && !prefix.isEmpty()) {
            metadata.put("name", prefix + suffix());
        }
        path.namespace().ifPresent(namespace -> metadata.put("namespace", namespace));
        metadata.remove("resourceVersion");
        metadata.remove("uid");
        metadata.remove("creationTimestamp");
        if (type.equals(ResourceType.SECRETS)) {
            SecretData.encode(object);
        }
        VolumeObjects.fill(type, object);
        ObjectKey asked = key(type, path.namespace(), metadata.path("name").asText());
        Review review = new Review(Operation.CREATE, asked, object, Optional.empty());
        admission.mutate(review);
        if (type.statusSubresource()) {
            object.remove("status");
        }
        resources.validate(review);
        admission.validate(review);
        ObjectKey key = key(type, path.namespace(), metadata.path("name").asText());
        Optional<ObjectNode> taken = store.find(key);
        if (taken.isPresent()) {
            throw marked(taken.get())
                    ? new Refusal(
                                    409,
                                    "AlreadyExists",
                                    "object is being deleted: " + type.qualifiedPlural() + " \"" + key.name()
                                            + "\" already exists")
                            .about(type, key.name())
                    : Refusal.alreadyExists(type, key.name());
        }
        return path.dryRun() ? object : store.create(key, object);
    }

    ObjectNode update(RequestPath path, ResourceType type, JsonNode body) {
        ObjectKey key = key(path, type);
        ObjectNode before = existing(key);
        ObjectNode object = (ObjectNode) body.deepCopy();
        resources.decode(path, type, object);
        String version = object.path("metadata").path("resourceVersion").asText();
        if (version.isEmpty() && type.group().equals(ResourceType.LONGHORN)) {
            throw new Refusal(
                            422,
                            "Invalid",
                            type.qualifiedKind() + " \"" + key.name()
                                    + "\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified"
                                    + " for an update")
                    .aboutKind(type, key.name());
        }
        return write(path, key, before, object);
    }

    Patched patch(RequestPath path, ResourceType type, JsonNode body, String contentType) {
        ObjectKey key = key(path, type);
        if (contentType.startsWith("application/strategic-merge-patch+json")
                && type.group().equals(ResourceType.LONGHORN)) {
            throw new Refusal(
                    415,
                    "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include:"
                            + " application/json-patch+json, application/merge-patch+json,"
                            + " application/apply-patch+yaml");
        }
        if (contentType.startsWith("application/apply-patch")) {
            declared(key, (ObjectNode) body);
        }
        if (contentType.startsWith("application/apply-patch") && store.find(key).isEmpty()) {
            return new Patched(201, create(path, type, (ObjectNode) body.deepCopy()));
        }
        ObjectNode before = existing(key);
        boolean scale = path.subresource().filter("scale"::equals).isPresent();
        ObjectNode object = Patch.apply(scale ? Scale.of(before) : before, body, contentType);
        if (!contentType.startsWith("application/json-patch")
                && !body.path("metadata").has("resourceVersion")) {
            // Without a version a patch is tried again on whatever is there.
            object.withObjectProperty("metadata")
                    .set("resourceVersion", before.path("metadata").path("resourceVersion"));
        }
        return new Patched(200, write(path, key, before, object));
    }

    private void declared(ObjectKey key, ObjectNode body) {
        List<String> unknown = resources.undeclared(key.type(), body);
        if (!unknown.isEmpty()) {
            throw new Refusal(
                    500,
                    "",
                    "failed to create typed patch object (" + key.namespace() + "/" + key.name() + "; "
                            + key.type().apiVersion() + ", Kind=" + key.type().kind() + "): ." + unknown.get(0)
                            + ": field not declared in schema");
        }
    }

    private ObjectNode write(RequestPath path, ObjectKey key, ObjectNode before, ObjectNode sent) {
        String version = sent.path("metadata").path("resourceVersion").asText();
        if (!version.isEmpty()
                && !version.equals(
                        before.path("metadata").path("resourceVersion").asText())) {
            throw new Refusal(
                            409,
                            "Conflict",
                            "Operation cannot be fulfilled on " + key.type().qualifiedPlural() + " \"" + key.name()
                                    + "\": the object has been modified; please apply your changes to the latest"
                                    + " version and try again")
                    .about(key.type(), key.name());
        }
        String subresource = path.subresource().orElse("");
        ObjectNode object = sent;
        if (subresource.equals("scale")) {
            object = before.deepCopy();
            object.withObjectProperty("spec")
                    .set("replicas", sent.path("spec").path("replicas").deepCopy());
        } else if (subresource.equals("status")) {
            object = before.deepCopy();
            object.set("status", sent.path("status").isMissingNode() ? null : sent.get("status"));
        } else {
            keepSystemFields(before, object);
            resources.decode(path, key.type(), object);
            if (key.type().equals(ResourceType.SECRETS)) {
                SecretData.encode(object);
            }
            if (key.type().statusSubresource()) {
                object.remove("status");
                if (before.has("status")) {
                    object.set("status", before.get("status").deepCopy());
                }
            }
        }
        Review review = new Review(Operation.UPDATE, key, object, Optional.of(before));
        if (!subresource.equals("status")) {
            admission.mutate(review);
        }
        resources.validate(review);
        if (!subresource.equals("status")) {
            admission.validate(review);
        }
        if (path.dryRun()) {
            return object;
        }
        Optional<ObjectNode> after =
                subresource.equals("status") ? store.replaceStatus(key, object) : store.replace(key, object);
        ObjectNode now = after.orElse(object);
        return subresource.equals("scale") ? Scale.of(now) : now;
    }

    private static void keepSystemFields(ObjectNode before, ObjectNode object) {
        ObjectNode metadata = object.withObjectProperty("metadata");
        for (String field : new String[] {
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation"
        }) {
            JsonNode value = before.path("metadata").get(field);
            if (value == null) {
                metadata.remove(field);
            } else {
                metadata.set(field, value.deepCopy());
            }
        }
    }

    ObjectNode delete(RequestPath path, ResourceType type, ObjectNode options) {
        if (path.name().isEmpty()) {
            ObjectNode list = JsonNodeFactory.instance.objectNode();
            list.put("kind", type.kind() + "List").put("apiVersion", type.apiVersion());
            list.putObject("metadata").put("resourceVersion", Long.toString(store.version()));
            var items = list.putArray("items");
            var selector = Selector.of(path.parameter("labelSelector"), path.parameter("fieldSelector"));
            for (ObjectNode object : store.list(type, path.namespace())) {
                if (selector.test(object)) {
                    ObjectKey key = key(
                            type,
                            path.namespace(),
                            object.path("metadata").path("name").asText());
                    items.add(delete(path, key, object, options));
                }
            }
            return list;
        }
        ObjectKey key = key(path, type);
        ObjectNode before = existing(key);
        return delete(path, key, before, options);
    }

    private ObjectNode delete(RequestPath path, ObjectKey key, ObjectNode before, ObjectNode options) {
        for (String field : new String[] {"uid", "resourceVersion"}) {
            String wanted = options.path("preconditions").path(field).asText();
            String is = before.path("metadata").path(field).asText();
            if (!wanted.isEmpty() && !Objects.equals(wanted, is)) {
                String what = field.equals("uid") ? "UID" : "ResourceVersion";
                throw new Refusal(
                                409,
                                "Conflict",
                                "Operation cannot be fulfilled on " + key.type().qualifiedKind() + " \"" + key.name()
                                        + "\": the " + what + " in the precondition (" + wanted
                                        + ") does not match the " + what + " in record (" + is
                                        + "). The object might have been deleted and then recreated")
                        .aboutKind(key.type(), key.name());
            }
        }
        admission.validate(new Review(Operation.DELETE, key, before, Optional.empty()));
        if (path.dryRun() || "All".equals(options.path("dryRun").path(0).asText())) {
            return before;
        }
        String policy = path.parameter("propagationPolicy")
                .orElse(options.path("propagationPolicy").asText());
        hold(key, before, policy.equals("Foreground") ? "foregroundDeletion" : policy.equals("Orphan") ? "orphan" : "");
        return store.delete(key).orElseGet(() -> gone(key, before));
    }

    private void hold(ObjectKey key, ObjectNode object, String finalizer) {
        if (!finalizer.isEmpty()) {
            ObjectNode held = object.deepCopy();
            held.withObjectProperty("metadata").withArray("finalizers").add(finalizer);
            store.replace(key, held);
        }
    }

    private static ObjectNode gone(ObjectKey key, ObjectNode before) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Success")
                .putObject("details")
                .put("name", key.name())
                .put("group", key.type().group())
                .put("kind", key.type().plural())
                .set("uid", before.path("metadata").path("uid"));
        return status;
    }

    private ObjectNode existing(ObjectKey key) {
        return store.find(key).orElseThrow(() -> Refusal.notFound(key.type(), key.name()));
    }

    private static boolean marked(ObjectNode object) {
        return object.path("metadata").hasNonNull("deletionTimestamp");
    }

    private static ObjectKey key(RequestPath path, ResourceType type) {
        return key(type, path.namespace(), path.name().orElseThrow());
    }

    private static ObjectKey key(ResourceType type, Optional<String> namespace, String name) {
        return new ObjectKey(type, type.namespaced() ? namespace.orElse("") : "", name);
    }

    private String suffix() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            text.append(SUFFIX_LETTERS.charAt(random.nextInt(SUFFIX_LETTERS.length())));
        }
        return text.toString();
    }
}
