package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.plugin.ProviderKind;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.plugin.Registered;
import cloud.lvs.backup.spi.BackupException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The JSON Schema (draft 2020-12) of the configuration with the providers there are, for editors. */
public final class ConfigurationSchema {
    private static final Map<String, Object> INTERPOLATION = Map.of("type", "string", "pattern", "\\$\\{");

    private final Providers providers;

    public ConfigurationSchema(Providers providers) {
        this.providers = providers;
    }

    /** The schema as maps, lists, texts and numbers. */
    public Map<String, Object> document() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "LVS Backup configuration");
        schema.putAll(keys(Shapes.of(Configuration.class), null));
        Map<String, Object> definitions = new LinkedHashMap<>();
        for (ProviderKind kind : ProviderKind.values()) {
            definitions.put(kind.word(), Map.of("anyOf", types(kind)));
        }
        schema.put("$defs", definitions);
        return schema;
    }

    /** Why the configuration of a provider cannot be described and bound, if that is so. */
    public static Optional<String> problemOf(Registered provider) {
        try {
            Shapes.of(provider.configType());
            return Optional.empty();
        } catch (BackupException e) {
            return Optional.of(e.problem());
        } catch (IllegalArgumentException | LinkageError e) {
            return Optional.of(e.toString());
        }
    }

    private List<Object> types(ProviderKind kind) {
        List<Object> types = new ArrayList<>();
        for (String type : providers.types(kind)) {
            Registered provider = providers.find(kind, type).orElseThrow();
            try {
                types.add(keys(Shapes.of(provider.configType()), new TypeKey(type, kind)));
            } catch (BackupException | IllegalArgumentException | LinkageError e) {
                // A broken plugin: its type cannot be configured, so it is not in the schema.
            }
        }
        return types;
    }

    private Map<String, Object> keys(Shape.Keys shape, @Nullable TypeKey type) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        if (type != null) {
            properties.put("type", Map.of("const", type.type()));
            if (!isDefault(type)) {
                required.add("type");
            }
        }
        for (Shape.Key key : shape.keys()) {
            Map<String, Object> property = new LinkedHashMap<>(value(key.shape()));
            if (!key.doc().isEmpty()) {
                property.put("description", key.doc());
            }
            if (key.defaultText() != null && key.shape() instanceof Shape.Scalar) {
                property.put("default", key.defaultText());
            }
            properties.put(key.name(), property);
            if (key.mustBeGiven()) {
                required.add(key.name());
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", false);
        return schema;
    }

    private static boolean isDefault(TypeKey type) {
        return type.kind() == ProviderKind.RETENTION && type.type().equals("standard");
    }

    private Map<String, Object> value(Shape shape) {
        if (shape instanceof Shape.Keys keys) {
            return keys(keys, null);
        }
        if (shape instanceof Shape.ListOf list) {
            return Map.of("type", "array", "items", value(list.element()));
        }
        if (shape instanceof Shape.MapOf map) {
            return Map.of("type", "object", "additionalProperties", value(map.value()));
        }
        if (shape instanceof Shape.Plugged plugged) {
            return reference(plugged);
        }
        if (shape instanceof Shape.NameOrSource either) {
            return Map.of("anyOf", List.of(Map.of("type", "string"), reference(either.source())));
        }
        if (shape instanceof Shape.Choice choice) {
            return Map.of("anyOf", List.of(Map.of("enum", choice.words()), INTERPOLATION));
        }
        if (shape instanceof Shape.Scalar scalar
                && !"string".equals(scalar.schema().get("type"))) {
            return Map.of("anyOf", List.of(scalar.schema(), INTERPOLATION));
        }
        return shape instanceof Shape.Scalar scalar ? scalar.schema() : Map.of("type", "string");
    }

    private static Map<String, Object> reference(Shape.Plugged plugged) {
        return Map.of("$ref", "#/$defs/" + plugged.kind().word());
    }

    private record TypeKey(String type, ProviderKind kind) {}
}
