package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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

    private final ScriptBuffer buffer;
    private final String target;
    private Token token = Token.BLANK;
    private int rowsFrom;
    private int rowsTo;
    private boolean copying;
    private boolean midRow;
    private long rows;
    private boolean standardStrings = true;
    private int columns;
    private long beganAt = 1;

    /** @param target what to call the script in errors, e.g. {@code object 2026/11/pg-shop.sql.zst} */
    public ScriptReader(InputStream in, String target) {
        this.buffer = new ScriptBuffer(in, target);
        this.target = target;
    }

    /**
     * Goes on to the next token.
     *
     * @throws BackupException of kind {@code VERIFICATION} if the script stops in the middle of one
     */
    public Token next() throws IOException {
        buffer.release();
        beganAt = buffer.line();
        token = copying ? rows() : outside();
        return token;
    }

    /** The token as text; of rows there is none. */
    public String text() {
        return buffer.held();
    }

    /** How a statement begins, as text: its first few hundred characters. */
    String beginning() {
        return buffer.heldBeginning();
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
    public boolean precedesRows() {
        return copying;
    }

    /** The line that comes next, with its line break; of a long one the beginning. */
    String upcomingLine() throws IOException {
        return buffer.upcomingLine();
    }

    /** How many rows the last {@code COPY} had so far. */
    public long rowCount() {
        return rows;
    }

    /** Writes the token as it was read. */
    public void writeTo(OutputStream out) throws IOException {
        if (token == Token.ROWS) {
            out.write(buffer.bytes(), rowsFrom, rowsTo - rowsFrom);
        } else {
            buffer.writeHeldTo(out);
        }
    }

    // Between statements

    private Token outside() throws IOException {
        int first = buffer.peek();
        if (first < 0) {
            return Token.END;
        }
        if (isSpace(first)) {
            while (buffer.peek() >= 0 && isSpace(buffer.peek())) {
                buffer.hold();
            }
            return Token.BLANK;
        }
        if (first == '\\') {
            buffer.holdLine();
            return Token.META_COMMAND;
        }
        if (first == '-' && buffer.peekSecond() == '-') {
            buffer.holdLine();
            return Token.COMMENT;
        }
        statement();
        return Token.STATEMENT;
    }

    // A statement

    private void statement() throws IOException {
        int depth = 0;
        int atomic = 0;
        boolean routine = false;
        RoutineDetector words = new RoutineDetector();
        int before = '\n';
        while (true) {
            int c = buffer.require();
            if (c == '\'') {
                string(before == 'E' || !standardStrings);
            } else if (c == '"') {
                quoted('"');
            } else if (c == '$' && !isWord(before)) {
                dollar();
            } else if (c == '-' && buffer.peekSecond() == '-') {
                buffer.holdLine();
            } else if (c == '/' && buffer.peekSecond() == '*') {
                blockComment();
            } else if (c == '\\') {
                throw new BackupException(
                        Kind.VERIFICATION,
                        target,
                        "holds a command to psql in the middle of a statement, in line " + buffer.line()
                                + ", which no dump has",
                        "find out who wrote it: such a command can run programs on the machine that restores");
            } else if (isWordStart(c) && !isWord(before)) {
                String word = word();
                if (before == '\n'
                        && word.startsWith("pg_dump")
                        && buffer.peek() == ':'
                        && buffer.peekSecond() == ' ') {
                    throw UnexpectedLine.refused(target, buffer.line(), word + ": …");
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
                buffer.hold();
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
        if (buffer.begins("COPY ") && buffer.ends(" FROM stdin;")) {
            columns = UnexpectedLine.columns(buffer.held());
            buffer.holdLine();
            copying = true;
            midRow = false;
            rows = 0;
        } else if (buffer.begins("SET standard_conforming_strings = ")) {
            standardStrings = buffer.ends("= on;");
        }
    }

    private String word() throws IOException {
        StringBuilder word = new StringBuilder();
        while (buffer.peek() >= 0 && isWord(buffer.peek())) {
            if (word.length() < 16) {
                word.append((char) buffer.peek());
            }
            buffer.hold();
        }
        return word.toString().toLowerCase(Locale.ROOT);
    }

    private void string(boolean escapes) throws IOException {
        buffer.hold();
        while (true) {
            int c = buffer.require();
            buffer.hold();
            if (c == '\\' && escapes) {
                buffer.require();
                buffer.hold();
            } else if (c == '\'') {
                if (buffer.peek() != '\'') {
                    return;
                }
                buffer.hold();
            }
        }
    }

    private void quoted(int quote) throws IOException {
        buffer.hold();
        while (buffer.require() != quote) {
            buffer.hold();
        }
        buffer.hold();
    }

    private void blockComment() throws IOException {
        int depth = 0;
        do {
            int c = buffer.require();
            buffer.hold();
            if (c == '/' && buffer.peek() == '*') {
                buffer.hold();
                depth++;
            } else if (c == '*' && buffer.peek() == '/') {
                buffer.hold();
                depth--;
            }
        } while (depth > 0);
    }

    /** A body between {@code $tag$} and {@code $tag$}, or a lone dollar. */
    private void dollar() throws IOException {
        ByteArrayOutputStream tag = new ByteArrayOutputStream();
        buffer.hold();
        tag.write('$');
        while (isWord(buffer.require()) && buffer.peek() != '$') {
            tag.write(buffer.peek());
            buffer.hold();
        }
        if (buffer.peek() != '$') {
            return;
        }
        buffer.hold();
        tag.write('$');
        byte[] end = tag.toByteArray();
        int matched = 0;
        while (matched < end.length) {
            int c = buffer.require();
            buffer.hold();
            // A tag has a dollar only at its ends, so a mismatch can begin a match only by its own dollar.
            matched = c == end[matched] ? matched + 1 : c == '$' ? 1 : 0;
        }
    }

    // Rows

    private Token rows() throws IOException {
        if (!buffer.fillTo(midRow ? 1 : 3)) {
            throw buffer.cut("in the rows of a table");
        }
        if (!midRow && buffer.isAtEndOfRows()) {
            buffer.holdLine();
            copying = false;
            return Token.ROWS_END;
        }
        rowsFrom = buffer.position();
        do {
            int newline = buffer.newline();
            int end = newline < 0 ? buffer.limit() : newline + 1;
            if (!midRow && newline >= 0 && UnexpectedLine.isMessage(buffer.bytes(), buffer.position(), end, columns)) {
                throw UnexpectedLine.refused(target, buffer.line(), "pg_dump: …");
            }
            midRow = newline < 0;
            buffer.skipTo(end);
            rows += midRow ? 0 : 1;
        } while (buffer.limit() - buffer.position() >= 3 && !buffer.isAtEndOfRows());
        rowsTo = buffer.position();
        return Token.ROWS;
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
