package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.spi.BackupException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows a configuration as it works: defaults filled in, interpolations as written, secrets masked. */
final class Shown {
    private static final List<String> FROM_DEFAULTS =
            List.of("compression", "encryption", "signing", "keys", "confirm", "grace", "lockTtl");

    private final Providers providers;

    Shown(Providers providers) {
        this.providers = providers;
    }

    /** Of a document that was bound without a mistake. */
    Map<String, Object> configuration(Node.Mapping root) {
        Map<String, Object> shown = keys(Shapes.of(Configuration.class), root);
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

    private Map<String, Object> keys(Shape.Keys shape, Node.Mapping mapping) {
        Map<String, Object> shown = new LinkedHashMap<>();
        for (Shape.Key key : shape.keys()) {
            Node.Entry entry = mapping.entries().get(key.name());
            if (entry != null) {
                shown.put(key.name(), value(key.shape(), entry.value()));
            } else if (key.defaultText() != null) {
                shown.put(key.name(), value(key.shape(), DefaultValues.node(key.shape(), key.defaultText())));
            }
        }
        return shown;
    }

    private Object value(Shape shape, Node node) {
        if (node instanceof Node.Sequence sequence && shape instanceof Shape.ListOf list) {
            return sequence.elements().stream()
                    .map(element -> value(list.element(), element))
                    .toList();
        }
        if (node instanceof Node.Mapping mapping) {
            if (shape instanceof Shape.Keys keys) {
                return keys(keys, mapping);
            }
            if (shape instanceof Shape.MapOf map) {
                Map<String, Object> shown = new LinkedHashMap<>();
                mapping.entries().forEach((name, entry) -> shown.put(name, value(map.value(), entry.value())));
                return shown;
            }
            if (shape instanceof Shape.NameOrSource either) {
                return plugged(either.source(), mapping);
            }
            if (shape instanceof Shape.Plugged plugged) {
                return plugged(plugged, mapping);
            }
        }
        return node instanceof Node.Scalar scalar ? scalar(shape, scalar) : "***";
    }

    private Map<String, Object> plugged(Shape.Plugged shape, Node.Mapping mapping) {
        Map<String, Object> shown = new LinkedHashMap<>();
        String type = mapping.entries().get("type") != null
                        && mapping.entries().get("type").value() instanceof Node.Scalar scalar
                ? scalar.text()
                : String.valueOf(shape.defaultType());
        shown.put("type", type);
        providers.find(shape.kind(), type).ifPresent(provider -> {
            try {
                shown.putAll(keys(Shapes.of(provider.configType()), mapping));
            } catch (BackupException | IllegalArgumentException | LinkageError e) {
                // Without the record there is no telling what is a secret: only the type is shown.
            }
        });
        return shown;
    }

    static Object scalar(Shape shape, Node.Scalar scalar) {
        if (shape instanceof Shape.Hidden) {
            return "***";
        }
        if (scalar.origin() == Node.Scalar.Origin.INTERPOLATED) {
            return scalar.source();
        }
        if (shape instanceof Shape.Scalar typed) {
            Object value = typed.parser().apply(scalar.text());
            return value instanceof Number || value instanceof Boolean ? value : scalar.text();
        }
        return scalar.text();
    }
}
