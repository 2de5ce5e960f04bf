package cloud.lvs.backup.runner.config.yaml;

import java.util.regex.Pattern;

/** Knows what secrets look like, to refuse them where they would be shown. */
public final class SecretPatterns {
    private static final Pattern SECRET = Pattern.compile("(?i)AGE-SECRET-KEY-|-----BEGIN [A-Z0-9 ]*PRIVATE KEY");
    private static final Pattern URL_WITH_PASSWORD =
            Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://[^/?#@\\s]*:[^/?#@\\s]+@");

    private SecretPatterns() {}

    /** Whether {@code text} holds a private key or a URL with a password. */
    public static boolean looksSecret(String text) {
        return SECRET.matcher(text).find() || URL_WITH_PASSWORD.matcher(text).find();
    }
}
