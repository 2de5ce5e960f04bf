package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who else may scale a workload or make a claim again while it is relinked, told by the marks that they leave. Whether they are
 * suspended already does not show there.
 *
 * @param cluster where workloads are looked at
 */
record OtherHands(Cluster cluster) {
    /** What to suspend, one sentence each. */
    List<String> of(ClaimName claim, List<ScaledWorkload> workloads) throws BackupException, InterruptedException {
        Set<String> hands = new LinkedHashSet<>();
        cluster.find(ResourceType.CLAIM, claim.namespace(), claim.name())
                .ifPresent(object -> hands.addAll(marks("claim " + claim, object)));
        for (ScaledWorkload workload : workloads) {
            Optional<ObjectNode> found = cluster.find(workload.type(), claim.namespace(), workload.name());
            if (found.isPresent()) {
                hands.addAll(marks(workload.toString(), found.get()));
                owner(workload, found.get()).ifPresent(hands::add);
            }
        }
        hands.addAll(autoscalers(claim.namespace(), workloads));
        return List.copyOf(hands);
    }

    private static Set<String> marks(String subject, ObjectNode object) {
        Set<String> hands = new LinkedHashSet<>();
        JsonNode labels = object.path("metadata").path("labels");
        JsonNode annotations = object.path("metadata").path("annotations");
        String kustomization = labels.path("kustomize.toolkit.fluxcd.io/name").asText("");
        if (!kustomization.isEmpty()) {
            hands.add(subject + " is kept by Flux: flux suspend kustomization " + kustomization + " -n "
                    + labels.path("kustomize.toolkit.fluxcd.io/namespace").asText("flux-system"));
        }
        String release = labels.path("helm.toolkit.fluxcd.io/name").asText("");
        if (!release.isEmpty()) {
            hands.add(subject + " is kept by Flux: flux suspend helmrelease " + release + " -n "
                    + labels.path("helm.toolkit.fluxcd.io/namespace").asText("flux-system"));
        }
        String tracking = annotations.path("argocd.argoproj.io/tracking-id").asText("");
        String application = tracking.isEmpty()
                ? labels.path("argocd.argoproj.io/instance").asText("")
                : tracking.substring(0, Math.max(0, tracking.indexOf(':')));
        if (!application.isEmpty()) {
            hands.add(subject + " is kept by Argo CD: argocd app set " + application + " --sync-policy none");
        }
        return hands;
    }

    private static Optional<String> owner(ScaledWorkload workload, ObjectNode object) {
        for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean(false)) {
                return Optional.of(workload + " is kept by an operator for "
                        + owner.path("kind").asText() + " " + owner.path("name").asText()
                        + ": pause that, or scale the operator down");
            }
        }
        return Optional.empty();
    }

    private Set<String> autoscalers(String namespace, List<ScaledWorkload> workloads)
            throws BackupException, InterruptedException {
        Set<String> hands = new LinkedHashSet<>();
        try {
            for (ObjectNode autoscaler : cluster.list(ResourceType.AUTOSCALER, namespace, Map.of())) {
                JsonNode target = autoscaler.path("spec").path("scaleTargetRef");
                for (ScaledWorkload workload : workloads) {
                    if (target.path("kind").asText().equals(workload.kind())
                            && target.path("name").asText().equals(workload.name())) {
                        hands.add(workload + " is scaled by HorizontalPodAutoscaler "
                                + autoscaler.path("metadata").path("name").asText()
                                + ": it rests while there are 0 replicas, unless something else scales up");
                    }
                }
            }
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS && e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            // Nothing depends on them: a hand that scales up is seen when it does.
        }
        return hands;
    }
}
