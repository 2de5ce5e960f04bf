package cloud.lvs.backup.toolkit;

/** Quotes text for a POSIX shell, as restore hints and fetch commands need it. */
public final class ShellWord {
    private ShellWord() {}

    /** The text as one word, in single quotes: {@code it's} becomes {@code 'it'\''s'}. */
    public static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
