package cloud.lvs.backup.provider.k3s.decoding;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads protobuf's wire format (Protocol Buffers documentation, "Encoding") from a part of an array. Never reads beyond it,
 * whatever the lengths in it say, and copies nothing.
 */
final class WireReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final int MAX_VARINT_BYTES = 10;

    private final byte[] bytes;
    private final int end;
    private int position;

    private WireReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.position = from;
        this.end = end;
    }

    /** Reads an array from {@code from} to its end. */
    static WireReader of(byte[] bytes, int from) {
        return new WireReader(bytes, from, bytes.length);
    }

    /** Reads nothing. */
    static WireReader empty() {
        return new WireReader(new byte[0], 0, 0);
    }

    boolean hasMore() {
        return position < end;
    }

    int length() {
        return end - position;
    }

    /** The next field's number and wire type: {@code number << 3 | type}. */
    int tag() throws UndecodableValueException {
        long tag = varint();
        if (tag < 8 || tag > 0xffff_ffffL) {
            throw damaged("has a field without a number");
        }
        return (int) tag;
    }

    long varint() throws UndecodableValueException {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            if (position == end) {
                throw damaged("is cut short");
            }
            byte next = bytes[position++];
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("has a number that does not end");
    }

    double fixed64() throws UndecodableValueException {
        require(8);
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value |= (bytes[position++] & 0xffL) << (8 * i);
        }
        return Double.longBitsToDouble(value);
    }

    /** What the next length and as many bytes hold. */
    WireReader nested() throws UndecodableValueException {
        long length = varint();
        if (length < 0 || length > end - position) {
            throw damaged("has a field longer than what is left of it");
        }
        int from = position;
        position += (int) length;
        return new WireReader(bytes, from, position);
    }

    /** All that is left. */
    byte[] remaining() {
        byte[] rest = Arrays.copyOfRange(bytes, position, end);
        position = end;
        return rest;
    }

    /** All that is left, as text. */
    String text() {
        String text = new String(bytes, position, end - position, StandardCharsets.UTF_8);
        position = end;
        return text;
    }

    /** Passes over a field. */
    void skip(int tag) throws UndecodableValueException {
        switch (tag & 7) {
            case VARINT -> varint();
            case FIXED64 -> require(8, 8);
            case BYTES -> nested();
            case FIXED32 -> require(4, 4);
            default -> throw damaged("has a field of a wire type that Kubernetes does not write");
        }
    }

    private void require(int count) throws UndecodableValueException {
        if (end - position < count) {
            throw damaged("is cut short");
        }
    }

    private void require(int count, int passed) throws UndecodableValueException {
        require(count);
        position += passed;
    }

    private static UndecodableValueException damaged(String what) {
        return UndecodableValueException.damaged("is not whole: its protobuf " + what);
    }
}
