package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** The kinds that the server knows: Kubernetes' own and those of the custom resource definitions. */
public final class Resources {
    private final List<ResourceType> types = new ArrayList<>(ResourceType.BUILT_IN);
    private final Map<ResourceType, Schema> schemas = new HashMap<>();
    private final List<ObjectNode> definitions;
    private final List<String> olderVersions;

    /**
     * The kinds of these definitions.
     *
     * @param olderVersions versions of the Longhorn group that are served besides the stored one
     */
    public Resources(List<ObjectNode> definitions, List<String> olderVersions) {
        this.definitions = List.copyOf(definitions);
        this.olderVersions = List.copyOf(olderVersions);
        for (ObjectNode definition : definitions) {
            String plural = definition.path("spec").path("names").path("plural").asText();
            ResourceType type = ResourceType.longhorn(
                    plural, definition.path("spec").path("names").path("kind").asText());
            types.add(type);
            schemas.put(type, new Schema(definition.at("/spec/versions/0/schema/openAPIV3Schema")));
        }
    }

    List<ObjectNode> definitions() {
        return definitions;
    }

    List<ResourceType> types() {
        return types;
    }

    Optional<ResourceType> find(RequestPath path) {
        return types.stream()
                .filter(type -> type.group().equals(path.group())
                        && type.plural().equals(path.plural())
                        && (type.version().equals(path.version())
                                || type.group().equals(ResourceType.LONGHORN)
                                        && olderVersions.contains(path.version())))
                .findFirst();
    }

    /** Drops what the schema does not know; refuses it when the request asks for that. */
    void decode(RequestPath path, ResourceType type, ObjectNode object) {
        Schema schema = schemas.get(type);
        if (schema == null) {
            return;
        }
        List<String> dropped = schema.prune(object);
        if (!dropped.isEmpty() && "Strict".equals(path.query().get("fieldValidation"))) {
            StringJoiner unknown = new StringJoiner(", ");
            dropped.forEach(field -> unknown.add("unknown field \"" + field + "\""));
            throw Refusal.badRequest(type.kind() + " in version \"" + type.version() + "\" cannot be handled as a "
                    + type.kind() + ": strict decoding error: " + unknown);
        }
    }

    /** The fields that a server-side apply sends and the schema does not know. */
    List<String> undeclared(ResourceType type, ObjectNode object) {
        Schema schema = schemas.get(type);
        return schema == null ? List.of() : schema.prune(object.deepCopy());
    }

    /** Reads the object as a webhook does. */
    void read(ResourceType type, ObjectNode object) {
        Schema schema = schemas.get(type);
        if (schema != null) {
            GoTypes.read(type, object, schema);
        }
    }

    /** Refuses what the schema or the rules of metadata forbid. */
    void validate(Review review) {
        ResourceType type = review.key().type();
        Problems problems = new Problems();
        MetadataRules.check(review.object(), review.operation(), problems);
        Schema schema = schemas.get(type);
        if (schema != null && problems.isEmpty()) {
            schema.prune(review.object());
            schema.check(review.object(), review.before(), problems);
        } else if (type.equals(ResourceType.CLAIMS)) {
            ClaimRules.check(review, problems);
        }
        problems.refuse(type, review.object().path("metadata").path("name").asText());
    }
}
