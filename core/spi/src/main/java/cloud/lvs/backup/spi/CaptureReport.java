package cloud.lvs.backup.spi;

import java.util.List;
import java.util.Map;

/**
 * What a capture achieved.
 *
 * @param items every item of the inventory with what became of it: a selected one is done or failed, an unreachable one
 *     failed, an excluded one skipped. Artifacts of a failed item are dropped. No item done
 *     is an empty run, a failure
 * @param source the identity of the source and its versions, e.g. {@code systemIdentifier → 7301…}; also
 *     {@link #LAST_WRITTEN}, where that is known
 */
public record CaptureReport(List<ItemResult> items, Map<String, String> source) {
    /**
     * The key, in {@code source}, of the instant when the source itself was last written, e.g. {@code 2026-11-22T03:00:00Z}.
     * Where that is longer ago than the job's recovery point objective, what was captured is not what is in use: the backup is
     * partial.
     */
    public static final String LAST_WRITTEN = "lastWritten";

    public CaptureReport {
        items = List.copyOf(items);
        source = Facts.copyOf(source);
    }
}
