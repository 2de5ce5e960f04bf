package cloud.lvs.backup.spi;

import java.util.Map;

/**
 * What became of a request to delete.
 *
 * @param refused the keys that are still there, each with the store's reason; every other key of the request is gone
 *     (a key that never existed counts as gone)
 */
public record DeleteReport(Map<ObjectKey, String> refused) {
    public DeleteReport {
        refused = Map.copyOf(refused);
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
