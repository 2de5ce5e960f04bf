package cloud.lvs.backup.spi;

import java.util.List;
import java.util.Map;

/**
 * What a capture achieved.
 *
 * @param items every item of the inventory with what became of it. Artifacts of a failed item are dropped. No item done
 *     is an empty run, a failure
 * @param source the identity of the source and its versions, e.g. {@code systemIdentifier → 7301…}
 */
public record CaptureReport(List<ItemResult> items, Map<String, String> source) {
    public CaptureReport {
        items = List.copyOf(items);
        source = Facts.copyOf(source);
    }
}
