package cloud.lvs.backup.runner.config.binding;

import cloud.lvs.backup.runner.config.ConfiguredProvider;
import cloud.lvs.backup.runner.config.SourceRef;
import cloud.lvs.backup.runner.config.yaml.KeyPaths;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.config.yaml.Node.Scalar.Origin;
import cloud.lvs.backup.runner.config.yaml.Problem;
import cloud.lvs.backup.runner.config.yaml.ProblemCollector;
import cloud.lvs.backup.runner.config.yaml.SecretPatterns;
import cloud.lvs.backup.runner.config.yaml.Suggestions;
import cloud.lvs.backup.runner.config.yaml.TextPosition;
import cloud.lvs.backup.runner.plugin.BrokenPlugin;
import cloud.lvs.backup.runner.plugin.ProviderKind;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.plugin.RegisteredProvider;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.SourceProvider;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Binds nodes to values. Goes on after a mistake, so that all are found. Of configured texts only names get into a message (of
 * types, sources and sinks): another might be a secret in the wrong place.
 */
public final class Binder {

    private final Providers providers;
    private final Consumer<String> secrets;
    private final ProblemCollector problems;

    /** @param secrets is told every text bound to a {@link Secret} */
    public Binder(Providers providers, Consumer<String> secrets, ProblemCollector problems) {
        this.providers = providers;
        this.secrets = secrets;
        this.problems = problems;
    }

    /** A record of {@code type}, or null if there was a mistake, which has been told. */
    public <R extends Record> @Nullable R bind(Class<R> type, Node.Mapping mapping, String path) {
        return type.cast(keys(ValueTypes.of(type), mapping, path, Set.of()));
    }

    private @Nullable Object value(ValueType valueType, Node node, String path) {
        if (node instanceof Node.Scalar scalar) {
            if (scalar.origin() == Origin.BROKEN) {
                return null;
            }
            if (scalar.origin() == Origin.NOTHING) {
                return mistake(node, path, "has no value; give it one or remove the key");
            }
        }
        if (valueType instanceof ValueType.Keys keys) {
            return node instanceof Node.Mapping mapping
                    ? keys(keys, mapping, path, Set.of())
                    : mistake(
                            node, path, "expects keys (" + String.join(", ", keys.names()) + "), found " + node.word());
        }
        if (valueType instanceof ValueType.ListOf list) {
            return node instanceof Node.Sequence sequence
                    ? list(list, sequence, path)
                    : mistake(node, path, "expects a list, found " + node.word());
        }
        if (valueType instanceof ValueType.MapOf map) {
            return node instanceof Node.Mapping mapping
                    ? map(map, mapping, path)
                    : mistake(node, path, "expects names and their values, found " + node.word());
        }
        if (valueType instanceof ValueType.Plugged plugged) {
            return node instanceof Node.Mapping mapping
                    ? plugged(plugged, mapping, path)
                    : mistake(node, path, "expects the keys of a " + plugged.name() + ", found " + node.word());
        }
        if (valueType instanceof ValueType.NameOrSource either) {
            return sourceRef(either, node, path);
        }
        return node instanceof Node.Scalar scalar
                ? scalar(valueType, scalar, path)
                : mistake(node, path, "expects a single value, found " + node.word());
    }

    private @Nullable Object scalar(ValueType valueType, Node.Scalar scalar, String path) {
        String text = scalar.text();
        if (valueType instanceof ValueType.Hidden) {
            secrets.accept(text);
            return new Secret(text);
        }
        if (SecretPatterns.looksSecret(text)) {
            return mistake(
                    scalar,
                    path,
                    "holds a secret where none belongs; take it out of the configuration (and consider it known),"
                            + " and use the key that names a file with it");
        }
        if (valueType instanceof ValueType.Choice choice) {
            return choice.find(text)
                    .<Object>map(constant -> constant)
                    .orElseGet(() -> mistake(
                            scalar,
                            path,
                            "expects one of " + String.join(", ", choice.words())
                                    + Suggestions.to(text, choice.words())
                                            .map(near -> "; did you mean '" + near + "'?")
                                            .orElse("")));
        }
        if (valueType instanceof ValueType.FilePath) {
            return path(scalar, path);
        }
        try {
            return ((ValueType.Scalar) valueType).parser().apply(text);
        } catch (ValueType.Refusal e) {
            return mistake(scalar, path, e.getMessage());
        } catch (IllegalArgumentException | DateTimeException e) {
            return mistake(scalar, path, ((ValueType.Scalar) valueType).expectation());
        }
    }

