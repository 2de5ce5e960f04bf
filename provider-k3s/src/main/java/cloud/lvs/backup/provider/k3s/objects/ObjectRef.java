package cloud.lvs.backup.provider.k3s.objects;

/**
 * A live object by its key.
 *
 * @param row the row that holds it, which is its {@code resourceVersion} too
 * @param key e.g. {@code /registry/secrets/shop/db}
 * @param type of which type it is
 * @param namespace where it is; empty if it is in none
 * @param name what it is called
 */
record ObjectRef(long row, String key, ResourceType type, String namespace, String name) {
    /** As a pattern would name it: {@code deployments.apps/shop/web}, {@code nodes/n1}; without control characters. */
    String text() {
        String text = type.qualified() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
        return text.replaceAll("\\p{Cntrl}", "\uFFFD");
    }
}
