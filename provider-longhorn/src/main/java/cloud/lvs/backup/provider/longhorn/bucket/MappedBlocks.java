package cloud.lvs.backup.provider.longhorn.bucket;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;

/** The blocks of one backup: 40 bytes each, since a volume of a terabyte has half a million of them. Not thread-safe while it grows. */
final class MappedBlocks {
    private static final int CHECKSUM_BYTES = TargetKeys.CHECKSUM_DIGITS / 2;

    private long[] offsets = new long[64];
    private byte[] checksums = new byte[64 * CHECKSUM_BYTES];
    private int size;

    void add(long offset, String checksum) {
        if (size == offsets.length) {
            offsets = Arrays.copyOf(offsets, size * 2);
            checksums = Arrays.copyOf(checksums, size * 2 * CHECKSUM_BYTES);
        }
        offsets[size] = offset;
        System.arraycopy(HexFormat.of().parseHex(checksum), 0, checksums, size * CHECKSUM_BYTES, CHECKSUM_BYTES);
        size++;
    }

    int size() {
        return size;
    }

    long offset(int index) {
        return offsets[index];
    }

    /** Lower-case hex, 64 digits. */
    String checksum(int index) {
        int from = index * CHECKSUM_BYTES;
        return HexFormat.of().formatHex(checksums, from, from + CHECKSUM_BYTES);
    }

    /** Every index, ordered by the checksum of its block: equal blocks, which are one object, stand side by side. */
    int[] byChecksum() {
        Integer[] order = new Integer[size];
        Arrays.setAll(order, index -> index);
        Comparator<Integer> comparator = (a, b) -> Arrays.compareUnsigned(
                checksums,
                a * CHECKSUM_BYTES,
                (a + 1) * CHECKSUM_BYTES,
                checksums,
                b * CHECKSUM_BYTES,
                (b + 1) * CHECKSUM_BYTES);
        Arrays.sort(order, comparator);
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }
}
