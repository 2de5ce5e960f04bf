package cloud.lvs.backup.provider.k3s.objects;

import java.util.List;
import java.util.Set;

/**
 * What patterns chose.
 *
 * @param objects in the order in which they are to be applied
 * @param leftOut what only a glob would bring, and that is rarely wanted: Secrets, Events
 * @param namespacesMissing namespaces of objects that are not in the backup themselves
 */
record ObjectSelection(List<ObjectRef> objects, List<ObjectRef> leftOut, Set<String> namespacesMissing) {
    ObjectSelection {
        objects = List.copyOf(objects);
        leftOut = List.copyOf(leftOut);
        namespacesMissing = Set.copyOf(namespacesMissing);
    }
}
