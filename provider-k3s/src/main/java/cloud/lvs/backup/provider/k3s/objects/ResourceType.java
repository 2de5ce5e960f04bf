package cloud.lvs.backup.provider.k3s.objects;

import java.util.List;
import java.util.Locale;

/**
 * A type of objects as the API serves it.
 *
 * @param plural e.g. {@code deployments}
 * @param group e.g. {@code apps}; empty for the core group
 * @param kind e.g. {@code Deployment}; empty if the backup has no definition of it
 * @param names by which kubectl knows it too: singular and short names
 * @param scope whether its objects are in namespaces
 * @param origin who defines it
 * @param directory where its objects are stored below {@code /registry/}, e.g. {@code deployments}
 */
record ResourceType(
        String plural, String group, String kind, List<String> names, Scope scope, Origin origin, String directory) {
    /** Whether objects are in namespaces. */
    enum Scope {
        NAMESPACED,
        CLUSTER
    }

    /** Who defines a type. */
    enum Origin {
        KUBERNETES,
        /** A CustomResourceDefinition in the same backup. */
        DEFINITION,
        /** Nobody in this backup: known by the keys of its objects alone. */
        UNDEFINED
    }

    ResourceType {
        names = List.copyOf(names);
    }

    /** Whether kubectl would take this word for it. */
    boolean isNamed(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return lower.equals(plural) || lower.equals(kind.toLowerCase(Locale.ROOT)) || names.contains(lower);
    }

    /** E.g. {@code deployments.apps}, {@code secrets}. */
    String qualified() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    boolean isSecret() {
        return directory.equals("secrets");
    }

    /** Whether its objects tell what happened, and go away by themselves. */
    boolean isEvent() {
        return directory.equals("events");
    }
}
