package cloud.lvs.backup.toolkit;

import java.util.regex.Pattern;

/**
 * A name with {@code *} for any run of characters and {@code ?} for one; a backslash takes the meaning from the next.
 *
 * @param text as configured
 * @param pattern what it means
 */
public record Glob(String text, Pattern pattern) {
    /** What a text means; every text means something. */
    public static Glob of(String text) {
        StringBuilder regex = new StringBuilder();
        boolean anyBefore = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            boolean any = c == '*';
            if (any) {
                // One after another means the same, and takes for ever where nothing matches.
                regex.append(anyBefore ? "" : ".*");
            } else if (c == '?') {
                regex.append('.');
            } else {
                if (c == '\\' && i < text.length()) {
                    c = text.codePointAt(i);
                    i += Character.charCount(c);
                }
                regex.append(Pattern.quote(Character.toString(c)));
            }
            anyBefore = any;
        }
        return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
    }

    /** Whether it means its own text alone. */
    public boolean isLiteral() {
        return text.chars().noneMatch(c -> c == '*' || c == '?' || c == '\\');
    }

    /** Whether it takes all of a name. */
    public boolean matches(String name) {
        return isLiteral() ? text.equals(name) : pattern.matcher(name).matches();
    }
}
