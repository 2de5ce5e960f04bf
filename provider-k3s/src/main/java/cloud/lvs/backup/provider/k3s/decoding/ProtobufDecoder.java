package cloud.lvs.backup.provider.k3s.decoding;

import cloud.lvs.backup.provider.k3s.decoding.FieldSchema.Shape;
import cloud.lvs.backup.provider.k3s.decoding.FieldSchema.Trait;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes of one protobuf message the JSON that Go writes for it: what is unset and empty included, in the order of its fields. */
final class ProtobufDecoder {
    private static final int MAX_DEPTH = 100;
    /** Far above what fits into a request to an API server (3 MiB), and little enough for a small heap. */
    private static final int MAX_NODES = 500_000;

    private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);

    private final KubernetesSchema schema;
    private final JsonDecoder json;
    private final Deque<String> path = new ArrayDeque<>();
    private UnknownFields unknown = UnknownFields.NONE;
    private int nodes;

    ProtobufDecoder(KubernetesSchema schema, JsonDecoder json) {
        this.schema = schema;
        this.json = json;
    }

    /** The fields that were passed over so far. */
    UnknownFields unknown() {
        return unknown;
    }

    /** What the rest of {@code in} holds. */
    ObjectNode decode(WireReader in, MessageSchema message) throws UndecodableValueException {
        if (path.size() > MAX_DEPTH) {
            throw UndecodableValueException.damaged("is nested deeper than any that Kubernetes knows");
        }
        Map<FieldSchema, JsonNode> found = read(in, message);
        ObjectNode object = NODES.objectNode();
        for (FieldSchema field : message.fields()) {
            write(field, found.get(field), object);
        }
        return object;
    }

    // Reading

    private Map<FieldSchema, JsonNode> read(WireReader in, MessageSchema message) throws UndecodableValueException {
        Map<FieldSchema, JsonNode> found = new HashMap<>();
        Map<FieldSchema, TreeMap<String, JsonNode>> maps = new HashMap<>();
        while (in.hasMore()) {
            int tag = in.tag();
            FieldSchema field = message.byNumber().get(tag >>> 3);
            if (field == null) {
                unknown = unknown.with(place() + "field " + (tag >>> 3));
                in.skip(tag);
                continue;
            }
            path.addLast(field.name());
            switch (field.shape()) {
                case SINGLE -> found.put(field, value(in, tag & 7, field));
                case LIST ->
                    addTo((ArrayNode) found.computeIfAbsent(field, key -> NODES.arrayNode()), in, tag & 7, field);
                case MAP -> putInto(maps.computeIfAbsent(field, key -> new TreeMap<>()), in, tag & 7, field);
            }
            path.removeLast();
        }
        maps.forEach((field, entries) -> found.put(field, NODES.objectNode().setAll(entries)));
        return found;
    }

    private void addTo(ArrayNode list, WireReader in, int wireType, FieldSchema field)
            throws UndecodableValueException {
        boolean number = switch (field.type()) {
            case INT, BOOL -> true;
            default -> false;
        };
        if (!number || wireType != WireReader.BYTES) {
            list.add(value(in, wireType, field));
            return;
        }
        for (WireReader packed = in.nested(); packed.hasMore(); ) {
            list.add(value(packed, WireReader.VARINT, field));
        }
    }

    private void putInto(TreeMap<String, JsonNode> entries, WireReader in, int wireType, FieldSchema field)
            throws UndecodableValueException {
        require(wireType, WireReader.BYTES, field);
        WireReader entry = in.nested();
        String key = "";
        JsonNode value = null;
        while (entry.hasMore()) {
            int tag = entry.tag();
            if (tag == (1 << 3 | WireReader.BYTES)) {
                key = entry.nested().text();
            } else if (tag >>> 3 == 2) {
                value = value(entry, tag & 7, field);
            } else {
                unknown = unknown.with(place() + "field " + (tag >>> 3));
                entry.skip(tag);
            }
        }
        entries.put(key, value == null ? empty(field) : value);
    }

    private JsonNode value(WireReader in, int wireType, FieldSchema field) throws UndecodableValueException {
        count();
        switch (field.type()) {
            case INT, BOOL -> {
                require(wireType, WireReader.VARINT, field);
                long number = in.varint();
                return field.type() == FieldSchema.ValueType.BOOL
                        ? NODES.booleanNode(number != 0)
                        : NODES.numberNode(number);
            }
            case DOUBLE -> {
                require(wireType, WireReader.FIXED64, field);
                return NODES.numberNode(in.fixed64());
            }
            default -> {
                require(wireType, WireReader.BYTES, field);
                return nested(in.nested(), field);
            }
        }
    }

    private JsonNode nested(WireReader in, FieldSchema field) throws UndecodableValueException {
        return switch (field.type()) {
            case STRING -> NODES.textNode(in.text());
            case BYTES -> NODES.textNode(Base64.getEncoder().encodeToString(in.remaining()));
            case TIME -> time(WellKnownValues.time(in));
            case MICROTIME -> time(WellKnownValues.microTime(in));
            case DURATION -> NODES.textNode(WellKnownValues.duration(in));
            case QUANTITY -> quantity(WellKnownValues.text(in));
            case INTORSTRING -> intOrString(in);
            case JSON -> embedded(WellKnownValues.bytes(in));
            case ITEMS -> items(in);
            case MESSAGE -> decode(in, schema.message(field.message()));
            case INT, BOOL, DOUBLE -> throw new IllegalStateException(field.name() + " is a number");
        };
    }

    private static JsonNode time(String text) {
        return text.isEmpty() ? NODES.nullNode() : NODES.textNode(text);
    }

    private static JsonNode quantity(String text) {
        return NODES.textNode(text.isEmpty() ? "0" : text);
    }

    private JsonNode intOrString(WireReader in) throws UndecodableValueException {
        long type = 0;
        long number = 0;
        String text = "";
        while (in.hasMore()) {
            int tag = in.tag();
            switch (tag) {
                case 1 << 3 -> type = in.varint();
                case 2 << 3 -> number = in.varint();
                case 3 << 3 | WireReader.BYTES -> text = in.nested().text();
                default -> {
                    unknown = unknown.with(place() + "field " + (tag >>> 3));
                    in.skip(tag);
                }
            }
        }
        return type == 1 ? NODES.textNode(text) : NODES.numberNode(number);
    }

    private JsonNode embedded(WireReader in) throws UndecodableValueException {
        if (!in.hasMore()) {
            return NODES.nullNode();
        }
        JsonNode value = json.any(in.remaining());
        nodes += JsonDecoder.size(value);
        return value;
    }

    private JsonNode items(WireReader in) throws UndecodableValueException {
        ArrayNode items = NODES.arrayNode();
        while (in.hasMore()) {
            int tag = in.tag();
            if (tag == (1 << 3 | WireReader.BYTES)) {
                count();
                items.add(in.nested().text());
            } else {
                in.skip(tag);
            }
        }
        return items;
    }

    private void require(int wireType, int expected, FieldSchema field) throws UndecodableValueException {
        if (wireType != expected) {
            throw UndecodableValueException.damaged("is not whole: its field " + String.join(".", path) + " ("
                    + field.number() + ") is not of the type that it has in Kubernetes " + schema.version());
        }
    }

    private void count() throws UndecodableValueException {
        if (++nodes > MAX_NODES) {
            throw UndecodableValueException.damaged(
                    "has more than " + MAX_NODES + " values, which no API server takes for one object");
        }
    }

    private String place() {
        return path.isEmpty() ? "" : String.join(".", path) + " ";
    }

    // Writing

    private void write(FieldSchema field, @Nullable JsonNode value, ObjectNode object)
            throws UndecodableValueException {
        if (field.is(Trait.INLINE)) {
            if (value != null || !field.is(Trait.POINTER)) {
                ObjectNode own = (ObjectNode) (value == null ? empty(field) : value);
                for (Iterator<Map.Entry<String, JsonNode>> each = own.fields(); each.hasNext(); ) {
                    Map.Entry<String, JsonNode> entry = each.next();
                    object.set(entry.getKey(), entry.getValue());
                }
            }
            return;
        }
        boolean nullable = field.shape() != Shape.SINGLE
                || field.is(Trait.POINTER)
                || field.type() == FieldSchema.ValueType.BYTES
                || field.type() == FieldSchema.ValueType.ITEMS;
        if (value == null && nullable) {
            if (!field.is(Trait.OMITEMPTY)) {
                object.putNull(field.name());
            }
            return;
        }
        JsonNode written = value == null ? empty(field) : value;
        if (!nullable && isOmitted(field, written)) {
            return;
        }
        if (nullable && !field.is(Trait.POINTER) && field.is(Trait.OMITEMPTY) && isEmpty(written)) {
            return;
        }
        object.set(field.name(), written);
    }

    /** Go's {@code omitempty} knows empty numbers and texts, but no empty struct; {@code omitzero} knows that too. */
    private boolean isOmitted(FieldSchema field, JsonNode value) throws UndecodableValueException {
        if (field.is(Trait.OMITEMPTY)) {
            switch (field.type()) {
                case STRING, BOOL, INT, DOUBLE -> {
                    return value.equals(empty(field));
                }
                default -> {}
            }
        }
        return field.is(Trait.OMITZERO) && value.equals(empty(field));
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isTextual() ? value.textValue().isEmpty() : value.isEmpty();
    }

    /** What Go writes for a value that was never set. */
    private JsonNode empty(FieldSchema field) throws UndecodableValueException {
        count();
        return switch (field.type()) {
            case STRING -> NODES.textNode("");
            case BOOL -> NODES.booleanNode(false);
            case INT -> NODES.numberNode(0L);
            case DOUBLE -> NODES.numberNode(0.0);
            case BYTES, ITEMS -> NODES.nullNode();
            default -> nested(WireReader.empty(), field);
        };
    }
}
