package cloud.lvs.backup.provider.postgres.capture;

import java.util.regex.Pattern;

/**
 * A name with {@code *} for any run of characters and {@code ?} for one; a backslash takes the meaning from the next.
 *
 * @param text as configured
 * @param pattern what it means
 */
record Glob(String text, Pattern pattern) {
    static Glob of(String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '*') {
                regex.append(".*");
            } else if (c == '?') {
                regex.append('.');
            } else {
                if (c == '\\' && i < text.length()) {
                    c = text.codePointAt(i);
                    i += Character.charCount(c);
                }
                regex.append(Pattern.quote(Character.toString(c)));
            }
        }
        return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
    }

    boolean matches(String name) {
        return pattern.matcher(name).matches();
    }
}
