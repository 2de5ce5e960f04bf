package cloud.lvs.backup.core.report;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object; its members keep their order. Not thread-safe. */
public final class JsonObject {
    private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

    /**
     * Adds a member, or replaces it where it stands.
     *
     * @param value null, a boolean, a number, a {@code JsonObject}, or a map or list of such; an {@link Instant} becomes a text to
     *     the second, everything else its {@code toString()}
     */
    public JsonObject put(String name, @Nullable Object value) {
        members.put(name, plain(value));
        return this;
    }

    /** The members as nulls, booleans, numbers, texts, maps and lists, for another JSON library; a view that cannot be changed. */
    public Map<String, @Nullable Object> asMap() {
        return Collections.unmodifiableMap(members);
    }

    /** The object as indented JSON, without a line end behind it. No secret is masked. */
    @Override
    public String toString() {
        return toString(new Redactions());
    }

    /** As above, with these secrets masked. */
    public String toString(Redactions secrets) {
        return new JsonWriter(secrets).json(this);
    }

    static @Nullable Object plain(@Nullable Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            return value;
        }
        if (value instanceof JsonObject object) {
            return object.asMap();
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> plain = new LinkedHashMap<>();
            map.forEach((name, member) -> plain.put(String.valueOf(name), plain(member)));
            return Collections.unmodifiableMap(plain);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> plain = new ArrayList<>();
            list.forEach(element -> plain.add(plain(element)));
            return Collections.unmodifiableList(plain);
        }
        return value instanceof Instant time
                ? time.truncatedTo(ChronoUnit.SECONDS).toString()
                : value.toString();
    }
}
