package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ObjectKey;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was adopted, or would be.
 *
 * @param job the job's name
 * @param candidates every group of objects that matched, then every record that the source offers; each oldest first
 * @param leftOut objects that look as if they belonged to one, and do not
 */
public record AdoptReport(String job, List<Candidate> candidates, List<LeftOut> leftOut) {
    /** What became of a candidate. */
    public enum State {
        ADOPTED,
        PLANNED,
        /** A run, or an earlier adopt, has claimed it. */
        CLAIMED,
        /** It does not hold what it should. */
        REFUSED,
        /** The program that makes it has not finished it; told, and no refusal. */
        IN_PROGRESS,
        /** The program that makes it will never finish it; told, and no refusal. */
        FAILED
    }

    /**
     * @param id the backup it becomes
     * @param keys its objects
     * @param state what became of it
     * @param reason why it was refused, or what to know about it; may be empty
     * @param facts what its source tells of it, e.g. {@code volume → pvc-0b1f}; may be empty
     */
    public record Candidate(BackupId id, List<ObjectKey> keys, State state, String reason, Map<String, String> facts) {
        public Candidate {
            keys = List.copyOf(keys);
            facts = Collections.unmodifiableMap(new TreeMap<>(facts));
        }

        /** A candidate that its source tells nothing of. */
        public Candidate(BackupId id, List<ObjectKey> keys, State state, String reason) {
            this(id, keys, state, reason, Map.of());
        }
    }

    /**
     * @param key the object
     * @param reason why it is left out
     */
    public record LeftOut(ObjectKey key, String reason) {}
}
