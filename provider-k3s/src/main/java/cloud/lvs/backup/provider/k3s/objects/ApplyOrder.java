package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.objects.ResourceType.Origin;
import cloud.lvs.backup.provider.k3s.objects.ResourceType.Scope;
import java.util.Comparator;
import java.util.List;

/** The order in which objects are applied, so that what is needed is there before what needs it. */
final class ApplyOrder {
    private static final List<String> FIRST = List.of(
            "customresourcedefinitions",
            "namespaces",
            "priorityclasses",
            "storageclasses",
            "persistentvolumes",
            "serviceaccounts",
            "networkpolicies",
            "secrets",
            "configmaps",
            "persistentvolumeclaims",
            "clusterroles",
            "clusterrolebindings",
            "roles",
            "rolebindings",
            "services");
    private static final List<String> LAST = List.of(
            "pods",
            "replicationcontrollers",
            "replicasets",
            "deployments",
            "statefulsets",
            "daemonsets",
            "jobs",
            "cronjobs",
            "poddisruptionbudgets",
            "horizontalpodautoscalers",
            "ingresses",
            "events",
            // What changes or refuses new objects, or asks workloads about them, comes when all are there.
            "limitranges",
            "resourcequotas",
            "apiservices",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations");

    static final Comparator<ObjectRef> COMPARATOR = Comparator.<ObjectRef>comparingInt(object -> rank(object.type()))
            .thenComparing(object -> object.type().qualified())
            .thenComparing(ObjectRef::namespace)
            .thenComparing(ObjectRef::name)
            .thenComparing(ObjectRef::key);

    private ApplyOrder() {}

    private static int rank(ResourceType type) {
        if (type.origin() != Origin.KUBERNETES) {
            return FIRST.size() + (type.origin() == Origin.DEFINITION ? 2 : 3 + LAST.size());
        }
        int first = FIRST.indexOf(type.plural());
        if (first >= 0) {
            return first;
        }
        int last = LAST.indexOf(type.plural());
        if (last >= 0) {
            return FIRST.size() + 3 + last;
        }
        return type.scope() == Scope.CLUSTER ? FIRST.size() : FIRST.size() + 1;
    }
}
