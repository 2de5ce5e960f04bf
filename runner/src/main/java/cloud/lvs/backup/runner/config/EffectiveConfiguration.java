package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.binding.DefaultValues;
import cloud.lvs.backup.runner.config.binding.ValueType;
import cloud.lvs.backup.runner.config.binding.ValueTypes;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.spi.BackupException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows a configuration as it works: defaults filled in, interpolations as written, secrets masked. */
final class EffectiveConfiguration {
    private static final List<String> FROM_DEFAULTS =
            List.of("compression", "encryption", "signing", "keys", "confirm", "grace", "lockTtl");

    private final Providers providers;

    EffectiveConfiguration(Providers providers) {
        this.providers = providers;
    }

    /** Of a document that was bound without a mistake. */
    Map<String, Object> configuration(Node.Mapping root) {
        Map<String, Object> shown = keys(ValueTypes.of(Configuration.class), root);
        if (shown.get("jobs") instanceof Map<?, ?> jobs && shown.get("defaults") instanceof Map<?, ?> defaults) {
            jobs.values().forEach(job -> inherit(job, defaults));
        }
        return shown;
    }

    @SuppressWarnings("unchecked") // made by keys
    private static void inherit(Object job, Map<?, ?> defaults) {
        for (String key : FROM_DEFAULTS) {
            Object value = defaults.get(key);
            if (value != null) {
                ((Map<String, Object>) job).putIfAbsent(key, value);
            }
        }
    }

    private Map<String, Object> keys(ValueType.Keys valueType, Node.Mapping mapping) {
        Map<String, Object> shown = new LinkedHashMap<>();
        for (ValueType.Key key : valueType.keys()) {
            Node.Entry entry = mapping.entries().get(key.name());
            if (entry != null) {
                shown.put(key.name(), value(key.valueType(), entry.value()));
            } else if (key.defaultText() != null) {
                shown.put(key.name(), value(key.valueType(), DefaultValues.node(key.valueType(), key.defaultText())));
            }
        }
        return shown;
    }

    private Object value(ValueType valueType, Node node) {
        if (node instanceof Node.Sequence sequence && valueType instanceof ValueType.ListOf list) {
            return sequence.elements().stream()
                    .map(element -> value(list.element(), element))
                    .toList();
        }
        if (node instanceof Node.Mapping mapping) {
            if (valueType instanceof ValueType.Keys keys) {
                return keys(keys, mapping);
            }
            if (valueType instanceof ValueType.MapOf map) {
                Map<String, Object> shown = new LinkedHashMap<>();
                mapping.entries().forEach((name, entry) -> shown.put(name, value(map.value(), entry.value())));
                return shown;
            }
            if (valueType instanceof ValueType.NameOrSource either) {
                return plugged(either.source(), mapping);
            }
            if (valueType instanceof ValueType.Plugged plugged) {
                return plugged(plugged, mapping);
            }
        }
        return node instanceof Node.Scalar scalar ? scalar(valueType, scalar) : "***";
    }

    private Map<String, Object> plugged(ValueType.Plugged valueType, Node.Mapping mapping) {
        Map<String, Object> shown = new LinkedHashMap<>();
        String type = mapping.entries().get("type") != null
                        && mapping.entries().get("type").value() instanceof Node.Scalar scalar
                ? scalar.text()
                : String.valueOf(valueType.defaultType());
        shown.put("type", type);
        providers.find(valueType.kind(), type).ifPresent(provider -> {
            try {
                shown.putAll(keys(ValueTypes.of(provider.configType()), mapping));
            } catch (BackupException | IllegalArgumentException | LinkageError e) {
                // Without the record there is no telling what is a secret: only the type is shown.
            }
        });
        return shown;
    }

    static Object scalar(ValueType valueType, Node.Scalar scalar) {
        if (valueType instanceof ValueType.Hidden) {
            return "***";
        }
        if (scalar.origin() == Node.Scalar.Origin.INTERPOLATED) {
            return scalar.source();
        }
        if (valueType instanceof ValueType.Scalar typed) {
            Object value = typed.parser().apply(scalar.text());
            return value instanceof Number || value instanceof Boolean ? value : scalar.text();
        }
        return scalar.text();
    }
}
