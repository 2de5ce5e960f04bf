package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What became of each item of a run: a source is not believed that it captured what no artifact shows, nor that it may skip
 * what it still has.
 */
final class CapturedItems {
    /** Asks the source again what it has. */
    interface Inventory {
        List<Item> now() throws IOException, InterruptedException;
    }

    private CapturedItems() {}

    /**
     * The results that a source reports, and those that it should have reported but did not.
     *
     * @param inventory what there was before
     * @param stored what the sink confirmed
     * @param again asked only if an item was skipped that was to be captured: one that is gone by now, or excluded, may be
     */
    static List<ItemResult> of(List<Item> inventory, CaptureReport report, List<StoredArtifact> stored, Inventory again)
            throws InterruptedException {
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
        Set<String> skipped = skippedThoughThere(inventory, results, again);
        for (Item item : inventory) {
            if (skipped.contains(item.id())) {
                results.computeIfPresent(
                        item.id(),
                        (id, result) -> ItemResult.failed(
                                id,
                                item.state() == Item.State.UNREACHABLE
                                        ? item.reason()
                                        : "was selected but skipped: " + result.reason()));
            }
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

    private static Set<String> skippedThoughThere(
            List<Item> inventory, Map<String, ItemResult> results, Inventory again) throws InterruptedException {
        Set<String> skipped = new HashSet<>();
        for (Item item : inventory) {
            ItemResult result = results.get(item.id());
            if (item.state() != Item.State.EXCLUDED && result != null && result.status() == ItemResult.Status.SKIPPED) {
                skipped.add(item.id());
            }
        }
        if (skipped.isEmpty()) {
            return skipped;
        }
        try {
            skipped.retainAll(again.now().stream()
                    .filter(item -> item.state() != Item.State.EXCLUDED)
                    .map(Item::id)
                    .collect(Collectors.toSet()));
        } catch (IOException | RuntimeException e) {
            // Nobody knows that they are gone, so they count as not captured.
        }
        return skipped;
    }
}
