package cloud.lvs.backup.provider.k3s.secrets;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value as the API server stores it encrypted: {@code k8s:enc:PROVIDER:VERSION:NAME:} and what its provider made.
 *
 * @param provider e.g. {@code aescbc}
 * @param version e.g. {@code v1}
 * @param rest name, colon and ciphertext. Where the name ends only a configuration can say: it may hold colons, and so may
 *     the ciphertext
 */
record EncryptedValue(String provider, String version, byte[] rest) {
    /** What every encrypted value begins with, and no other. */
    static final String PREFIX = "k8s:enc:";

    private static final int HEAD_BYTES = 64;
    private static final int NAME_BYTES = 256;
    private static final Pattern HEAD = Pattern.compile(PREFIX + "([!-9;-~]{1,24}):([!-9;-~]{1,8}):");
    /** k3s ends the name of a key with the time it was made at. */
    private static final Pattern NAME =
            Pattern.compile("(?<name>[!-9;-~]+(:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d))?):", Pattern.DOTALL);

    private static final byte[] PROTOBUF = {'k', '8', 's', 0};

    /** Takes a value apart; empty if it is not encrypted. */
    static Optional<EncryptedValue> parse(byte[] value) {
        if (!head(value, PREFIX.length()).equals(PREFIX)) {
            return Optional.empty();
        }
        Matcher head = HEAD.matcher(head(value, HEAD_BYTES));
        if (!head.lookingAt()) {
            return Optional.of(new EncryptedValue("unnamed", "", new byte[0]));
        }
        return Optional.of(
                new EncryptedValue(head.group(1), head.group(2), Arrays.copyOfRange(value, head.end(), value.length)));
    }

    /** Whether the key's name is this. */
    boolean isNamed(String name) {
        byte[] start = (name + ":").getBytes(StandardCharsets.UTF_8);
        return rest.length >= start.length && Arrays.equals(start, 0, start.length, rest, 0, start.length);
    }

    /** What its provider made, if the key's name is this. */
    byte[] after(String name) {
        return Arrays.copyOfRange(rest, name.getBytes(StandardCharsets.UTF_8).length + 1, rest.length);
    }

    /** What the name of an unknown key most likely is. */
    String likelyName() {
        Matcher name = NAME.matcher(head(rest, NAME_BYTES));
        return name.lookingAt() ? name.group("name") : "(unnamed)";
    }

    /** Whether these bytes begin as an object does that is stored plain: in protobuf, or as JSON. */
    static boolean isStoredObject(byte[] plain) {
        boolean protobuf = plain.length > PROTOBUF.length
                && Arrays.equals(PROTOBUF, 0, PROTOBUF.length, plain, 0, PROTOBUF.length);
        return protobuf || (plain.length > 1 && plain[0] == '{');
    }

    /** {@code /registry/secrets/default/x → secrets}, {@code /registry/lvs.test/widgets/default/x → widgets.lvs.test}. */
    static String resourceOf(String objectKey) {
        String[] parts = objectKey.split("/", 5);
        if (parts.length < 3) {
            return objectKey;
        }
        return parts.length > 3 && parts[2].contains(".") ? parts[3] + "." + parts[2] : parts[2];
    }

    private static String head(byte[] bytes, int length) {
        return new String(bytes, 0, Math.min(length, bytes.length), StandardCharsets.ISO_8859_1);
    }
}
