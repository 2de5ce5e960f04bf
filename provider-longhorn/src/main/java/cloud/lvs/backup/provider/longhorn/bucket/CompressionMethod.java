package cloud.lvs.backup.provider.longhorn.bucket;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How the blocks of a backup are compressed: {@code CompressionMethod} of its configuration. */
public enum CompressionMethod {
    NONE,
    GZIP,
    LZ4;

    static Optional<CompressionMethod> parse(String text) {
        return Arrays.stream(values())
                .filter(method -> method.text().equals(text))
                .findFirst();
    }

    /** As Longhorn writes it, e.g. {@code lz4}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
