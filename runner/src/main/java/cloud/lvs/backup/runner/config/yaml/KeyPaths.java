package cloud.lvs.backup.runner.config.yaml;

import java.util.regex.Pattern;

/** Paths to keys, for messages. */
public final class KeyPaths {
    private static final Pattern SHOWABLE = Pattern.compile("[A-Za-z0-9_<][A-Za-z0-9_.<>/-]{0,63}");

    private KeyPaths() {}

    /** {@code parent.key}. */
    public static String child(String parent, String key) {
        return parent.isEmpty() ? shown(key) : parent + "." + shown(key);
    }

    /** The key itself, or a description when it does not look like a key and so might be a secret. */
    public static String shown(String key) {
        return SHOWABLE.matcher(key).matches() && !SecretPatterns.looksSecret(key)
                ? key
                : "(a key of " + key.length() + " characters)";
    }
}
