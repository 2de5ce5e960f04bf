package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.StoredArtifact;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What became of each item of a run: a source is not believed that it captured what no artifact shows. */
final class CapturedItems {
    private CapturedItems() {}

    /**
     * The results that a source reports, and those that it should have reported but did not.
     *
     * @param inventory what there was before
     * @param stored what the sink confirmed
     */
    static List<ItemResult> of(List<Item> inventory, CaptureReport report, List<StoredArtifact> stored) {
        Map<String, ItemResult> results = new LinkedHashMap<>();
        for (ItemResult result : report.items()) {
            boolean hasArtifact =
                    stored.stream().anyMatch(artifact -> artifact.item().equals(result.item()));
            results.put(
                    result.item(),
                    result.status() == ItemResult.Status.DONE && !hasArtifact
                            ? ItemResult.failed(result.item(), "was reported as captured without an artifact")
                            : result);
        }
        for (Item item : inventory) {
            results.computeIfAbsent(item.id(), missing -> switch (item.state()) {
                case SELECTED -> ItemResult.failed(missing, "is in the inventory but was not captured");
                case UNREACHABLE -> ItemResult.failed(missing, item.reason());
                case EXCLUDED -> ItemResult.skipped(missing, item.reason());
            });
        }
        for (StoredArtifact artifact : stored) {
            results.computeIfAbsent(
                    artifact.item(), unknown -> ItemResult.failed(unknown, "has an artifact but was not reported"));
        }
        return List.copyOf(results.values());
    }
}
