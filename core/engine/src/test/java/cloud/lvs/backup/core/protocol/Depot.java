package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.contract.InMemorySink;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** A sink's objects, with a hash over them that changes whenever they do. */
final class Depot {
    private final String name;
    private final InMemorySink sink;
    private final Map<String, Long> parts;
    private long hash;

    Depot(String name, InMemorySink sink) {
        this(name, sink, new HashMap<>(), 0);
    }

    private Depot(String name, InMemorySink sink, Map<String, Long> parts, long hash) {
        this.name = name;
        this.sink = sink;
        this.parts = parts;
        this.hash = hash;
    }

    String name() {
        return name;
    }

    InMemorySink sink() {
        return sink;
    }

    Depot copy() {
        return new Depot(name, sink.copy(), new HashMap<>(parts), hash);
    }

    void wasPut(String key, long content, Instant at) {
        long part = mix(mix(key.hashCode(), content), at.getEpochSecond());
        Long before = parts.put(key, part);
        hash ^= part ^ (before == null ? 0 : before);
    }

    void wasDeleted(String key) {
        Long before = parts.remove(key);
        hash ^= before == null ? 0 : before;
    }

    long partOf(String key) {
        return parts.getOrDefault(key, 0L);
    }

    long hash() {
        return mix(hash, sink.unfinished().hashCode());
    }

    static long mix(long a, long b) {
        long x = (a ^ (b + 0x9E3779B97F4A7C15L + (a << 6) + (a >>> 2))) * 0xBF58476D1CE4E5B9L;
        x ^= x >>> 29;
        x *= 0x94D049BB133111EBL;
        return x ^ (x >>> 32);
    }
}
