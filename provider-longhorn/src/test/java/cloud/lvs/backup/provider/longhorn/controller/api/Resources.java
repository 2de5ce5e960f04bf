package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The kinds that the server knows: Kubernetes' own and those of the custom resource definitions. */
public final class Resources {
    private final List<ResourceType> types = new ArrayList<>(ResourceType.BUILT_IN);
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
            types.add(ResourceType.longhorn(
                    plural, definition.path("spec").path("names").path("kind").asText()));
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

    /** Refuses what is no object of the kind, drops what the schema does not know. */
    void decode(RequestPath path, ResourceType type, ObjectNode object) {}

    /** Refuses what the schema or the rules of metadata forbid. */
    void validate(ResourceType type, ObjectNode object) {}
}
