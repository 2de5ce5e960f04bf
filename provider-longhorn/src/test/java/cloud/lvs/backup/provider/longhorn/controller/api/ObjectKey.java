package cloud.lvs.backup.provider.longhorn.controller.api;

import java.util.Comparator;

/** Which object: its kind, namespace (empty for none) and name. */
public record ObjectKey(ResourceType type, String namespace, String name) implements Comparable<ObjectKey> {
    private static final Comparator<ObjectKey> ORDER = Comparator.comparing(
                    (ObjectKey key) -> key.type().group())
            .thenComparing(key -> key.type().plural())
            .thenComparing(ObjectKey::namespace)
            .thenComparing(ObjectKey::name);

    @Override
    public int compareTo(ObjectKey other) {
        return ORDER.compare(this, other);
    }

    /** The path of the object. */
    public String path() {
        return type.path(namespace.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(namespace), name);
    }
}
