package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Moves the objects of one kind one step on, whenever one changed and at each resync. */
public interface Controller {
    /** The kind it looks after. */
    ResourceType type();

    /** Looks at one object that is there. */
    void reconcile(ObjectKey key, ObjectNode object);

    /** Told that an object is gone. */
    default void gone(ObjectKey key, ObjectNode last) {}
}
