package cloud.lvs.backup.spi;

import java.util.List;
import java.util.Map;

/**
 * An artifact as the sink confirmed it.
 *
 * @param item the id of the item it belongs to
 * @param role what it is to that item
 * @param ordinal the order to restore in
 * @param key where it lies
 * @param codecs what was done to the plain bytes, in that order: {@code zstd}, {@code gzip}, {@code age}
 * @param plainBytes size before the codecs
 * @param storedBytes size as stored; never 0
 * @param sha256 lower-case hex SHA-256 of the stored bytes, 64 characters
 * @param facts what its body learnt
 * @param restoreHint the exact shell line that restores it by hand. Where the sink has no {@link Sink#fetchCommand}, it begins
 *     with {@code cat} and the last part of the key: the object has to be fetched under that name first
 */
public record StoredArtifact(
        String item,
        String role,
        int ordinal,
        ObjectKey key,
        List<String> codecs,
        long plainBytes,
        long storedBytes,
        String sha256,
        Map<String, String> facts,
        String restoreHint) {
    public StoredArtifact {
        if (storedBytes <= 0) {
            throw new IllegalArgumentException("storedBytes must be positive, was " + storedBytes + " for " + key);
        }
        if (plainBytes < 0) {
            throw new IllegalArgumentException("plainBytes must not be negative, was " + plainBytes + " for " + key);
        }
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("sha256 of " + key + " is not 64 lower-case hex digits");
        }
        codecs = List.copyOf(codecs);
        facts = Facts.copyOf(facts);
    }
}
