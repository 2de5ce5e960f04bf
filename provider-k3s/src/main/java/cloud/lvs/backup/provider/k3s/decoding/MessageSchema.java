package cloud.lvs.backup.provider.k3s.decoding;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A message of Kubernetes' protobuf.
 *
 * @param name e.g. {@code core.v1.Pod}
 * @param fields in the order in which they are written as JSON
 * @param byNumber the same, by their numbers
 */
record MessageSchema(String name, List<FieldSchema> fields, Map<Integer, FieldSchema> byNumber) {
    static MessageSchema of(String name, List<FieldSchema> fields) {
        return new MessageSchema(
                name,
                List.copyOf(fields),
                fields.stream().collect(Collectors.toUnmodifiableMap(FieldSchema::number, Function.identity())));
    }
}
