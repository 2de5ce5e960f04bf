package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.spi.BackupId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Why a backup that exists by its names does not count. */
enum Ruin {
    /** Its manifest is cut. */
    DAMAGED,
    /** Its payload is gone. */
    HOLLOW,
    /** Its run ended so. */
    PARTIAL,
    /** The clock of its run was a year ahead of the store's. */
    DATED_AHEAD;

    /** Does it to a backup in a store; a {@link #DATED_AHEAD} one has to have been made so. */
    void to(BackupId id, InMemorySink store) {
        for (String key : keysOf(id, store)) {
            byte[] content = store.bytes(key).orElseThrow();
            boolean isCommitted = key.contains("/committed-");
            switch (this) {
                case DAMAGED -> {
                    if (isCommitted) {
                        store.putForeign(key, Arrays.copyOf(content, content.length - 3));
                    }
                }
                case HOLLOW -> {
                    if (!key.startsWith(Journal.ROOT)) {
                        store.removeForeign(key);
                    }
                }
                case PARTIAL -> {
                    String text = new String(content, StandardCharsets.UTF_8);
                    if (isCommitted) {
                        store.removeForeign(key);
                        store.putForeign(partial(key), content);
                    } else if (key.endsWith("/SHA256SUMS")) {
                        store.putForeign(key, partial(text).getBytes(StandardCharsets.UTF_8));
                    }
                }
                // The store's clock is right, whatever that of the run was.
                case DATED_AHEAD -> store.putForeign(key, content);
            }
        }
    }

    /** A key of the journal, or the sums, as those of a partial backup. */
    static String partial(String text) {
        return text.replaceAll("/committed-[A-Z]+\\.json", "/committed-PARTIAL.json");
    }

    static List<String> keysOf(BackupId id, InMemorySink store) {
        return store.keys().stream()
                .filter(key -> key.contains(id.run().value()))
                .toList();
    }
}
