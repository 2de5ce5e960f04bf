package cloud.lvs.backup.provider.k3s.objects;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes values as the API server stores them, and others that it would not. */
public final class StoredValue {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** An object in its envelope. */
    public static byte[] of(String apiVersion, String kind, byte[] object) {
        byte[] type = new StoredValue().text(1, apiVersion).text(2, kind).bytes();
        StoredValue value = new StoredValue();
        value.bytes.writeBytes(new byte[] {'k', '8', 's', 0});
        return value.field(1, type).field(2, object).text(3, "").text(4, "").bytes();
    }

    /** The metadata of an object, which is its field 1. */
    public static StoredValue named(String name, String namespace) {
        return new StoredValue()
                .field(
                        1,
                        new StoredValue()
                                .text(1, name)
                                .text(2, "")
                                .text(3, namespace)
                                .bytes());
    }

    public StoredValue field(int number, byte[] content) {
        varint(number << 3 | WireReader.BYTES);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    public StoredValue text(int number, String text) {
        return field(number, text.getBytes(StandardCharsets.UTF_8));
    }

    public StoredValue number(int number, long value) {
        varint(number << 3);
        return varint(value);
    }

    public StoredValue varint(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes.write((int) (left & 0x7f) | 0x80);
            left >>>= 7;
        }
        bytes.write((int) left);
        return this;
    }

    public byte[] bytes() {
        return bytes.toByteArray();
    }
}
