package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.provider.k3s.objects.ResourceType.Origin;
import cloud.lvs.backup.provider.k3s.objects.ResourceType.Scope;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The types of objects that a backup knows: those of Kubernetes and those that its CustomResourceDefinitions define. */
final class ResourceTypes {
    /** Where the definitions lie. */
    static final String DEFINITIONS = LiveRows.ROOT + "apiextensions.k8s.io/customresourcedefinitions/";

    private static final String RESOURCE = "kubernetes.resources";
    /** The API server's own records below {@code /registry/}, which no request shows as they lie there. */
    private static final Set<String> NO_OBJECTS = Set.of("health", "ranges", "masterleases", "peerserverleases", "");

    private final Map<String, ResourceType> byDirectory = new LinkedHashMap<>();

    private ResourceTypes() {}

    /** Those of Kubernetes. */
    static ResourceTypes ofKubernetes() {
        ResourceTypes types = new ResourceTypes();
        try (InputStream in = Objects.requireNonNull(ResourceTypes.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                types.add(parse(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return types;
    }

    /** {@code PLURAL KIND GROUP SCOPE SHORT-NAME… [at DIRECTORY]}. */
    private static ResourceType parse(String line) {
        String[] halves = line.split(" at ");
        String[] words = halves[0].split(" ");
        List<String> names = new ArrayList<>(Arrays.asList(words).subList(4, words.length));
        names.add(words[1].toLowerCase(Locale.ROOT));
        return new ResourceType(
                words[0],
                words[2].equals("-") ? "" : words[2],
                words[1],
                names,
                Scope.valueOf(words[3].toUpperCase(Locale.ROOT)),
                Origin.KUBERNETES,
                halves.length > 1 ? halves[1] : words[0]);
    }

    private void add(ResourceType type) {
        byDirectory.putIfAbsent(type.directory(), type);
    }

    /** Adds what a CustomResourceDefinition defines. */
    void define(ObjectNode definition) {
        JsonNode spec = definition.path("spec");
        JsonNode names = spec.path("names");
        String plural = names.path("plural").asText();
        String group = spec.path("group").asText();
        if (plural.isEmpty() || group.isEmpty()) {
            return;
        }
        List<String> others = new ArrayList<>();
        others.add(names.path("singular").asText());
        names.path("shortNames").forEach(name -> others.add(name.asText()));
        add(new ResourceType(
                plural,
                group,
                names.path("kind").asText(),
                others,
                spec.path("scope").asText().equals("Cluster") ? Scope.CLUSTER : Scope.NAMESPACED,
                Origin.DEFINITION,
                group + "/" + plural));
    }

    Collection<ResourceType> all() {
        return byDirectory.values();
    }

    /** Whether kubectl would take the word for a type of Kubernetes itself. */
    boolean isOfKubernetes(String word) {
        return byDirectory.values().stream().anyMatch(type -> type.origin() == Origin.KUBERNETES && type.isNamed(word));
    }

    /** The object that a key stands for; empty if it is a record of the API server itself. */
    Optional<ObjectRef> locate(long row, String key) {
        if (!key.startsWith(LiveRows.ROOT)) {
            return Optional.empty();
        }
        String[] parts = key.substring(LiveRows.ROOT.length()).split("/", -1);
        if (NO_OBJECTS.contains(parts[0])) {
            return Optional.empty();
        }
        ResourceType type = parts.length > 2 ? byDirectory.get(parts[0] + "/" + parts[1]) : null;
        int named = 2;
        if (type == null) {
            type = byDirectory.get(parts[0]);
            named = 1;
        }
        if (type == null && parts[0].contains(".") && parts.length > 2) {
            type = undefined(parts[1], parts[0], parts[0] + "/" + parts[1], parts.length - 2);
            named = 2;
        }
        if (type == null) {
            type = undefined(parts[0], "", parts[0], parts.length - 1);
        }
        List<String> rest = Arrays.asList(parts).subList(named, parts.length);
        boolean namespaced = type.scope() == Scope.NAMESPACED && rest.size() > 1;
        String name = String.join("/", namespaced ? rest.subList(1, rest.size()) : rest);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ObjectRef(row, key, type, namespaced ? rest.get(0) : "", name));
    }

    private static ResourceType undefined(String plural, String group, String directory, int parts) {
        return new ResourceType(
                plural,
                group,
                "",
                List.of(),
                parts > 1 ? Scope.NAMESPACED : Scope.CLUSTER,
                Origin.UNDEFINED,
                directory);
    }
}
