package cloud.lvs.backup.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One protected thing inside a source: a database, the datastore, a volume.
 *
 * @param id stable from run to run and readable, e.g. {@code datastore} or {@code platform/data-postgresql-0}
 * @param state whether a run captures it
 * @param reason why it is excluded or unreachable; empty when selected
 * @param sizeBytes about how much there is to read, or null if unknown
 * @param facts what a report shows beside it
 */
public record Item(
        String id, State state, String reason, @Nullable Long sizeBytes, Map<String, String> facts) {
    /** Whether a run captures an item. */
    public enum State {
        SELECTED,
        /** Left out on purpose: by configuration, or because it is not worth keeping. */
        EXCLUDED,
        /** It should be captured but cannot be. */
        UNREACHABLE
    }

    public Item {
        if (id.isBlank()) {
            throw new IllegalArgumentException("an item needs an id");
        }
        if (state != State.SELECTED && reason.isBlank()) {
            throw new IllegalArgumentException("item '" + id + "' is " + state + " without a reason");
        }
        facts = Facts.copyOf(facts);
    }

    public static Item selected(String id, @Nullable Long sizeBytes) {
        return new Item(id, State.SELECTED, "", sizeBytes, Map.of());
    }

    public static Item excluded(String id, String reason) {
        return new Item(id, State.EXCLUDED, reason, null, Map.of());
    }

    public static Item unreachable(String id, String reason) {
        return new Item(id, State.UNREACHABLE, reason, null, Map.of());
    }
}
