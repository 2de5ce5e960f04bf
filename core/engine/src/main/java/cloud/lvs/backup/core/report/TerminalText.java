package cloud.lvs.backup.core.report;

import java.util.regex.Pattern;

/**
 * Texts for a terminal. Names and messages come from stores, file systems and servers; a control character in one could recolour,
 * overwrite or hide what is printed, and one that turns the direction of writing could make a name look like another.
 */
public final class TerminalText {
    private static final Pattern ONE_LINE =
            Pattern.compile("[\\p{Cc}\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");
    private static final Pattern LINES =
            Pattern.compile("(?![\\n\\t])[\\p{Cc}\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

    private TerminalText() {}

    /** {@code text} with such characters as {@code \}{@code u001b}. */
    public static String line(String text) {
        return escape(ONE_LINE, text);
    }

    /** As {@link #line}, but line ends and tabs stay. */
    public static String lines(String text) {
        return escape(LINES, text);
    }

    private static String escape(Pattern characters, String text) {
        return characters
                .matcher(text)
                .replaceAll(
                        found -> String.format("\\\\u%04x", (int) found.group().charAt(0)));
    }
}
