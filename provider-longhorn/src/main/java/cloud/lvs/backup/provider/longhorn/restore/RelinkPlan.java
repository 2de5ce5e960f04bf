package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.cluster.ObjectMetadata;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a volume is given back to its claim, noted at the restored volume before each step: whoever comes after a relink that was
 * killed can finish it, or take it back.
 *
 * @param state how far it is
 * @param backup what the volume is restored from
 * @param namespace of the claim
 * @param claim its name
 * @param persistentVolume the one made for the restored volume
 * @param policy what the reclaim policy of that is to be in the end
 * @param workloads what was scaled down, with the replicas that it had
 * @param claimBefore the claim as it was, or null if there was none
 * @param claimUidBefore which one it was; empty if there was none
 * @param persistentVolumeBefore the one that the claim was bound to; empty if there was none
 * @param policyBefore what the reclaim policy of that was
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record RelinkPlan(
        State state,
        String backup,
        String namespace,
        String claim,
        String persistentVolume,
        String policy,
        List<ScaledWorkload> workloads,
        @Nullable JsonNode claimBefore,
        String claimUidBefore,
        String persistentVolumeBefore,
        String policyBefore) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How far a relink is. */
    enum State {
        /** The volume is being restored; nothing else was touched. */
        RESTORING,
        /** The claim may be the one before, the new one, or neither. */
        SWAPPING,
        /** The claim is bound to the restored volume; the workloads may still be scaled down. */
        BOUND,
        /** All of it is done. */
        DONE,
        /** The claim has its earlier volume back. */
        UNDONE
    }

    RelinkPlan {
        workloads = List.copyOf(workloads);
    }

    /** Before anything is known but what is restored, and for whom. */
    static RelinkPlan restoring(String backup, ClaimName claim, String persistentVolume, String policy) {
        return new RelinkPlan(
                State.RESTORING,
                backup,
                claim.namespace(),
                claim.name(),
                persistentVolume,
                policy,
                List.of(),
                null,
                "",
                "",
                "");
    }

    RelinkPlan swapping(
            List<ScaledWorkload> users, @Nullable ObjectNode currentClaim, String currentVolume, String currentPolicy) {
        return new RelinkPlan(
                State.SWAPPING,
                backup,
                namespace,
                claim,
                persistentVolume,
                policy,
                users,
                currentClaim == null ? null : ClaimManifests.again(currentClaim),
                currentClaim == null
                        ? ""
                        : currentClaim.path("metadata").path("uid").asText(),
                currentVolume,
                currentPolicy);
    }

    RelinkPlan in(State next) {
        return new RelinkPlan(
                next,
                backup,
                namespace,
                claim,
                persistentVolume,
                policy,
                workloads,
                claimBefore,
                claimUidBefore,
                persistentVolumeBefore,
                policyBefore);
    }

    ClaimName claimName() {
        return new ClaimName(namespace, claim);
    }

    /** The plan of a volume; empty if it has none. */
    static Optional<RelinkPlan> of(ObjectMetadata volume) throws BackupException {
        String json = volume.annotations().getOrDefault(RestoreMarks.PLAN, "");
        if (json.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(json, RelinkPlan.class));
        } catch (JsonProcessingException e) {
            throw new BackupException(
                    Kind.SOURCE,
                    "volume " + volume.name(),
                    "its annotation " + RestoreMarks.PLAN + " cannot be read",
                    "mend by hand what it says, then remove the label " + RestoreMarks.PURPOSE,
                    e);
        }
    }

    String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The merge patch that notes it. */
    ObjectNode patch() {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.withObject("/metadata/annotations").put(RestoreMarks.PLAN, json());
        return patch;
    }
}
