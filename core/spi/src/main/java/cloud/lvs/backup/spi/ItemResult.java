package cloud.lvs.backup.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of an item in a run or a restore.
 *
 * @param item the item's id
 * @param status what became of it
 * @param reason why it was skipped or how it failed; empty when done
 * @param facts what was learnt about it, e.g. {@code maxId → 141153}
 * @param kind who acts on a failure; null if that was not told
 * @param remedy what to do about a failure; null if that was not told
 */
public record ItemResult(
        String item,
        Status status,
        String reason,
        Map<String, String> facts,
        @Nullable Kind kind,
        @Nullable String remedy) {
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

    /** As above, without a word on who acts and how. */
    public ItemResult(String item, Status status, String reason, Map<String, String> facts) {
        this(item, status, reason, facts, null, null);
    }

    public static ItemResult done(String item, Map<String, String> facts) {
        return new ItemResult(item, Status.DONE, "", facts);
    }

    /**
     * An item that is left out on purpose: in a run one that the inventory told as {@link Item.State#EXCLUDED}, in a restore one
     * that nobody asked for. What should have been captured but was not is {@linkplain #failed failed}; a run counts it so.
     */
    public static ItemResult skipped(String item, String reason) {
        return new ItemResult(item, Status.SKIPPED, reason, Map.of());
    }

    /** An item that failed; the operator is told to run again. */
    public static ItemResult failed(String item, String cause) {
        return new ItemResult(item, Status.FAILED, cause, Map.of());
    }

    /** An item that failed; the operator is told what {@code why} says: what, who acts, and how. */
    public static ItemResult failed(String item, BackupException why) {
        return new ItemResult(item, Status.FAILED, why.getMessage(), Map.of(), why.kind(), why.remedy());
    }
}
