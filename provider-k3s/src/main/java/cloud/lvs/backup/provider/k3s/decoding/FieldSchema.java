package cloud.lvs.backup.provider.k3s.decoding;

import java.util.Set;

/**
 * A field of a message, and how the API server writes it as JSON.
 *
 * @param number in protobuf
 * @param name in JSON
 * @param shape whether it is one value or many
 * @param type what its values are
 * @param message the name of their message; empty unless {@link ValueType#MESSAGE}
 * @param traits when it is written
 */
record FieldSchema(int number, String name, Shape shape, ValueType type, String message, Set<Trait> traits) {
    /** Whether a field is one value or many. */
    enum Shape {
        SINGLE,
        LIST,
        MAP
    }

    /** What a value is. */
    enum ValueType {
        STRING,
        BYTES,
        BOOL,
        INT,
        DOUBLE,
        TIME,
        MICROTIME,
        DURATION,
        QUANTITY,
        INTORSTRING,
        /** JSON as bytes: FieldsV1, RawExtension. */
        JSON,
        /** A list of strings that is a message of its own. */
        ITEMS,
        MESSAGE
    }

    /** What Go's types and tags say of a field. */
    enum Trait {
        /** Absent and empty differ. */
        POINTER,
        OMITEMPTY,
        OMITZERO,
        /** Its own fields stand among those of the message that holds it. */
        INLINE
    }

    boolean is(Trait trait) {
        return traits.contains(trait);
    }
}
