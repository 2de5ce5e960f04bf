package cloud.lvs.backup.sink.s3.upload;

/**
 * How large the parts of an object are: a tenth of them one block each, the next tenth two, and so on up to all the blocks
 * there are. So ordinary objects have small parts of one size, and a huge one does not run into the store's limit of parts.
 *
 * @param maxParts how many parts the store takes
 * @param maxBlocks how many blocks a part may have
 */
public record PartPlan(int maxParts, int maxBlocks) {
    private static final int TIERS = 10;

    /** @param number of the part, from 1 */
    int blocksOf(int number) {
        int tier = Math.max(1, maxParts / TIERS);
        return Math.min(maxBlocks, 1 + (number - 1) / tier);
    }

    /** The largest object in blocks. */
    long capacityBlocks() {
        long blocks = 0;
        for (int number = 1; number <= maxParts; number++) {
            blocks += blocksOf(number);
        }
        return blocks;
    }
}
