package cloud.lvs.backup.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An object as its store reports it.
 *
 * @param key the key relative to the sink's prefix; any text, since foreign objects lie there too (see
 *     {@link ObjectKey#isValid})
 * @param sizeBytes stored size in bytes
 * @param lastModified when it became visible, by the store's clock
 * @param sha256 lower-case hex SHA-256 of the stored bytes where the store computes one itself, else null
 */
public record StoredObject(
        String key,
        long sizeBytes,
        Instant lastModified,
        @Nullable String sha256) {
    /** An object whose store reports no SHA-256. */
    public StoredObject(String key, long sizeBytes, Instant lastModified) {
        this(key, sizeBytes, lastModified, null);
    }
}
