package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Writing, reading and listing in one line each. */
final class TestObjects {
    /** Large enough to be sent in three parts of 5 MiB. */
    static final int LARGE = 11 << 20;

    private TestObjects() {}

    static ObjectKey key(String key) {
        return new ObjectKey(key);
    }

    static StoredObject put(Sink sink, String key, String text) throws IOException, InterruptedException {
        return put(sink, key, text.getBytes(StandardCharsets.UTF_8));
    }

    static StoredObject put(Sink sink, String key, byte[] content) throws IOException, InterruptedException {
        try (ObjectWriter writer = sink.create(key(key), Map.of())) {
            writer.body().write(content);
            return writer.commit();
        }
    }

    static byte[] read(Sink sink, String key) throws IOException, InterruptedException {
        try (InputStream in = sink.open(key(key))) {
            return in.readAllBytes();
        }
    }

    static List<String> keys(Sink sink) throws IOException, InterruptedException {
        try (Stream<StoredObject> listing = sink.list("")) {
            return listing.map(StoredObject::key).toList();
        }
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
