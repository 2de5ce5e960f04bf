package cloud.lvs.backup.provider.postgres.dump;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells whether a script of {@code pg_dump} or {@code pg_dumpall} is whole, from its first and last bytes as it streams by.
 * A script that was cut restores without an error, so its end has to be seen.
 */
final class ScriptCompleteness implements CompletenessCheck {
    /** What wrote the script. */
    enum Writer {
        /** {@code pg_dump}: one database. */
        DATABASE("database dump"),
        /** {@code pg_dumpall}: globals, or everything. */
        CLUSTER("database cluster dump");

        private final String title;

        Writer(String title) {
            this.title = title;
        }
    }

    private static final int WINDOW = 1 << 12;

    /** Since August 2025 a script is bracketed by a random key that no row can know. */
    private static final Pattern RESTRICT = Pattern.compile("^\\\\restrict (\\S+)$", Pattern.MULTILINE);

    private static final Pattern UNRESTRICT = Pattern.compile("^\\\\unrestrict (\\S+)$", Pattern.MULTILINE);

    private final Writer writer;
    private final byte[] head = new byte[WINDOW];
    private final byte[] tail = new byte[2 * WINDOW];
    private int headLength;
    private int tailLength;

    ScriptCompleteness(Writer writer) {
        this.writer = writer;
    }

    @Override
    public void take(byte[] bytes, int offset, int length) {
        int toHead = Math.min(WINDOW - headLength, length);
        System.arraycopy(bytes, offset, head, headLength, toHead);
        headLength += toHead;
        if (length >= WINDOW) {
            System.arraycopy(bytes, offset + length - WINDOW, tail, 0, WINDOW);
            tailLength = WINDOW;
            return;
        }
        if (tailLength + length > tail.length) {
            System.arraycopy(tail, tailLength - WINDOW, tail, 0, WINDOW);
            tailLength = WINDOW;
        }
        System.arraycopy(bytes, offset, tail, tailLength, length);
        tailLength += length;
    }

    @Override
    public Optional<String> flaw() {
        String begin = new String(head, 0, headLength, StandardCharsets.ISO_8859_1);
        String end = new String(tail, 0, tailLength, StandardCharsets.ISO_8859_1).stripTrailing() + "\n";
        if (!begin.startsWith("--\n-- PostgreSQL " + writer.title + "\n--\n")) {
            return Optional.of("does not begin as a " + writer.title + " does");
        }
        Matcher restrict = RESTRICT.matcher(begin);
        Optional<String> key = restrict.find() ? Optional.of(restrict.group(1)) : Optional.empty();
        String mark = "\n--\n-- PostgreSQL " + writer.title + " complete\n--\n";
        int at = end.lastIndexOf(mark);
        if (at < 0) {
            return Optional.of("does not end with '-- PostgreSQL " + writer.title + " complete'");
        }
        boolean whole = writer == Writer.DATABASE
                ? endsDatabase(end.substring(at + mark.length()), key)
                : endsCluster(end.substring(0, at + 1), end.substring(at + mark.length()), key);
        return whole
                ? Optional.empty()
                : Optional.of(
                        "goes on, or lacks its \\unrestrict, after '-- PostgreSQL " + writer.title + " complete'");
    }

    /** After the mark only the end of the bracket may follow, with the key of its beginning. */
    private static boolean endsDatabase(String rest, Optional<String> key) {
        Matcher unrestrict = UNRESTRICT.matcher(rest);
        if (key.isEmpty()) {
            return rest.isBlank();
        }
        return unrestrict.find()
                && unrestrict.group(1).equals(key.get())
                && rest.substring(0, unrestrict.start()).isBlank()
                && rest.substring(unrestrict.end()).isBlank();
    }

    /** Nothing may follow the mark; the bracket before it, of the last database, has a key of its own. */
    private static boolean endsCluster(String before, String rest, Optional<String> key) {
        if (!rest.isBlank()) {
            return false;
        }
        String last = before.stripTrailing();
        return key.isEmpty()
                || UNRESTRICT
                        .matcher(last.substring(last.lastIndexOf('\n') + 1))
                        .matches();
    }
}
