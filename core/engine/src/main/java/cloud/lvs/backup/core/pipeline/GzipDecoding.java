package cloud.lvs.backup.core.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads gzip members (RFC 1952) one after the other up to the end of the stream.
 *
 * <p>Instead of {@link java.util.zip.GZIPInputStream}, which ends silently where a further member does not parse, or where
 * the stream below happens to have nothing {@linkplain InputStream#available available}.
 */
final class GzipDecoding extends DecodingStream {
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] input = new byte[64 << 10];
    private int position;
    private int limit;
    private boolean seenMember;
    private boolean inMember;

    GzipDecoding(InputStream stored, String target) {
        super(stored, target);
    }

    @Override
    int decode(byte[] bytes, int offset, int length) throws IOException {
        while (true) {
            if (!inMember && !beginMember()) {
                return -1;
            }
            int count = inflate(bytes, offset, length);
            if (count > 0) {
                crc.update(bytes, offset, count);
                return count;
            }
            if (inflater.finished()) {
                endMember();
            } else if (inflater.needsInput()) {
                if (!fill()) {
                    throw cut();
                }
                inflater.setInput(input, position, limit - position);
            } else {
                throw damaged("is not valid gzip: asks for a dictionary", null);
            }
        }
    }

    private int inflate(byte[] bytes, int offset, int length) throws IOException {
        try {
            return inflater.inflate(bytes, offset, length);
        } catch (DataFormatException e) {
            throw damaged("is not valid gzip: " + e.getMessage(), e);
        }
    }

    private boolean beginMember() throws IOException {
        if (position == limit && !fill()) {
            if (!seenMember) {
                throw cut();
            }
            return false;
        }
        crc.reset();
        if (headerByte() != 0x1f || headerByte() != 0x8b || headerByte() != 8) {
            throw damaged(
                    seenMember ? "goes on after its gzip data with something else" : "is not gzip: no such header",
                    null);
        }
        int flags = headerByte();
        if ((flags & RESERVED) != 0) {
            throw damaged("is not valid gzip: reserved flags are set", null);
        }
        skipHeader(6);
        if ((flags & EXTRA) != 0) {
            skipHeader(headerByte() | headerByte() << 8);
        }
        if ((flags & NAME) != 0) {
            skipHeaderText();
        }
        if ((flags & COMMENT) != 0) {
            skipHeaderText();
        }
        if ((flags & HEADER_CRC) != 0) {
            long expected = crc.getValue() & 0xffff;
            if ((headerByte() | headerByte() << 8) != expected) {
                throw damaged("is not valid gzip: the header's checksum does not match", null);
            }
        }
        seenMember = true;
        inMember = true;
        crc.reset();
        inflater.reset();
        inflater.setInput(input, position, limit - position);
        return true;
    }

    private void endMember() throws IOException {
        position = limit - inflater.getRemaining();
        if (trailerWord() != crc.getValue()) {
            throw damaged("its gzip checksum does not match", null);
        }
        if (trailerWord() != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw damaged("its gzip length does not match", null);
        }
        inMember = false;
    }

    private void skipHeader(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            headerByte();
        }
    }

    private void skipHeaderText() throws IOException {
        int character = headerByte();
        while (character != 0) {
            character = headerByte();
        }
    }

    private int headerByte() throws IOException {
        int next = nextByte();
        crc.update(next);
        return next;
    }

    private long trailerWord() throws IOException {
        long word = 0;
        for (int i = 0; i < 4; i++) {
            word |= (long) nextByte() << (8 * i);
        }
        return word;
    }

    private int nextByte() throws IOException {
        if (position == limit && !fill()) {
            throw cut();
        }
        return input[position++] & 0xff;
    }

    private boolean fill() throws IOException {
        int count = stored.read(input, 0, input.length);
        position = 0;
        limit = Math.max(count, 0);
        return count > 0;
    }

    private IOException cut() {
        return damaged("ends inside its gzip data", null);
    }

    @Override
    void release() {
        inflater.end();
    }
}
