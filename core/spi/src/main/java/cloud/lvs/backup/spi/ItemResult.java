package cloud.lvs.backup.spi;

import java.util.Map;

/**
 * What became of an item in a run or a restore.
 *
 * @param item the item's id
 * @param status what became of it
 * @param reason why it was skipped or how it failed; empty when done
 * @param facts what was learnt about it, e.g. {@code maxId → 141153}
 */
public record ItemResult(String item, Status status, String reason, Map<String, String> facts) {
    /** What became of an item. */
    public enum Status {
        DONE,
        SKIPPED,
        FAILED
    }

    public ItemResult {
        if (status != Status.DONE && reason.isBlank()) {
            throw new IllegalArgumentException("item '" + item + "' is " + status + " without a reason");
        }
        facts = Facts.copyOf(facts);
    }

    public static ItemResult done(String item, Map<String, String> facts) {
        return new ItemResult(item, Status.DONE, "", facts);
    }

    public static ItemResult skipped(String item, String reason) {
        return new ItemResult(item, Status.SKIPPED, reason, Map.of());
    }

    public static ItemResult failed(String item, String cause) {
        return new ItemResult(item, Status.FAILED, cause, Map.of());
    }
}
