package cloud.lvs.backup.provider.longhorn.controller;

/** A release of Longhorn, for example 1.9.2. */
public record Release(int major, int minor, int patch) {
    /** The release of a text such as {@code 1.9.2} or {@code 1.9}. */
    public static Release parse(String text) {
        String[] parts = text.split("\\.");
        return new Release(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                parts.length > 2 ? Integer.parseInt(parts[2]) : 0);
    }

    /** Whether this is that release or a later one. */
    public boolean since(String text) {
        Release other = parse(text);
        if (major != other.major) {
            return major > other.major;
        }
        return minor != other.minor ? minor > other.minor : patch >= other.patch;
    }

    /** Whether this is an earlier release. */
    public boolean before(String text) {
        return !since(text);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
