package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What became of one object.
 *
 * @param version the resource version of the change
 * @param before the object before, empty when it was made
 * @param after the object after, empty when it went
 */
public record Change(long version, ObjectKey key, Optional<ObjectNode> before, Optional<ObjectNode> after) {
    /** The object as it is now, or as it was last. */
    public ObjectNode latest() {
        return after.or(() -> before).orElseThrow();
    }
}
