package cloud.lvs.backup.provider.k3s.objects;

import java.util.List;
import java.util.Set;

/**
 * What patterns chose.
 *
 * @param objects in the order in which they are to be applied
 * @param secretsLeftOut Secrets that only a glob would bring
 * @param namespacesMissing namespaces of objects that are not in the backup themselves
 */
record ObjectSelection(List<ObjectRef> objects, List<ObjectRef> secretsLeftOut, Set<String> namespacesMissing) {
    ObjectSelection {
        objects = List.copyOf(objects);
        secretsLeftOut = List.copyOf(secretsLeftOut);
        namespacesMissing = Set.copyOf(namespacesMissing);
    }
}