    private @Nullable Object path(Node.Scalar scalar, String path) {
        String text = scalar.text();
        if (text.isBlank()) {
            return mistake(scalar, path, "expects a path, found an empty text");
        }
        if (namesAFile(path) && !text.contains("/") && !text.contains("\\")) {
            return mistake(
                    scalar,
                    path,
                    "expects the path of a file with at least one '/', such as /secrets/name or ./name;"
                            + " if this is the secret itself, put it into a file");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            boolean foreign = text.chars().anyMatch(character -> character > 127);
            return mistake(
                    scalar,
                    path,
                    foreign
                            ? "is no path in the locale of this process; start Java with LC_ALL=C.UTF-8"
                            : "expects a path");
        }
    }

    /** Whether a secret could be written there by mistake, in place of the file that holds it. */
    public static boolean namesAFile(String key) {
        return key.endsWith("File");
    }

    private @Nullable Object list(ValueType.ListOf valueType, Node.Sequence sequence, String path) {
        List<Object> elements = new ArrayList<>();
        for (Node element : sequence.elements()) {
            Object bound = value(valueType.element(), element, path + "[" + elements.size() + "]");
            elements.add(bound == null ? Missing.VALUE : bound);
        }
        return elements.contains(Missing.VALUE) ? null : List.copyOf(elements);
    }

    private @Nullable Object map(ValueType.MapOf valueType, Node.Mapping mapping, String path) {
        Map<String, Object> values = new LinkedHashMap<>();
        mapping.entries().forEach((name, entry) -> {
            Object bound = value(valueType.value(), entry.value(), KeyPaths.child(path, name));
            values.put(name, bound == null ? Missing.VALUE : bound);
        });
        return values.containsValue(Missing.VALUE) ? null : Collections.unmodifiableMap(values);
    }

    private @Nullable Object sourceRef(ValueType.NameOrSource valueType, Node node, String path) {
        if (node instanceof Node.Scalar scalar) {
            return new SourceRef.Named(scalar.text());
        }
        Object source = value(valueType.source(), node, path);
        return source == null ? null : inline(source);
    }

    @SuppressWarnings("unchecked") // bound by the type of a source
    private static SourceRef inline(Object source) {
        return new SourceRef.Inline((ConfiguredProvider<SourceProvider<?>>) source);
    }

    private @Nullable Object plugged(ValueType.Plugged valueType, Node.Mapping mapping, String path) {
        ProviderKind kind = valueType.kind();
        Node.Entry typeEntry = mapping.entries().get("type");
        String type = valueType.defaultType();
        if (typeEntry != null) {
            if (!(typeEntry.value() instanceof Node.Scalar scalar) || scalar.origin() == Origin.NOTHING) {
                return mistake(typeEntry.value(), path + ".type", "expects one of " + available(kind));
            }
            if (scalar.origin() == Origin.BROKEN) {
                return null;
            }
            type = scalar.text();
        }
        if (type == null) {
            return mistake(mapping, path, "'type' is missing; available " + kind.word() + " types: " + available(kind));
        }
        TextPosition at =
                typeEntry == null ? mapping.location() : typeEntry.value().location();
        RegisteredProvider provider = providers.find(kind, type).orElse(null);
        if (provider == null) {
            return unknownType(kind, type, at, path);
        }
        try {
            Record config = (Record) keys(shapeOf(provider), mapping, path, Set.of("type"));
            return config == null ? null : ConfiguredProvider.usable(provider, at, config);
        } catch (BackupException e) {
            return ConfiguredProvider.unusable(type, at, e.getMessage() == null ? "" : e.getMessage());
        } catch (LinkageError e) {
            return ConfiguredProvider.unusable(
                    type, at, "the plugin in " + provider.origin() + " does not fit this version: " + inWords(e));
        } catch (IllegalArgumentException e) {
            return ConfiguredProvider.unusable(
                    type, at, "the plugin in " + provider.origin() + " is wrong: " + e.getMessage());
        }
    }

    private static String inWords(LinkageError e) {
        return e instanceof NoClassDefFoundError
                ? "its class " + String.valueOf(e.getMessage()).replace('/', '.') + " is missing"
                : e.toString();
    }

    /** A broken plugin harms only the jobs that need it, so a type that it may have had is no mistake of the file. */
    private @Nullable Object unknownType(ProviderKind kind, String type, TextPosition at, String path) {
        String shown = KeyPaths.shown(type);
        if (!providers.broken().isEmpty()
                && Suggestions.to(type, providers.types(kind)).isEmpty()) {
            return ConfiguredProvider.unusable(
                    shown,
                    at,
                    "no provider has it, perhaps because a plugin failed to load: "
                            + providers.broken().stream()
                                    .map(BrokenPlugin::toString)
                                    .collect(Collectors.joining("; ")));
        }
        problems.add(
                at,
                path + ".type",
                "there is no " + kind.word() + " type '" + shown + "'; "
                        + Suggestions.to(type, providers.types(kind))
                                .map(near -> "did you mean '" + near + "'? ")
                                .orElse("")
                        + "available: " + available(kind) + " ('providers' lists them)");
        return null;
    }

