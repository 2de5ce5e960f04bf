package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.nio.charset.StandardCharsets;

/** A line in a script that its writer did not put there, or that no dump has. */
final class UnexpectedLine {
    private static final int MOST_SHOWN = 60;

    private UnexpectedLine() {}

    /**
     * The refusal of a script that holds such a line.
     *
     * @param target what to call the script
     * @param number of the line, from 1
     * @param text of the line, or of what begins there
     */
    static BackupException refused(String target, long number, String text) {
        String origin = origin(text);
        return new BackupException(
                Kind.VERIFICATION,
                target,
                "line " + number + " is nothing that pg_dumpall writes: " + shown(text)
                        + (origin.isEmpty() ? "" : " (" + origin + ")"),
                "nothing of the script is run; find out how it was made, and use another backup or a copy without that"
                        + " line");
    }

    /** Where a line comes from, if it can be told. */
    private static String origin(String text) {
        if (text.startsWith("Defaulted container")
                || text.startsWith("Unable to use a TTY")
                || text.startsWith("Error from server")
                || text.startsWith("error: ")) {
            return "output of kubectl in the file";
        }
        if (text.startsWith("Password")) {
            return "the prompt of a program in the file, which ran at a terminal";
        }
        if (text.startsWith("pg_dump") || text.startsWith("psql: ")) {
            return "messages of pg_dump in the file: the job wrote its stderr into it";
        }
        if (text.startsWith("--\r")) {
            return "line ends of Windows or of a terminal in the file, as kubectl exec -t makes them";
        }
        return text.indexOf(0) >= 0 ? "UTF-16 in the file, as PowerShell writes it" : "";
    }

    /** The beginning, without what may be a value or a password. */
    private static String shown(String text) {
        String line = text.stripLeading().split("[\\r\\n]", 2)[0];
        for (String secret : new String[] {"'", "VALUES", "PASSWORD"}) {
            int at = line.indexOf(secret);
            line = at < 0 ? line : line.substring(0, at);
        }
        String printable = line.replaceAll("\\p{Cntrl}", "");
        return printable.length() > MOST_SHOWN ? printable.substring(0, MOST_SHOWN) + "…" : printable.strip();
    }

    /** Whether a row is a message of {@code pg_dump} rather than one of a table with so many columns. */
    static boolean isMessage(byte[] buffer, int from, int to, int columns) {
        if (to - from < 10 || buffer[from] != 'p' || buffer[from + 1] != 'g' || buffer[from + 2] != '_') {
            return false;
        }
        String row = new String(buffer, from, to - from, StandardCharsets.ISO_8859_1);
        return (row.startsWith("pg_dump: ") || row.startsWith("pg_dumpall: ")) && row.split("\t", -1).length != columns;
    }

    /** How many columns a {@code COPY} names. */
    static int columns(String copy) {
        int columns = 1;
        boolean quoted = false;
        for (int i = 0; i < copy.length(); i++) {
            char c = copy.charAt(i);
            quoted ^= c == '"';
            columns += c == ',' && !quoted ? 1 : 0;
        }
        return columns;
    }
}
