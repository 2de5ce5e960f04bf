package cloud.lvs.backup.provider.k3s.decoding;

import cloud.lvs.backup.provider.k3s.decoding.FieldSchema.Shape;
import cloud.lvs.backup.provider.k3s.decoding.FieldSchema.Trait;
import cloud.lvs.backup.provider.k3s.decoding.FieldSchema.ValueType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds that Kubernetes itself stores as protobuf: numbers, names and types of their fields, and which of them are written
 * although they are empty. Made from Kubernetes' published types by {@code provider-k3s/schema}; the schemas in protobuf tell
 * the first three alone.
 */
public final class KubernetesSchema {
    private static final String RESOURCE = "kubernetes.schema";

    private final String version;
    private final Map<String, String> messageByKind;
    private final Map<String, MessageSchema> messages;

    private KubernetesSchema(String version, Map<String, String> messageByKind, Map<String, MessageSchema> messages) {
        this.version = version;
        this.messageByKind = Map.copyOf(messageByKind);
        this.messages = Map.copyOf(messages);
    }

    /** The one that comes with this version. */
    public static KubernetesSchema load() {
        try (InputStream in = Objects.requireNonNull(KubernetesSchema.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return parse(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KubernetesSchema parse(BufferedReader lines) throws IOException {
        String version = "";
        Map<String, String> kinds = new HashMap<>();
        Map<String, List<FieldSchema>> fields = new HashMap<>();
        List<FieldSchema> current = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "version" -> version = words[1];
                case "kind" -> kinds.put(words[1] + " " + words[2], words[3]);
                case "message" -> current = fields.computeIfAbsent(words[1], name -> new ArrayList<>());
                default -> current.add(field(words));
            }
        }
        Map<String, MessageSchema> messages = new HashMap<>();
        fields.forEach((name, each) -> messages.put(name, MessageSchema.of(name, each)));
        return new KubernetesSchema(version, kinds, messages);
    }

    private static FieldSchema field(String[] words) {
        Shape shape = words[2].startsWith("[]") ? Shape.LIST : words[2].startsWith("{}") ? Shape.MAP : Shape.SINGLE;
        String type = shape == Shape.SINGLE ? words[2] : words[2].substring(2);
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        for (int i = 3; i < words.length; i++) {
            traits.add(Trait.valueOf(words[i].toUpperCase(Locale.ROOT)));
        }
        boolean message = type.contains(".");
        return new FieldSchema(
                Integer.parseInt(words[0]),
                words[1],
                shape,
                message ? ValueType.MESSAGE : ValueType.valueOf(type.toUpperCase(Locale.ROOT)),
                message ? type : "",
                traits);
    }

    /** The version of Kubernetes it was made from, e.g. {@code 1.36.3}. */
    public String version() {
        return version;
    }

    /** The message of a kind, e.g. {@code apps/v1} and {@code Deployment}. */
    Optional<MessageSchema> of(String apiVersion, String kind) {
        return Optional.ofNullable(messageByKind.get(apiVersion + " " + kind)).map(this::message);
    }

    /** The message of this name. */
    MessageSchema message(String name) {
        return Objects.requireNonNull(messages.get(name), name);
    }
}
