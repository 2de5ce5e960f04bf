package cloud.lvs.backup.spi;

import java.util.Map;
import java.util.Set;

/**
 * What became of a request to delete.
 *
 * @param refused the keys that are still there, each with the store's reason; every other key of the request is gone
 *     (a key that never existed counts as gone)
 * @param locked those of them that the store keeps because it was told to, until a time or until someone lifts that; the
 *     reason says which. Nobody has to act: they can be deleted afterwards
 */
public record DeleteReport(Map<ObjectKey, String> refused, Set<ObjectKey> locked) {
    public DeleteReport {
        refused = Map.copyOf(refused);
        locked = Set.copyOf(locked);
        if (!refused.keySet().containsAll(locked)) {
            throw new IllegalArgumentException("what is locked has to be refused, with the reason: " + locked);
        }
    }

    /** What is refused is not known to be locked. */
    public DeleteReport(Map<ObjectKey, String> refused) {
        this(refused, Set.of());
    }

    /** Everything asked for is gone. */
    public static DeleteReport complete() {
        return new DeleteReport(Map.of());
    }

    /** Whether everything asked for is gone. */
    public boolean isComplete() {
        return refused.isEmpty();
    }
}
