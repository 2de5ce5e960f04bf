package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.binding.Binder;
import cloud.lvs.backup.runner.config.binding.DefaultValues;
import cloud.lvs.backup.runner.config.binding.ScalarSchemas;
import cloud.lvs.backup.runner.config.binding.ValueType;
import cloud.lvs.backup.runner.config.binding.ValueTypes;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.config.yaml.ProblemCollector;
import cloud.lvs.backup.runner.plugin.ProviderKind;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.plugin.RegisteredProvider;
import cloud.lvs.backup.spi.BackupException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The JSON Schema (draft 2020-12) of the configuration with the providers there are, for editors. What the binder takes passes
 * it; what passes it the binder may still refuse, where keys have to fit each other.
 */
public final class ConfigurationSchema {
    private static final String ID = "urn:lvs-backup:configuration:1";
    private static final String DEFAULT_RETENTION = "standard";

    private final Providers providers;
    private final Binder binder;

    public ConfigurationSchema(Providers providers) {
        this.providers = providers;
        this.binder = new Binder(providers, secret -> {}, new ProblemCollector());
    }

    /** The schema as maps, lists, texts and numbers. */
    public Map<String, Object> document() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("$id", ID);
        schema.put("title", "LVS Backup configuration");
        schema.putAll(keys(ValueTypes.of(Configuration.class)));
        Map<String, Object> definitions = new LinkedHashMap<>();
        for (ProviderKind kind : ProviderKind.values()) {
            definitions.put(kind.word(), provided(kind));
        }
        schema.put("$defs", definitions);
        return schema;
    }

    /** Why the configuration of a provider cannot be described and bound, if that is so. */
    public Optional<String> problemOf(RegisteredProvider provider) {
        try {
            binder.shapeOf(provider);
            return Optional.empty();
        } catch (BackupException e) {
            return Optional.of(e.problem());
        } catch (IllegalArgumentException | LinkageError e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The keys depend on the type: a branch for each, so that an editor tells what is wrong with the one that was chosen. */
    private Map<String, Object> provided(ProviderKind kind) {
        List<Object> branches = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (String type : providers.types(kind)) {
            RegisteredProvider provider = providers.find(kind, type).orElseThrow();
            try {
                Map<String, Object> keys = keys(binder.shapeOf(provider));
                branches.add(Map.of("if", chosen(kind, type), "then", withType(keys)));
                types.add(type);
            } catch (BackupException | IllegalArgumentException | LinkageError e) {
                // A broken plugin: its type cannot be configured, so it is not in the schema.
            }
        }
        Map<String, Object> type = new LinkedHashMap<>();
        type.put("description", "Which " + kind.word() + ": chooses the other keys.");
        type.putAll(oneOf(types, ScalarSchemas.INTERPOLATION));
        boolean required = kind != ProviderKind.RETENTION;
        if (!required) {
            type.put("default", DEFAULT_RETENTION);
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", Map.of("type", type));
        schema.put("required", required ? List.of("type") : List.of());
        schema.put("allOf", branches);
        return schema;
    }

    private static Map<String, Object> chosen(ProviderKind kind, String type) {
        boolean byDefault = kind == ProviderKind.RETENTION && type.equals(DEFAULT_RETENTION);
        return Map.of(
                "properties",
                Map.of("type", Map.of("const", type)),
                "required",
                byDefault ? List.of() : List.of("type"));
    }

    private static Map<String, Object> withType(Map<String, Object> keys) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("type", true);
        ((Map<?, ?>) keys.getOrDefault("properties", Map.of()))
                .forEach((name, schema) -> properties.put(String.valueOf(name), schema));
        return ScalarSchemas.with(keys, Map.of("properties", properties));
    }

    private Map<String, Object> keys(ValueType.Keys valueType) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (ValueType.Key key : valueType.keys()) {
            Map<String, Object> property = new LinkedHashMap<>(value(key.valueType(), key.name()));
            if (valueType.type() == Configuration.class && key.name().equals("jobs")) {
                property.put("minProperties", 1);
                property.put("propertyNames", Map.of("pattern", ConfigurationChecks.JOB_NAME));
            }
            if (!key.doc().isEmpty()) {
                property.put("description", key.doc());
            }
            if (key.defaultText() != null) {
                defaultOf(key.valueType(), key.defaultText()).ifPresent(value -> property.put("default", value));
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

    /** Of its own JSON type; what a mapping holds by default is told by its keys. */
    private static Optional<Object> defaultOf(ValueType valueType, String text) {
        Node node = DefaultValues.node(valueType, text);
        if (node instanceof Node.Scalar scalar) {
            return Optional.of(EffectiveConfiguration.scalar(valueType, scalar));
        }
        return node instanceof Node.Sequence list && list.elements().isEmpty()
                ? Optional.of(List.of())
                : Optional.empty();
    }

    private Map<String, Object> value(ValueType valueType, String key) {
        if (valueType instanceof ValueType.Keys keys) {
            return keys(keys);
        }
        if (valueType instanceof ValueType.ListOf list) {
            return Map.of("type", "array", "items", value(list.element(), key));
        }
        if (valueType instanceof ValueType.MapOf map) {
            return Map.of("type", "object", "additionalProperties", value(map.value(), key));
        }
        if (valueType instanceof ValueType.Plugged plugged) {
            return reference(plugged);
        }
        if (valueType instanceof ValueType.NameOrSource either) {
            return Map.of(
                    "if", Map.of("type", "object"), "then", reference(either.source()), "else", ScalarSchemas.TEXT);
        }
        if (valueType instanceof ValueType.Choice choice) {
            return oneOf(choice.words(), ScalarSchemas.whole(choice.pattern()));
        }
        if (valueType instanceof ValueType.FilePath) {
            return Binder.namesAFile(key)
                    ? Map.of("type", "string", "pattern", "[/\\\\]|" + ScalarSchemas.INTERPOLATION)
                    : ScalarSchemas.with(ScalarSchemas.TEXT, Map.of("pattern", "\\S"));
        }
        return valueType instanceof ValueType.Scalar scalar ? scalar.schema() : ScalarSchemas.TEXT;
    }

    /** One of the words; another way of writing them, or an interpolation, passes too. */
    private static Map<String, Object> oneOf(List<String> words, String otherwise) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("if", Map.of("type", "string", "pattern", otherwise));
        schema.put("then", true);
        schema.put("else", Map.of("enum", words));
        return schema;
    }

    private static Map<String, Object> reference(ValueType.Plugged plugged) {
        return Map.of("$ref", "#/$defs/" + plugged.kind().word());
    }
}
