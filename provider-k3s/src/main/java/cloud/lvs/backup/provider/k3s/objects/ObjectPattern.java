package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.provider.k3s.objects.ResourceType.Origin;
import cloud.lvs.backup.provider.k3s.objects.ResourceType.Scope;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.Glob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which objects are meant: {@code TYPE[.GROUP]/NAMESPACE/NAME}, or {@code TYPE[.GROUP]/NAME} for those of the cluster.
 *
 * @param text as it was written
 * @param type plural, singular, short name or kind; {@code *} and {@code ?} as in a shell, here as in the other parts
 * @param group empty if none was said
 * @param namespace empty for objects of the cluster
 * @param name of the object
 */
record ObjectPattern(String text, Glob type, Optional<Glob> group, Optional<Glob> namespace, Glob name) {
    private static final Pattern VERSION = Pattern.compile("v\\d+((alpha|beta)\\d+)?(\\.|$)");

    static final String EXAMPLE = "--set objects=secrets/shop/db, deployments.apps/shop/*, '*/shop/*' or nodes/n1";

    /** Those that a comma parts, or several options. */
    static List<ObjectPattern> parse(List<String> texts) throws BackupException {
        List<ObjectPattern> patterns = new ArrayList<>();
        for (String list : texts) {
            for (String text : list.split(",", -1)) {
                patterns.add(parse(text.strip()));
            }
        }
        return List.copyOf(patterns);
    }

    private static ObjectPattern parse(String text) throws BackupException {
        String[] parts = text.split("/", -1);
        boolean empty = List.of(parts).contains("");
        if (parts.length < 2 || parts.length > 3 || empty) {
            throw new BackupException(
                    Kind.CONFIG,
                    "objects=" + text.replaceAll("\\p{Cntrl}", "?"),
                    "is not TYPE[.GROUP]/NAMESPACE/NAME, nor TYPE[.GROUP]/NAME for objects of the cluster",
                    "write e.g. " + EXAMPLE);
        }
        int dot = parts[0].indexOf('.');
        String type = dot < 0 ? parts[0] : parts[0].substring(0, dot);
        // kubectl takes TYPE.VERSION.GROUP too; an object is stored in one version only.
        String group = dot < 0
                ? ""
                : VERSION.matcher(parts[0].substring(dot + 1)).replaceFirst(found -> found.start() == 0 ? "" : "$0");
        return new ObjectPattern(
                text,
                Glob.of(type.isEmpty() ? "*" : type),
                group.isEmpty() ? Optional.empty() : Optional.of(Glob.of(group)),
                parts.length == 3 ? Optional.of(Glob.of(parts[1])) : Optional.empty(),
                Glob.of(parts[parts.length - 1]));
    }

    /** Whether objects of this type are meant, wherever they are. */
    boolean isOf(ResourceType candidate, ResourceTypes types) {
        if (group.isPresent() && !group.get().matches(candidate.group())) {
            return false;
        }
        if (!type.isLiteral()) {
            return type.matches(candidate.plural());
        }
        // As with kubectl: "nodes" are Kubernetes' own; those of Longhorn are nodes.longhorn.io.
        return candidate.isNamed(type.text())
                && (group.isPresent() || candidate.origin() == Origin.KUBERNETES || !types.isOfKubernetes(type.text()));
    }

    boolean matches(ObjectRef object, ResourceTypes types) {
        boolean placed = namespace.isPresent()
                ? !object.namespace().isEmpty() && namespace.get().matches(object.namespace())
                : object.namespace().isEmpty();
        return placed && name.matches(object.name()) && isOf(object.type(), types);
    }

    /** Whether it says which type, and does not only include it. */
    boolean namesType() {
        return type.isLiteral();
    }

    /** Whether the definitions in the backup are not needed to tell what it means. */
    boolean isOfKubernetes(ResourceTypes types) {
        return type.isLiteral()
                && types.all().stream().anyMatch(known -> known.origin() == Origin.KUBERNETES && isOf(known, types));
    }

    /** How the keys of all that it may match begin. */
    List<String> prefixes(ResourceTypes types) {
        List<ResourceType> meant = type.isLiteral()
                ? types.all().stream().filter(known -> isOf(known, types)).toList()
                : List.of();
        if (meant.isEmpty()) {
            return List.of(LiveRows.ROOT);
        }
        return meant.stream().map(this::prefix).toList();
    }

    private String prefix(ResourceType meant) {
        String prefix = LiveRows.ROOT + meant.directory() + "/";
        if (meant.scope() == Scope.NAMESPACED) {
            if (namespace.isEmpty() || !namespace.get().isLiteral()) {
                return prefix;
            }
            prefix += namespace.get().text() + "/";
        }
        return name.isLiteral() ? prefix + name.text() : prefix;
    }
}
