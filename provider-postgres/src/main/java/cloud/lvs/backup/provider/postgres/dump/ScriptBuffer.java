package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a script with a look ahead. What {@link #hold} passes is kept, whole, until it is released; what is skipped
 * stays in {@link #bytes} until more is read. One thread.
 */
final class ScriptBuffer {
    private static final int BUFFER = 1 << 17;
    private static final int BEGINNING = 1 << 9;
    private static final int MOST_HELD = 1 << 26;

    private final InputStream in;
    private final String target;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private boolean ended;

    private byte[] held = new byte[1 << 10];
    private int heldBytes;
    private long line = 1;

    /** @param target what to call the script in errors */
    ScriptBuffer(InputStream in, String target) {
        this.in = in;
        this.target = target;
    }

    /** The number of the line that comes next, from 1. */
    long line() {
        return line;
    }

    // Ahead

    /** The next byte; -1 at the end. */
    int peek() throws IOException {
        return position < limit || fill() ? buffer[position] & 0xff : -1;
    }

    /** The byte behind the next; -1 at the end. */
    int peekSecond() throws IOException {
        if (limit - position < 2) {
            fill();
        }
        return limit - position < 2 ? -1 : buffer[position + 1] & 0xff;
    }

    /**
     * The next byte of a statement.
     *
     * @throws BackupException of kind {@code VERIFICATION} if the script ends here
     */
    int require() throws IOException {
        int c = peek();
        if (c < 0) {
            throw cut("in a statement");
        }
        return c;
    }

    /** The line that comes next, with its line break; of a long one the beginning. */
    String upcomingLine() throws IOException {
        while (!ended && limit - position < BEGINNING && newline() < 0) {
            fill();
        }
        int end = newline() < 0 ? limit : newline() + 1;
        return new String(buffer, position, Math.min(end - position, BEGINNING), StandardCharsets.UTF_8);
    }

    /** Reads until so many bytes are at hand, or all that are left; false if none is. */
    boolean fillTo(int bytes) throws IOException {
        while (limit - position < bytes && !ended) {
            fill();
        }
        return position < limit;
    }

    /** What is at hand, between {@link #position} and {@link #limit}. */
    byte[] bytes() {
        return buffer;
    }

    int position() {
        return position;
    }

    int limit() {
        return limit;
    }

    /** Where the next line break at hand is; -1 if there is none. */
    int newline() {
        for (int i = position; i < limit; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Whether the line {@code \.} comes next. */
    boolean isAtEndOfRows() {
        return limit - position >= 2
                && buffer[position] == '\\'
                && buffer[position + 1] == '.'
                && (limit - position == 2 || buffer[position + 2] == '\n' || buffer[position + 2] == '\r');
    }

    /** Passes bytes at hand that hold one line break at most, at their end. */
    void skipTo(int end) {
        line += end > position && buffer[end - 1] == '\n' ? 1 : 0;
        position = end;
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

    // Held

    /** Passes the next byte, which is at hand, and keeps it. */
    void hold() throws BackupException {
        if (heldBytes == MOST_HELD) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    target,
                    "holds a statement of more than " + (MOST_HELD >> 20) + " MiB",
                    "look at what it holds; a dump by pg_dump has none as long");
        }
        if (heldBytes == held.length) {
            held = Arrays.copyOf(held, 2 * heldBytes);
        }
        line += buffer[position] == '\n' ? 1 : 0;
        held[heldBytes++] = buffer[position++];
    }

    /** Passes what is left of the line, with its line break, and keeps it. */
    void holdLine() throws IOException {
        for (int c = peek(); c >= 0; c = peek()) {
            hold();
            if (c == '\n') {
                return;
            }
        }
    }

    /** Forgets what was kept. */
    void release() {
        heldBytes = 0;
    }

    /** What is kept, as text. */
    String held() {
        return new String(held, 0, heldBytes, StandardCharsets.UTF_8);
    }

    /** How it begins: its first few hundred characters. */
    String heldBeginning() {
        return new String(held, 0, Math.min(heldBytes, BEGINNING), StandardCharsets.UTF_8);
    }

    /** Whether it begins with an ASCII text. */
    boolean begins(String text) {
        return heldBytes >= text.length()
                && new String(held, 0, text.length(), StandardCharsets.ISO_8859_1).equals(text);
    }

    /** Whether it ends with an ASCII text. */
    boolean ends(String text) {
        return heldBytes >= text.length()
                && new String(held, heldBytes - text.length(), text.length(), StandardCharsets.ISO_8859_1).equals(text);
    }

    void writeHeldTo(OutputStream out) throws IOException {
        out.write(held, 0, heldBytes);
    }

    /** The failure of a script that ends too early. */
    BackupException cut(String where) {
        return new BackupException(
                Kind.VERIFICATION,
                target,
                "is cut short: it ends " + where,
                "restore another backup, and find out why this dump broke off");
    }
}
