package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of a backup target, as {@code util.go} and {@code config.go} of Longhorn's backupstore make them: a volume lies below
 * the first two bytes of the SHA-512 of its name.
 */
final class TargetKeys {
    static final String VOLUMES = "backupstore/volumes/";

    /** Hex digits of a block's checksum: half a SHA-512. */
    static final int CHECKSUM_DIGITS = 64;

    private static final Pattern BELOW_VOLUME = Pattern.compile(
            Pattern.quote(VOLUMES) + "(?<path>[0-9a-f]{2}/[0-9a-f]{2})/(?<volume>[^/]+)/.*", Pattern.DOTALL);
    private static final Pattern BACKUP = Pattern.compile(".*/backups/backup_(?<name>[^/]+)\\.cfg", Pattern.DOTALL);
    private static final Pattern BLOCK = Pattern.compile(".*/blocks/../../(?<checksum>[0-9a-f]{64})\\.blk");

    private TargetKeys() {}

    /** Ends in a slash. */
    static String volume(String volume) {
        String hash = HexFormat.of().formatHex(sha512(volume.getBytes(StandardCharsets.UTF_8)));
        return VOLUMES + hash.substring(0, 2) + "/" + hash.substring(2, 4) + "/" + volume + "/";
    }

    static ObjectKey volumeConfiguration(String volume) {
        return new ObjectKey(volume(volume) + "volume.cfg");
    }

    static String backups(String volume) {
        return volume(volume) + "backups/";
    }

    static ObjectKey backupConfiguration(String volume, String backup) {
        return new ObjectKey(backups(volume) + "backup_" + backup + ".cfg");
    }

    static String blocks(String volume) {
        return volume(volume) + "blocks/";
    }

    static ObjectKey block(String volume, String checksum) {
        return new ObjectKey(
                blocks(volume) + checksum.substring(0, 2) + "/" + checksum.substring(2, 4) + "/" + checksum + ".blk");
    }

    /** The name of the volume that a key belongs to; empty if it belongs to none, or lies where no volume of its name lies. */
    static Optional<String> volumeOf(String key) {
        Matcher matcher = BELOW_VOLUME.matcher(key);
        if (!matcher.matches() || !key.startsWith(volume(matcher.group("volume")))) {
            return Optional.empty();
        }
        return Optional.of(matcher.group("volume"));
    }

    static Optional<String> backupOf(String key) {
        Matcher matcher = BACKUP.matcher(key);
        return matcher.matches() ? Optional.of(matcher.group("name")) : Optional.empty();
    }

    static Optional<String> checksumOf(String key) {
        Matcher matcher = BLOCK.matcher(key);
        return matcher.matches() ? Optional.of(matcher.group("checksum")) : Optional.empty();
    }

    /** What a block is called by: the first half of the SHA-512 of its plain bytes. */
    static String checksum(byte[] block) {
        return HexFormat.of().formatHex(sha512(block)).substring(0, CHECKSUM_DIGITS);
    }

    private static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512", e);
        }
    }
}
