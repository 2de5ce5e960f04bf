package cloud.lvs.backup.provider.longhorn.controller;

/** The claim that uses a volume. */
public record Claim(String namespace, String name) {
    /** A claim by its namespace and name. */
    public static Claim claim(String namespace, String name) {
        return new Claim(namespace, name);
    }
}
