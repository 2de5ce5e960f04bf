package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Takes a script of {@code pg_dump} or {@code pg_dumpall} apart as {@code psql} would: what looks like a statement or like
 * the end of a dump inside a literal, the body of a function or the rows of a table is not taken for one. Rows are passed on
 * in the buffer they were read into; a statement is held whole. One thread.
 */
public final class ScriptReader {
    /** What a script consists of. */
    public enum Token {
        /** White space between two statements. */
        BLANK,
        /** A line that begins with {@code --}, with its line break. */
        COMMENT,
        /** A line that begins with a backslash, with its line break: a meta-command of psql. */
        META_COMMAND,
        /** A statement up to its semicolon. */
        STATEMENT,
        /** Rows of the {@code COPY} before, as many as were at hand; the last are followed by {@link #ROWS_END}. */
        ROWS,
        /** The line {@code \.} behind the rows. */
        ROWS_END,
        /** Nothing is left. */
        END
    }

    private static final int BUFFER = 1 << 17;
    private static final int BEGINNING = 1 << 9;
    private static final int MOST_IN_A_STATEMENT = 1 << 26;

    private final InputStream in;
    private final String target;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private boolean ended;

    private byte[] held = new byte[1 << 10];
    private int heldBytes;
    private Token token = Token.BLANK;
    private int rowsFrom;
    private int rowsTo;
    private boolean copying;
    private boolean midRow;
    private long rows;
    private boolean standardStrings = true;
    private int columns;
    private long line = 1;
    private long beganAt = 1;

    /** @param target what to call the script in errors, e.g. {@code object 2026/11/pg-shop.sql.zst} */
    public ScriptReader(InputStream in, String target) {
        this.in = in;
        this.target = target;
    }

    /**
     * Goes on to the next token.
     *
     * @throws BackupException of kind {@code VERIFICATION} if the script stops in the middle of one
     */
    public Token next() throws IOException {
        heldBytes = 0;
        beganAt = line;
        token = copying ? rows() : outside();
        return token;
    }

    /** The token as text; of rows there is none. */
    public String text() {
        return new String(held, 0, heldBytes, StandardCharsets.UTF_8);
    }

    /** How a statement begins, as text: its first few hundred characters. */
    String beginning() {
        return new String(held, 0, Math.min(heldBytes, BEGINNING), StandardCharsets.UTF_8);
    }

    /** The number of the line that the token begins in, from 1. */
    long line() {
        return beganAt;
    }

    /** What to call the script in errors. */
    String target() {
        return target;
    }

    /** Whether rows come next. */
    boolean precedesRows() {
        return copying;
    }

    /** The line that comes next, with its line break; of a long one the beginning. */
    String upcomingLine() throws IOException {
        while (!ended && limit - position < BEGINNING && newline() < 0) {
            fill();
        }
        int end = newline() < 0 ? limit : newline() + 1;
        return new String(buffer, position, Math.min(end - position, BEGINNING), StandardCharsets.UTF_8);
    }

    /** How many rows the last {@code COPY} had so far. */
    long rowCount() {
        return rows;
    }

    /** Writes the token as it was read. */
    public void writeTo(OutputStream out) throws IOException {
        if (token == Token.ROWS) {
            out.write(buffer, rowsFrom, rowsTo - rowsFrom);
        } else {
            out.write(held, 0, heldBytes);
        }
    }

    // Between statements

    private Token outside() throws IOException {
        int first = peek();
        if (first < 0) {
            return Token.END;
        }
        if (isSpace(first)) {
            while (peek() >= 0 && isSpace(peek())) {
                hold();
            }
            return Token.BLANK;
        }
        if (first == '\\') {
            holdLine();
            return Token.META_COMMAND;
        }
        if (first == '-' && peekBehind() == '-') {
            holdLine();
            return Token.COMMENT;
        }
        statement();
        return Token.STATEMENT;
    }

    private void holdLine() throws IOException {
        for (int c = peek(); c >= 0; c = peek()) {
            hold();
            if (c == '\n') {
                return;
            }
        }
    }

    // A statement

    private void statement() throws IOException {
        int depth = 0;
        int atomic = 0;
        boolean routine = false;
        RoutineDetector words = new RoutineDetector();
        int before = '\n';
        while (true) {
            int c = require();
            if (c == '\'') {
                string(before == 'E' || !standardStrings);
            } else if (c == '"') {
                quoted('"');
            } else if (c == '$' && !isWord(before)) {
                dollar();
            } else if (c == '-' && peekBehind() == '-') {
                holdLine();
            } else if (c == '/' && peekBehind() == '*') {
                blockComment();
            } else if (c == '\\') {
                throw new BackupException(
                        Kind.VERIFICATION,
                        target,
                        "holds a command to psql in the middle of a statement, in line " + line + ", which no dump has",
                        "find out who wrote it: such a command can run programs on the machine that restores");
            } else if (isWordStart(c) && !isWord(before)) {
                String word = word();
                if (before == '\n' && word.startsWith("pg_dump") && peek() == ':' && peekBehind() == ' ') {
                    throw UnexpectedLine.refused(target, line, word + ": …");
                }
                routine = routine || words.makesRoutine(word);
                if (routine && depth == 0) {
                    // As psql does: the semicolons of a body in standard SQL do not end the statement.
                    if (word.equals("begin") || (atomic > 0 && word.equals("case"))) {
                        atomic++;
                    } else if (atomic > 0 && word.equals("end")) {
                        atomic--;
                    }
                }
                // E'…' is the one prefix that changes how a literal ends.
                before = word.equals("e") ? 'E' : 'x';
                continue;
            } else {
                hold();
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (c == ';' && depth <= 0 && atomic == 0) {
                    endOfStatement();
                    return;
                }
            }
            before = c;
        }
    }

