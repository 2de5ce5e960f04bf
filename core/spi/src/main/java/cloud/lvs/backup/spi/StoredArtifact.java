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

    /**
     * Begins an artifact that is the first to restore, stored as it is and without facts; its size and its checksum have to be set.
     *
     * @param item the id of the item it belongs to
     * @param role what it is to that item
     * @param key where it lies
     */
    public static Builder builder(String item, String role, ObjectKey key) {
        return new Builder(item, role, key);
    }

    /**
     * Begins an artifact that says of another object what this one says.
     *
     * @param other where that object lies
     */
    public Builder toBuilder(ObjectKey other) {
        return new Builder(item, role, other)
                .ordinal(ordinal)
                .codecs(codecs)
                .plainBytes(plainBytes)
                .storedBytes(storedBytes)
                .sha256(sha256)
                .facts(facts)
                .restoreHint(restoreHint);
    }

    /** Collects what is known of an artifact; its methods are named as the components they set. Used once, by one thread. */
    public static final class Builder {
        private final String item;
        private final String role;
        private final ObjectKey key;
        private int ordinal;
        private List<String> codecs = List.of();
        private long plainBytes;
        private long storedBytes;
        private String sha256 = "";
        private Map<String, String> facts = Map.of();
        private String restoreHint = "";

        private Builder(String item, String role, ObjectKey key) {
            this.item = item;
            this.role = role;
            this.key = key;
        }

        public Builder ordinal(int ordinal) {
            this.ordinal = ordinal;
            return this;
        }

        public Builder codecs(List<String> codecs) {
            this.codecs = codecs;
            return this;
        }

        public Builder plainBytes(long plainBytes) {
            this.plainBytes = plainBytes;
            return this;
        }

        public Builder storedBytes(long storedBytes) {
            this.storedBytes = storedBytes;
            return this;
        }

        public Builder sha256(String sha256) {
            this.sha256 = sha256;
            return this;
        }

        public Builder facts(Map<String, String> facts) {
            this.facts = facts;
            return this;
        }

        public Builder restoreHint(String restoreHint) {
            this.restoreHint = restoreHint;
            return this;
        }

        /** @throws IllegalArgumentException if the size as stored is not positive, or the checksum is none */
        public StoredArtifact build() {
            return new StoredArtifact(
                    item, role, ordinal, key, codecs, plainBytes, storedBytes, sha256, facts, restoreHint);
        }
    }
}
