package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which of the chosen objects a controller makes again when the others are there. */
final class OwnedObjects {
    /** What Kubernetes' own controllers make, and of what. Operators' objects may hold what nothing makes again. */
    private static final Map<String, Set<String>> MAKERS = Map.of(
            "Pod", Set.of("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"),
            "ReplicaSet", Set.of("Deployment"),
            "Job", Set.of("CronJob"),
            "ControllerRevision", Set.of("StatefulSet", "DaemonSet"),
            "EndpointSlice", Set.of("Service", "Endpoints"));

    private final Set<String> chosen = new HashSet<>();

    OwnedObjects(List<ObjectRef> objects) {
        for (ObjectRef object : objects) {
            chosen.add(id(object.type().kind(), object.namespace(), object.name()));
        }
    }

    private static String id(String kind, String namespace, String name) {
        return kind + "/" + namespace + "/" + name;
    }

    /** Whether an object may be one of them; if not, it need not be decoded to tell. */
    static boolean mayBeOwned(ObjectRef object) {
        return MAKERS.containsKey(object.type().kind())
                || object.type().kind().equals("Endpoints")
                || object.type().kind().equals("IPAddress")
                || isRootCertificate(object);
    }

    /** What makes the object again, in words; empty if nothing does. */
    Optional<String> maker(ObjectRef object, StoredObject stored) {
        if (isRootCertificate(object)) {
            return Optional.of("Kubernetes, in every namespace");
        }
        String kind = object.type().kind();
        if (kind.equals("IPAddress")) {
            return Optional.of("Kubernetes, for each Service");
        }
        if (kind.equals("Endpoints") && chosen.contains(id("Service", object.namespace(), object.name()))) {
            return Optional.of("Service " + object.name());
        }
        for (JsonNode owner : stored.metadata().path("ownerReferences")) {
            String ownerKind = owner.path("kind").asText();
            String ownerName = owner.path("name").asText();
            if (owner.path("controller").asBoolean()
                    && MAKERS.getOrDefault(kind, Set.of()).contains(ownerKind)
                    && chosen.contains(id(ownerKind, object.namespace(), ownerName))) {
                return Optional.of(ownerKind + " " + ownerName);
            }
        }
        return Optional.empty();
    }

    private static boolean isRootCertificate(ObjectRef object) {
        return object.type().kind().equals("ConfigMap") && object.name().equals("kube-root-ca.crt");
    }
}