    private void endOfStatement() throws IOException {
        if (begins("COPY ") && ends(" FROM stdin;")) {
            columns = UnexpectedLine.columns(text());
            holdLine();
            copying = true;
            midRow = false;
            rows = 0;
        } else if (begins("SET standard_conforming_strings = ")) {
            standardStrings = ends("= on;");
        }
    }

    private boolean begins(String text) {
        return heldBytes >= text.length()
                && new String(held, 0, text.length(), StandardCharsets.ISO_8859_1).equals(text);
    }

    private boolean ends(String text) {
        return heldBytes >= text.length()
                && new String(held, heldBytes - text.length(), text.length(), StandardCharsets.ISO_8859_1).equals(text);
    }

    private String word() throws IOException {
        StringBuilder word = new StringBuilder();
        while (peek() >= 0 && isWord(peek())) {
            if (word.length() < 16) {
                word.append((char) peek());
            }
            hold();
        }
        return word.toString().toLowerCase(Locale.ROOT);
    }

    private void string(boolean escapes) throws IOException {
        hold();
        while (true) {
            int c = require();
            hold();
            if (c == '\\' && escapes) {
                require();
                hold();
            } else if (c == '\'') {
                if (peek() != '\'') {
                    return;
                }
                hold();
            }
        }
    }

    private void quoted(int quote) throws IOException {
        hold();
        while (require() != quote) {
            hold();
        }
        hold();
    }

    private void blockComment() throws IOException {
        int depth = 0;
        do {
            int c = require();
            hold();
            if (c == '/' && peek() == '*') {
                hold();
                depth++;
            } else if (c == '*' && peek() == '/') {
                hold();
                depth--;
            }
        } while (depth > 0);
    }

    /** A body between {@code $tag$} and {@code $tag$}, or a lone dollar. */
    private void dollar() throws IOException {
        ByteArrayOutputStream tag = new ByteArrayOutputStream();
        hold();
        tag.write('$');
        while (isWord(require()) && peek() != '$') {
            tag.write(peek());
            hold();
        }
        if (peek() != '$') {
            return;
        }
        hold();
        tag.write('$');
        byte[] end = tag.toByteArray();
        int matched = 0;
        while (matched < end.length) {
            int c = require();
            hold();
            // A tag has a dollar only at its ends, so a mismatch can begin a match only by its own dollar.
            matched = c == end[matched] ? matched + 1 : c == '$' ? 1 : 0;
        }
    }

    // Rows

    private Token rows() throws IOException {
        while (limit - position < (midRow ? 1 : 3) && !ended) {
            fill();
        }
        if (position == limit) {
            throw cut("in the rows of a table");
        }
        if (!midRow && isEndOfRows(position)) {
            holdLine();
            copying = false;
            return Token.ROWS_END;
        }
        rowsFrom = position;
        do {
            int newline = newline();
            int end = newline < 0 ? limit : newline + 1;
            if (!midRow && newline >= 0 && UnexpectedLine.isMessage(buffer, position, end, columns)) {
                throw UnexpectedLine.refused(target, line, "pg_dump: …");
            }
            midRow = newline < 0;
            position = end;
            rows += midRow ? 0 : 1;
            line += midRow ? 0 : 1;
        } while (limit - position >= 3 && !isEndOfRows(position));
        rowsTo = position;
        return Token.ROWS;
    }

    private boolean isEndOfRows(int at) {
        return limit - at >= 2
                && buffer[at] == '\\'
                && buffer[at + 1] == '.'
                && (limit - at == 2 || buffer[at + 2] == '\n' || buffer[at + 2] == '\r');
    }

    private int newline() {
        for (int i = position; i < limit; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    // Bytes

    private int peek() throws IOException {
        return position < limit || fill() ? buffer[position] & 0xff : -1;
    }

    private int peekBehind() throws IOException {
        if (limit - position < 2) {
            fill();
        }
        return limit - position < 2 ? -1 : buffer[position + 1] & 0xff;
    }

    private int require() throws IOException {
        int c = peek();
        if (c < 0) {
            throw cut("in a statement");
        }
        return c;
    }

    private void hold() throws BackupException {
        if (heldBytes == MOST_IN_A_STATEMENT) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    target,
                    "holds a statement of more than " + (MOST_IN_A_STATEMENT >> 20) + " MiB",
                    "look at what it holds; a dump by pg_dump has none as long");
        }
        if (heldBytes == held.length) {
            held = Arrays.copyOf(held, 2 * heldBytes);
        }
        line += buffer[position] == '\n' ? 1 : 0;
        held[heldBytes++] = buffer[position++];
    }

    /** Moves what is left to the front and reads more behind it; false at the end. */
    private boolean fill() throws IOException {
        if (ended) {
            return position < limit;
        }
        System.arraycopy(buffer, position, buffer, 0, limit - position);
        limit -= position;
        position = 0;
        int read = limit == buffer.length ? 0 : in.read(buffer, limit, buffer.length - limit);
        if (read < 0) {
            ended = true;
        } else {
            limit += read;
        }
        return position < limit;
    }

    private BackupException cut(String where) {
        return new BackupException(
                Kind.VERIFICATION,
                target,
                "is cut short: it ends " + where,
                "restore another backup, and find out why this dump broke off");
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f';
    }

    private static boolean isWordStart(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    }

    private static boolean isWord(int c) {
        return isWordStart(c) || (c >= '0' && c <= '9') || c == '$';
    }
}
