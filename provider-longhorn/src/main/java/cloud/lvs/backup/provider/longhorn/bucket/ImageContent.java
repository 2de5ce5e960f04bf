package cloud.lvs.backup.provider.longhorn.bucket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** What a volume holds, by the marks that lie at fixed places of its first 66 KiB. */
enum ImageContent {
    EXT("an ext filesystem"),
    XFS("xfs"),
    BTRFS("btrfs, whose check this version does not run"),
    LUKS("a LUKS container: its content is encrypted"),
    LVM("a physical volume of LVM"),
    PARTITIONED("a partition table"),
    EMPTY("its beginning is empty: it was never formatted"),
    UNKNOWN("no filesystem that is known here");

    private static final int HEAD = 66 << 10;

    private final String description;

    ImageContent(String description) {
        this.description = description;
    }

    /** For a sentence that begins with what was found. */
    String description() {
        return description;
    }

    static ImageContent of(Path image) throws IOException {
        byte[] head = head(image);
        if (has(head, 0, "LUKS\u00ba\u00be")) {
            return LUKS;
        }
        if (has(head, 0, "XFSB")) {
            return XFS;
        }
        for (int sector = 0; sector < 4; sector++) {
            if (has(head, sector * 512, "LABELONE")) {
                return LVM;
            }
        }
        if (has(head, 1024 + 56, "\u0053\u00ef")) {
            return EXT;
        }
        if (has(head, (64 << 10) + 64, "_BHRfS_M")) {
            return BTRFS;
        }
        if (has(head, 512, "EFI PART") || has(head, 510, "\u0055\u00aa")) {
            return PARTITIONED;
        }
        return isZero(head) ? EMPTY : UNKNOWN;
    }

    private static byte[] head(Path image) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        try (FileChannel channel = FileChannel.open(image)) {
            while (head.hasRemaining() && channel.read(head) >= 0) {
                continue;
            }
        }
        return head.array();
    }

    private static boolean has(byte[] head, int offset, String mark) {
        byte[] bytes = mark.getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.equals(head, offset, offset + bytes.length, bytes, 0, bytes.length);
    }

    private static boolean isZero(byte[] head) {
        for (byte b : head) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