    private String available(ProviderKind kind) {
        return providers.types(kind).isEmpty() ? "none" : String.join(", ", providers.types(kind));
    }

    private @Nullable Object keys(ValueType.Keys valueType, Node.Mapping mapping, String path, Set<String> besides) {
        var construction = new RecordConstruction(valueType, mapping, path, this::defaultValue, problems);
        Set<String> suggested = refuseUnknownKeys(valueType, mapping, path, besides);
        construction.doubt(suggested);
        for (ValueType.Key key : valueType.keys()) {
            Node.Entry entry = mapping.entries().get(key.name());
            if (entry != null) {
                Object bound = value(key.valueType(), entry.value(), KeyPaths.child(path, key.name()));
                if (bound == null) {
                    construction.standIn(key);
                } else {
                    construction.set(key, bound);
                }
            } else if (key.defaultText() != null) {
                construction.set(key, defaultValue(key));
            } else if (key.mustBeGiven()) {
                construction.standIn(key);
                if (!suggested.contains(key.name())) {
                    problems.add(
                            mapping.location(),
                            path,
                            "'" + key.name() + "' is missing" + (key.doc().isEmpty() ? "" : ": " + key.doc()));
                }
            }
        }
        return construction.make();
    }

    /** @return what was unknown, and what was perhaps meant */
    private Set<String> refuseUnknownKeys(
            ValueType.Keys valueType, Node.Mapping mapping, String path, Set<String> besides) {
        Set<String> known = new LinkedHashSet<>(besides);
        known.addAll(valueType.names());
        Set<String> suggested = new LinkedHashSet<>();
        mapping.entries().forEach((name, entry) -> {
            if (known.contains(name)) {
                return;
            }
            suggested.add(name);
            Suggestions.to(name, known).ifPresent(suggested::add);
            String hint = Suggestions.suggestion(name, known);
            String file = name + "File";
            if (known.contains(file)) {
                suggested.add(file);
                hint = "a secret is not written into the configuration: use '" + file
                        + "' and name the file that holds it";
            }
            problems.add(entry.at(), KeyPaths.child(path, name), "unknown key; " + hint);
        });
        return suggested;
    }

    /**
     * The valueType of a provider's configuration, when all is sound that the provider says before it makes anything.
     *
     * @throws BackupException if the plugin is broken
     * @throws IllegalArgumentException if no configuration can have it, or a default does not fit
     */
    public ValueType.Keys shapeOf(RegisteredProvider provider) throws BackupException {
        if (provider.kind() == ProviderKind.SOURCE) {
            provider.verifiesFrom();
            provider.defaultLevel();
            checkDefaults(ValueTypes.of(provider.restoreType()));
        }
        ValueType.Keys keys = ValueTypes.of(provider.configType());
        if (keys.find("type").isPresent()) {
            throw new IllegalArgumentException("component 'type' of record "
                    + keys.type().getName() + " cannot be set: the key 'type' chooses the provider; call it otherwise");
        }
        checkDefaults(keys);
        return keys;
    }

    private void checkDefaults(ValueType valueType) {
        if (valueType instanceof ValueType.Keys keys) {
            for (ValueType.Key key : keys.keys()) {
                if (key.defaultText() != null) {
                    defaultValue(key);
                }
                checkDefaults(key.valueType());
            }
        } else if (valueType instanceof ValueType.ListOf list) {
            checkDefaults(list.element());
        } else if (valueType instanceof ValueType.MapOf map) {
            checkDefaults(map.value());
        }
    }

    private Object defaultValue(ValueType.Key key) {
        var own = new ProblemCollector();
        Object bound = new Binder(providers, secret -> {}, own)
                .value(
                        key.valueType(),
                        DefaultValues.node(key.valueType(), String.valueOf(key.defaultText())),
                        key.name());
        if (bound == null) {
            throw new IllegalArgumentException("the default of '" + key.name() + "' in record "
                    + key.component().getDeclaringRecord().getName() + " does not fit: "
                    + own.sorted().stream().map(Problem::message).collect(Collectors.joining("; ")));
        }
        return bound;
    }

    private @Nullable Object mistake(Node node, String path, String message) {
        problems.add(node.location(), path, message);
        return null;
    }

    /** Stands for an element that could not be bound. */
    private enum Missing {
        VALUE
    }
}
