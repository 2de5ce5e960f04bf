package cloud.lvs.backup.spi;

import java.nio.charset.StandardCharsets;

/**
 * The key of an object, relative to its sink's prefix, e.g. {@code 2026/11/k3s-sqlite-20261122T030000Z-k7f3q2xw.db.zst}.
 *
 * @param value non-empty segments parted by {@code /}; no segment is {@code .} or {@code ..}, no control characters and
 *     no backslash, at most 1,024 bytes of UTF-8 (the limit of S3)
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
    private static final int MAX_BYTES = 1024;

    public ObjectKey {
        String reason = reasonToRefuse(value);
        if (!reason.isEmpty()) {
            throw new IllegalArgumentException("object key '" + printable(value) + "' " + reason);
        }
    }

    /** Whether {@code value} could be an {@code ObjectKey}; foreign objects in a bucket may have stranger names. */
    public static boolean isValid(String value) {
        return reasonToRefuse(value).isEmpty();
    }

    private static String reasonToRefuse(String value) {
        if (value.isEmpty()) {
            return "is empty";
        }
        for (String segment : value.split("/", -1)) {
            if (segment.isEmpty()) {
                return "has an empty segment";
            }
            if (segment.equals(".") || segment.equals("..")) {
                return "has the segment '" + segment + "'";
            }
        }
        if (value.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\')) {
            return "has a control character or a backslash";
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return "is longer than 1,024 bytes";
        }
        return "";
    }

    private static String printable(String value) {
        String clean = value.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
    }

    /** By code unit, as the sinks list them. */
    @Override
    public int compareTo(ObjectKey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
