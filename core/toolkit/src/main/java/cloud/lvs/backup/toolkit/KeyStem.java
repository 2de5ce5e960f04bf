package cloud.lvs.backup.toolkit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Makes the readable part of a key out of any name. */
public final class KeyStem {
    private static final int LONGEST = 300;
    private static final int DIGEST_CHARACTERS = 16;

    private KeyStem() {}

    /**
     * A stem as {@link cloud.lvs.backup.spi.Artifact#stem()} takes it: letters, digits and {@code _} stay, and {@code .} and
     * {@code -} but at the beginning; every other byte of the name's UTF-8 becomes {@code %XX}. Two names never get one stem:
     * what is longer than 300 characters ends with {@code +} and 16 digits of the name's SHA-256.
     *
     * @param name any text but the empty one
     * @throws IllegalArgumentException if the name is empty
     */
    public static String of(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("an empty name has no key stem");
        }
        StringBuilder stem = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (isPlain(c) || (!stem.isEmpty() && (c == '.' || c == '-'))) {
                stem.append(c);
            } else {
                stem.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return stem.length() <= LONGEST
                ? stem.toString()
                : stem.substring(0, LONGEST) + "+" + sha256(name).substring(0, DIGEST_CHARACTERS);
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    /** The SHA-256 of a name's UTF-8 in lower-case hexadecimal digits: a stem, or a file's name, that nobody needs to read. */
    public static String sha256(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
