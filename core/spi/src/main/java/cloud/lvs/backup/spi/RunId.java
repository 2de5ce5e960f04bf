package cloud.lvs.backup.spi;

import java.util.regex.Pattern;

/**
 * What makes one run of a job unique, also within one second.
 *
 * @param value 4 to 32 characters of {@code a-z} and {@code 0-9}, e.g. {@code k7f3q2xw}
 */
public record RunId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9]{4,32}");

    public RunId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("a run id is 4 to 32 characters of a-z and 0-9, was '" + value + "'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
