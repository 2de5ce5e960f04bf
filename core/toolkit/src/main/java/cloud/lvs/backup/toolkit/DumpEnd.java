package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Passes a dump on, and knows whether it ended as its program ends one: the exit code of a program in a pipe, or of one that
 * was cut off, may say nothing. For one thread.
 */
public final class DumpEnd extends FilterOutputStream {
    private final byte[] expected;
    private final byte[] tail;
    private int length;

    /**
     * @param out is not closed with this stream
     * @param expected how the last line begins that is not blank, e.g. {@code -- Dump completed}
     */
    public DumpEnd(OutputStream out, String expected) {
        super(out);
        this.expected = expected.getBytes(StandardCharsets.UTF_8);
        this.tail = new byte[this.expected.length + 1024];
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        out.write(bytes, offset, count);
        int fresh = Math.min(count, tail.length);
        int kept = Math.min(length, tail.length - fresh);
        System.arraycopy(tail, length - kept, tail, 0, kept);
        System.arraycopy(bytes, offset + count - fresh, tail, kept, fresh);
        length = kept + fresh;
    }

    /**
     * To be asked when all was written that there is.
     *
     * @param target what was dumped, for the message
     * @throws BackupException of kind {@code SOURCE} if the last line is another
     */
    public void requireReached(String target) throws BackupException {
        requireReached(target, "");
    }

    /**
     * To be asked when its program has ended and said that it succeeded.
     *
     * @param target what was dumped, for the message
     * @param exit how the program ended, for the message: why it gave up may be among its last words
     * @throws BackupException of kind {@code SOURCE} if the last line is another
     */
    public void requireReached(String target, ChildProcess.Exit exit) throws BackupException {
        requireReached(target, "; the program " + exit.inWords());
    }

    private void requireReached(String target, String lastWords) throws BackupException {
        if (!isReached()) {
            throw new BackupException(
                    Kind.SOURCE,
                    target,
                    "the dump does not end with '" + new String(expected, StandardCharsets.UTF_8)
                            + "': it is cut short, or its program gave up" + lastWords,
                    "see what the program says when it is run by hand, mend that, and run again");
        }
    }

    private boolean isReached() {
        int end = length;
        while (end > 0 && tail[end - 1] <= ' ' && tail[end - 1] >= 0) {
            end--;
        }
        int begin = end;
        while (begin > 0 && tail[begin - 1] != '\n') {
            begin--;
        }
        int until = Math.min(end, begin + expected.length);
        return Arrays.equals(Arrays.copyOfRange(tail, begin, until), expected);
    }

    /** Leaves the stream below open. */
    @Override
    public void close() throws IOException {
        flush();
    }
}
