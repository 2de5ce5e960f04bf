package cloud.lvs.backup.provider.k3s.capture;

import cloud.lvs.backup.provider.k3s.K3sConfig.Method;
import cloud.lvs.backup.provider.k3s.datastore.Datastore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A copy of a datastore as it was at one instant. The database it was made from is closed.
 *
 * @param file one file without a log; may be in WAL mode
 * @param state how the datastore was found
 * @param lastWritten when its files were written last
 * @param pinned what was read in the transaction that the copy was made under
 * @param method how it was copied; never {@link Method#AUTO}
 * @param steps after how many pieces the page copy was done, 0 for {@link Method#VACUUM}
 * @param restarts how often the page copy began again; 0, or the snapshot did not hold
 * @param held how long the live database was open
 */
public record DatastoreSnapshot(
        Path file,
        Datastore.State state,
        Instant lastWritten,
        Pinned pinned,
        Method method,
        int steps,
        int restarts,
        Duration held) {

    /**
     * What the live database said.
     *
     * @param maxId its revision
     * @param pages its size
     * @param freePages how much of that is unused
     * @param pageSize in bytes
     */
    public record Pinned(long maxId, long pages, long freePages, long pageSize) {
        /** More than a quarter unused: compacting is then as fast as copying, and what is stored smaller. */
        boolean isSparse() {
            return 4 * freePages > pages;
        }
    }

    /** How the copy was made, for a manifest. */
    public Map<String, String> facts() {
        Map<String, String> facts = new TreeMap<>();
        facts.put("method", method.name().toLowerCase(Locale.ROOT));
        facts.put("found", state.name().toLowerCase(Locale.ROOT));
        facts.put("pages", Long.toString(pinned.pages()));
        facts.put("freePages", Long.toString(pinned.freePages()));
        facts.put("snapshotMillis", Long.toString(held.toMillis()));
        if (method == Method.SNAPSHOT_COPY) {
            facts.put("steps", Integer.toString(steps));
            facts.put("restarts", Integer.toString(restarts));
        }
        return facts;
    }
}
